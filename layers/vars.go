package layers

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Vars is what a network needs on a tape besides its input: its parameters, and
// whether it is being trained. It is valid until the tape's Reset.
//
// The zero Vars stands for a network that is frozen and in use: its parameters
// come to the tape as constants when they are needed.
type Vars struct {
	vars map[*tensor.Tensor]*autodiff.Var
	rng  *rand.Rand // nil in eval mode
}

// Leaves puts the parameters of a layer on the tape as inputs whose gradients
// are wanted, but for buffers, which become constants. The mode is eval mode, see
// [Vars.Training].
func Leaves(tape *autodiff.Tape, l Layer) Vars { return bind(tape, tape.Leaf, l) }

// Constants puts the parameters of a layer on the tape as inputs that need no
// gradients: nothing is computed for their sake in Backward. The mode is eval
// mode.
func Constants(tape *autodiff.Tape, l Layer) Vars { return bind(tape, tape.Constant, l) }

func bind(tape *autodiff.Tape, put func(*tensor.Tensor) *autodiff.Var, l Layer) Vars {
	vars := map[*tensor.Tensor]*autodiff.Var{}
	for _, p := range l.Parameters() {
		if p.Buffer {
			vars[p.Value] = tape.Constant(p.Value)
		} else {
			vars[p.Value] = put(p.Value)
		}
	}
	return Vars{vars: vars}
}

// With returns v with the parameters of other as well, which replace those that
// are in both. A network that is frozen in part takes
//
//	vars := layers.Constants(tape, features).With(layers.Leaves(tape, classifier))
//
// The mode stays that of v. It panics if v is zero, which has no tape to tell
// missing parameters from frozen ones.
func (v Vars) With(other Vars) Vars {
	if v.vars == nil {
		panic("layers: With: the zero Vars holds no parameters: put them on the tape with Constants")
	}
	v.vars = maps.Clone(v.vars)
	maps.Copy(v.vars, other.vars)
	return v
}

// Training returns v in training mode, in which [Dropout] drops values, by
// numbers that it takes from rng, and [BatchNorm] goes by its input instead of its
// running averages, which it updates. Everything else is in eval mode. It panics
// if rng is nil.
func (v Vars) Training(rng *rand.Rand) Vars {
	if rng == nil {
		panic("layers: Training: wants random numbers, not nil")
	}
	v.rng = rng
	return v
}

// Rand returns the random numbers of training mode, and nil in eval mode.
func (v Vars) Rand() *rand.Rand { return v.rng }

// Of returns the Var of a parameter on a tape: the one in v, or a new constant
// if v is zero but for its mode. It panics if v holds parameters and lacks this
// one.
func (v Vars) Of(value *tensor.Tensor, tape *autodiff.Tape) *autodiff.Var {
	if v.vars == nil {
		return tape.Constant(value)
	}
	variable := v.vars[value]
	if variable == nil {
		panic(fmt.Sprintf("layers: a parameter of shape %v is not on the tape: put it there with Leaves or Constants", value.Shape()))
	}
	return variable
}

// ValuesAndGradients returns the elements of every parameter of a layer that is
// a leaf, and their gradients after Backward: the arguments of the Step methods
// of package optim. A parameter that is used twice appears once, with the sum
// of its gradients. It panics if a parameter is missing or Backward has not been
// called. The zero Vars holds no leaves.
func (v Vars) ValuesAndGradients(l Layer) (values, gradients [][]float32) {
	if v.vars == nil {
		return nil, nil
	}
	seen := map[*tensor.Tensor]bool{}
	for _, p := range l.Parameters() {
		variable := v.Of(p.Value, nil)
		if seen[p.Value] || !variable.NeedsGrad() {
			continue
		}
		seen[p.Value] = true
		values = append(values, p.Value.Data())
		gradients = append(gradients, variable.Grad().Data())
	}
	return values, gradients
}
