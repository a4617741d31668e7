// Package layers is parameters and composition: what a network is made of
// before calculus comes in. A layer holds its parameters as tensors and knows
// which operations of package autodiff to apply to them.
//
// A layer has no state besides its parameters. How these enter a computation
// is decided anew for each tape: as leaves, whose gradients are wanted, in
// training; as constants in a network that is frozen. So is the mode, since some
// layers do something else in training than in use, where that is the default. A
// step of training reads
//
//	vars := layers.Leaves(tape, net).Training(rng)
//	loss := autodiff.CrossEntropy(net.Forward(tape.Constant(x), vars), labels)
//	loss.Backward()
//	optimizer.Step(vars.ValuesAndGradients(net))
//	tape.Reset()
//
// and what the network has learnt so far is
//
//	scores := net.Forward(tape.Constant(x), layers.Vars{})
//
// So one network can be used on several tapes at the same time, as long as
// nobody changes its parameters, as an optimiser does, and a [BatchNorm] that is
// being trained.
package layers

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Layer is a function of an input and of parameters.
type Layer interface {
	// Forward applies the layer to x, on the tape that x is on. vars holds the
	// layer's parameters on that tape, see [Vars.Of], and the mode; Forward panics
	// if a parameter is missing, or if the shape of x does not suit the layer.
	Forward(x *autodiff.Var, vars Vars) *autodiff.Var

	// Parameters returns everything that the layer has to remember, always in the
	// same order: to save a network is to save these.
	Parameters() []Parameter
}

// Parameter is a tensor of a network with its name in it, such as
// "conv1_1.weight".
type Parameter struct {
	Name  string
	Value *tensor.Tensor
	// Buffer says that the tensor is no parameter in the strict sense: it belongs
	// to the network like the others, but no gradient changes it. [BatchNorm] has
	// running averages of this kind.
	Buffer bool
}
