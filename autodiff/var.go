package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Var is a value on a tape: an input, or the result of an operation.
type Var struct {
	tape       *Tape
	generation int
	value      *tensor.Tensor
	grad       *tensor.Tensor // dJ/dvalue as far as it has been added up, or nil
	// scalar is the value before it was rounded to float32, if inFloat64 says
	// that the operation has computed one.
	scalar    float64
	inFloat64 bool
	// back adds to the gradients of the operation's inputs, given that of its
	// output, which it may overwrite. It is nil for inputs and for results that
	// need no gradient.
	back func(dy *tensor.Tensor)
	// Until back has run, it keeps tape.kept[firstKept:lastKept] and bytes.
	firstKept, lastKept int
	bytes               []uint8
	// again, if not nil, computes rows [lo,hi) of the value (N,H,W,C) once more,
	// which is cheaper than to keep it for Backward. It can be called until back
	// has run.
	again    func(rows *tensor.Tensor, lo, hi int)
	memory   *memory // of the value; nil if it is the caller's
	leaf     bool
	released bool

	// A Var is one allocation, if any: these are what value, grad and memory
	// point to, unless that is elsewhere.
	ownValue, ownGrad tensor.Tensor
	ownShape          [4]int // the beginning of it may be the value's shape
	ownMemory         memory
}

// memory counts the users of a value on loan from the tape: the Var, until it
// is released; views of it; and operations whose gradient reads it. The last
// one gives it back.
type memory struct {
	floats []float32
	users  int
}

// Value returns the value, which must not be modified. It is valid until v is
// released or the tape is Reset; asking for it after that panics.
func (v *Var) Value() *tensor.Tensor {
	v.mustBeValid()
	return v.value
}

// Shape returns the dimensions of the value, outermost first. The caller must
// not modify the slice.
func (v *Var) Shape() []int { return v.value.Shape() }

// Scalar returns the value of a Var of rank 0: as computed in float64, before
// rounding, where the operation says so (Sum, Mean, SquaredDistance,
// MeanSquaredError, TotalVariation, BoundPenalty, CrossEntropy). It panics for other ranks,
// and where Value does.
func (v *Var) Scalar() float64 {
	v.mustBeValid()
	if v.value.Rank() != 0 {
		panic(fmt.Sprintf("autodiff: Scalar: value has shape %v", v.Shape()))
	}
	if v.inFloat64 {
		return v.scalar
	}
	return float64(v.value.Data()[0])
}

// Tape returns the tape that v is on, for a layer that puts its weights there.
func (v *Var) Tape() *Tape { return v.tape }

// NeedsGrad reports whether Backward computes a gradient for v: it is a Leaf
// or was computed from one.
func (v *Var) NeedsGrad() bool { return v.leaf || v.back != nil }

// Release says that nobody asks for v's value any more, and that no later
// operation has v as an operand. Its memory then serves other values as soon as
// the gradients of the operations that were applied to v do not need it either,
// which for many is at once. To use v after that panics. It makes no difference
// to Backward, and none to views of v's memory: what [Reshape] returned stays
// valid.
//
// To release a value that has been released is allowed and does nothing; after
// the tape's Reset it panics. The memory of a Leaf or a Constant is its owner's
// and is not touched; a Leaf keeps its gradient.
func (v *Var) Release() {
	v.mustBeCurrent()
	if !v.released {
		v.released = true
		v.tape.drop(v.memory)
	}
}

// Grad returns the gradient of a Leaf after Backward, of the shape of its
// value; zeros if nothing depends on it. It is valid until the tape's Reset.
// It panics before Backward and after Reset, and if v is not a Leaf, because
// the gradients of intermediate values are given back as soon as they have
// been used.
func (v *Var) Grad() *tensor.Tensor {
	v.mustBeCurrent()
	if !v.leaf {
		panic("autodiff: Grad: only a Leaf keeps its gradient")
	}
	if !v.tape.backward {
		panic("autodiff: Grad: call Backward first")
	}
	if v.grad == nil {
		v.newGrad().Fill(0)
	}
	return v.grad
}

// Backward computes the gradient of v, a scalar, with respect to every Leaf.
// It panics like [Tape.Backward].
func (v *Var) Backward() { v.tape.Backward(Term{v, 1}) }

// addGrad adds to v's gradient what write stores in the tensor it is given,
// which has v's shape and arbitrary contents. Where v needs no gradient, write
// is not called. This is where a value that was used twice gets the sum of
// both gradients.
func (v *Var) addGrad(write func(d *tensor.Tensor)) {
	if !v.NeedsGrad() {
		return
	}
	if v.grad == nil {
		write(v.newGrad())
		return
	}
	d := v.tape.lend(v.Shape())
	write(d)
	tensor.AddScaled(v.grad, 1, d)
	v.tape.giveBack(d)
}

// accumulateGrad is addGrad for a kernel that can add: with accumulate set,
// write adds to the tensor it is given, which is then the gradient so far.
// Otherwise it stores, as for addGrad.
func (v *Var) accumulateGrad(write func(d *tensor.Tensor, accumulate bool)) {
	if !v.NeedsGrad() {
		return
	}
	if v.grad == nil {
		write(v.newGrad(), false)
		return
	}
	write(v.grad, true)
}

// newGrad gives v a gradient with arbitrary contents.
func (v *Var) newGrad() *tensor.Tensor {
	v.ownGrad = tensor.Over(v.tape.floats.lend(v.value.Len()), v.Shape())
	v.grad = &v.ownGrad
	return v.grad
}

// mustBeValid panics if v can no longer be read.
func (v *Var) mustBeValid() {
	v.mustBeCurrent()
	if v.released {
		panic(fmt.Sprintf("autodiff: a value of shape %v is used after its Release", v.Shape()))
	}
}

// mustBeCurrent panics if the tape has been Reset since v was put on it: by
// now its memory may hold another value.
func (v *Var) mustBeCurrent() {
	if v.generation != v.tape.generation {
		panic(fmt.Sprintf("autodiff: a value of shape %v is used after its tape's Reset", v.Shape()))
	}
}
