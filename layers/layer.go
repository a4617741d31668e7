// Package layers is parameters and composition: what a network is made of
// before calculus comes in. A layer holds its parameters as tensors and knows
// which operations of package autodiff to apply to them.
//
// A layer has no state besides its parameters. How these enter a computation
// is decided anew for each tape: as leaves, whose gradients are wanted, in
// training; as constants in a network that is frozen. A step of training reads
//
//	vars := layers.Leaves(tape, net)
//	loss := autodiff.CrossEntropy(net.Forward(tape.Constant(x), vars), labels)
//	loss.Backward()
//	optimizer.Step(vars.ValuesAndGradients(net))
//	tape.Reset()
//
// So one network can be used on several tapes at the same time, as long as
// nobody changes its parameters.
package layers

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Layer is a function of an input and of parameters.
type Layer interface {
	// Forward applies the layer to x, on the tape that x is on. vars holds the
	// layer's parameters on that tape, see [Vars.Of]; Forward panics if one is
	// missing, or if the shape of x does not suit the layer.
	Forward(x *autodiff.Var, vars Vars) *autodiff.Var

	// Parameters returns the layer's parameters, always in the same order.
	Parameters() []Parameter
}

// Parameter is a tensor of a network with its name in it, such as
// "conv1_1.weight".
type Parameter struct {
	Name  string
	Value *tensor.Tensor
}

// Vars holds parameters on a tape. It is valid until the tape's Reset. A nil
// Vars stands for a network that is frozen: its parameters come to the tape as
// constants when they are needed. Since Vars is a map, a network that is frozen
// in part takes two of them:
//
//	vars := layers.Constants(tape, features)
//	maps.Copy(vars, layers.Leaves(tape, classifier))
type Vars map[*tensor.Tensor]*autodiff.Var

// Leaves puts the parameters of a layer on the tape as inputs whose gradients
// are wanted.
func Leaves(tape *autodiff.Tape, l Layer) Vars { return bind(tape.Leaf, l) }

// Constants puts the parameters of a layer on the tape as inputs that need no
// gradients: nothing is computed for their sake in Backward.
func Constants(tape *autodiff.Tape, l Layer) Vars { return bind(tape.Constant, l) }

func bind(put func(*tensor.Tensor) *autodiff.Var, l Layer) Vars {
	vars := Vars{}
	for _, p := range l.Parameters() {
		vars[p.Value] = put(p.Value)
	}
	return vars
}

// ValuesAndGradients returns the elements of every parameter of a layer that is
// a leaf, and their gradients after Backward: the arguments of the Step methods
// of package optim. A parameter that is used twice appears once, with the sum
// of its gradients. It panics if a parameter is missing or Backward has not been
// called. A nil Vars holds no leaves.
func (v Vars) ValuesAndGradients(l Layer) (values, gradients [][]float32) {
	if v == nil {
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

// Of returns the Var of a parameter on a tape: the one in v, or a new constant
// if v is nil. It panics if v is not nil and lacks the parameter.
func (v Vars) Of(value *tensor.Tensor, tape *autodiff.Tape) *autodiff.Var {
	if v == nil {
		return tape.Constant(value)
	}
	variable := v[value]
	if variable == nil {
		panic(fmt.Sprintf("layers: a parameter of shape %v is not on the tape: put it there with Leaves or Constants", value.Shape()))
	}
	return variable
}
