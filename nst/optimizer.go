package nst

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
)

// Optimizer is a method of optimisation.
type Optimizer int

const (
	// LBFGS takes the fewest evaluations. Each scale starts without memory of the
	// one before: its pairs, enlarged, were measured to be of no use
	// (docs/pyramid.md).
	LBFGS Optimizer = iota
	// Adam takes steps of a set length, and less memory. The picture is an average
	// of those it passes through, and its running means are carried over to the
	// next scale.
	Adam
)

// method returns the optimiser of the options, at the start of its run.
func (p *pyramid) method() optim.Method {
	if p.opt.Optimizer == Adam {
		return &optim.Adam{LearningRate: p.opt.LearningRate, Beta2: 0.99}
	}
	return &optim.LBFGS{History: p.opt.History}
}

// resume brings what the method remembers of the scale before to the size of the
// one that is to be painted. The costs are means over positions, so where there
// are r times as many pixels, the gradient of each is r times smaller: so are
// Adam's mean of gradients m and, squared, that of their squares v. (K. Crowson's
// style-transfer-pytorch enlarges both as well.)
func (p *pyramid) resume(method optim.Method) {
	adam, ok := method.(*optim.Adam)
	if !ok {
		return
	}
	state := adam.State()
	if state.Steps == 0 {
		return
	}
	from, to := p.scales[p.at-1], p.scales[p.at]
	ratio := float64(from.height*from.width) / float64(to.height*to.width)
	for k, power := range []float64{ratio, ratio * ratio} {
		moment := Resize(tensor.FromSlice(state.Moments[k][0], 1, from.height, from.width, 3), to.height, to.width)
		tensor.Scale(moment, moment, float32(power))
		if k == 1 {
			tensor.ReLU(moment, moment) // the cubic overshoots
		}
		state.Moments[k][0] = moment.Data()
	}
	if err := adam.SetState(state); err != nil {
		panic(fmt.Sprintf("nst: %v", err)) // a state that Adam itself has given
	}
}
