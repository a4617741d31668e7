// Package autodiff differentiates computations on tensors: reverse-mode
// automatic differentiation on a tape.
//
// Every operation computes its value at once and leaves a note on the tape
// that says how a gradient flows back through it. For y = f(x) and a final
// scalar J, the note turns dJ/dy into dJ/dx, which is the chain rule
//
//	dJ/dx = (dy/dx)^T dJ/dy
//
// for one step. Backward starts with dJ/dJ = 1 and reads the notes from the
// last to the first; by the time it reaches a value, everything that used the
// value has already added its share to the value's gradient. One sweep gives
// the gradient with respect to every input, at about the cost of computing J.
//
//	tape := autodiff.NewTape()
//	x := tape.Leaf(tensor.FromSlice([]float32{3}))    // wants a gradient
//	y := autodiff.Mul(x, x)                           // y = x^2
//	autodiff.Sum(y).Backward()
//	x.Grad()                                          // 2 x = 6
//
// Each operation stands in a file of its own, with its equation, its value and
// its gradient side by side. The tape owns the memory of one evaluation and
// lends it out again after Reset, so that a loop of evaluations allocates
// next to nothing.
//
// The method is described in Griewank and Walther, "Evaluating Derivatives"
// (SIAM, 2nd edition 2008), chapter 3.
package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Tape records the operations of one evaluation and owns its memory. It is
// not safe for concurrent use; the operations themselves use all cores.
//
// Its memory is that of the largest evaluation so far for each size of value:
// for pictures of another size, start a new tape.
type Tape struct {
	vars       []*Var // what needs a gradient, in the order of computation
	floats     buffers[float32]
	taps       buffers[uint8] // of max pooling
	backward   bool           // Backward has been called
	generation int            // the number of calls of Reset
}

// NewTape returns an empty tape.
func NewTape() *Tape { return &Tape{} }

// Var is a value on a tape: an input, or the result of an operation.
type Var struct {
	tape       *Tape
	generation int
	value      *tensor.Tensor
	grad       *tensor.Tensor // dJ/dvalue as far as it has been added up, or nil
	// scalar is the value before it was rounded to float32, for an operation
	// that returns rank 0 in float64; otherwise nil.
	scalar *float64
	// back adds to the gradients of the operation's inputs, given that of its
	// output, which it may overwrite. It is nil for inputs and for results that
	// need no gradient.
	back func(dy *tensor.Tensor)
	leaf bool
}

// Leaf puts x on the tape as an input whose gradient is wanted. The tape reads
// x but never writes to it; it must not change until Backward is done.
func (t *Tape) Leaf(x *tensor.Tensor) *Var {
	v := &Var{tape: t, generation: t.generation, value: x, leaf: true}
	t.vars = append(t.vars, v)
	return v
}

// Constant puts x on the tape as an input that needs no gradient: weights that
// are frozen, targets. Nothing is computed for its sake in Backward. Like any
// other Var it is valid until Reset; x must not change until then.
func (t *Tape) Constant(x *tensor.Tensor) *Var {
	return &Var{tape: t, generation: t.generation, value: x}
}

// Value returns the value, which must not be modified. It is valid until the
// tape's Reset; asking for it after that panics.
func (v *Var) Value() *tensor.Tensor {
	v.mustBeCurrent()
	return v.value
}

// Shape returns the dimensions of the value, outermost first. The caller must
// not modify the slice.
func (v *Var) Shape() []int { return v.value.Shape() }

// Scalar returns the value of a Var of rank 0: as computed in float64, before
// rounding, where the operation says so (Sum, Mean, SquaredDistance,
// TotalVariation, CrossEntropy). It panics for other ranks, and after Reset.
func (v *Var) Scalar() float64 {
	v.mustBeCurrent()
	if v.value.Rank() != 0 {
		panic(fmt.Sprintf("autodiff: Scalar: value has shape %v", v.Shape()))
	}
	if v.scalar != nil {
		return *v.scalar
	}
	return float64(v.value.Data()[0])
}

// Tape returns the tape that v is on, for a layer that puts its weights there.
func (v *Var) Tape() *Tape { return v.tape }

// NeedsGrad reports whether Backward computes a gradient for v: it is a Leaf
// or was computed from one.
func (v *Var) NeedsGrad() bool { return v.leaf || v.back != nil }

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
		v.grad = v.tape.lend(v.Shape())
		v.grad.Fill(0)
	}
	return v.grad
}

// Backward computes the gradient of v, a scalar, with respect to every Leaf.
// It panics like [Tape.Backward].
func (v *Var) Backward() { v.tape.Backward(Term{v, 1}) }

// Term is one summand of a weighted sum of scalars.
type Term struct {
	Of     *Var
	Weight float64
}

// Backward computes the gradient of the weighted sum of scalars on this tape,
// with respect to every Leaf. It can be called once for each evaluation, and
// panics the second time; the sum is there for several results. It panics if
// a term is not of rank 0 or not on this tape.
func (t *Tape) Backward(terms ...Term) {
	if t.backward {
		panic("autodiff: Backward: called twice without a Reset in between; give it several terms instead")
	}
	for _, term := range terms {
		term.Of.mustBeCurrent()
		if term.Of.tape != t || term.Of.value.Rank() != 0 {
			panic(fmt.Sprintf("autodiff: Backward: wants scalars of this tape, not a value of shape %v", term.Of.Shape()))
		}
	}
	t.backward = true
	for _, term := range terms {
		term.Of.addGrad(func(d *tensor.Tensor) { d.Fill(float32(term.Weight)) })
	}
	for i := len(t.vars) - 1; i >= 0; i-- {
		v := t.vars[i]
		if v.leaf || v.grad == nil {
			continue
		}
		v.back(v.grad)
		t.giveBack(v.grad)
		v.grad = nil
	}
}

// Reset forgets the evaluation: every Var on the tape becomes invalid, and its
// memory serves the next evaluation.
func (t *Tape) Reset() {
	for _, v := range t.vars {
		if v.grad != nil {
			t.giveBack(v.grad)
			v.grad = nil
		}
	}
	clear(t.vars)
	t.vars = t.vars[:0]
	t.floats.reset()
	t.taps.reset()
	t.backward = false
	t.generation++
}

// newVar records the result of an operation: a value of the given shape, with
// arbitrary contents until the caller fills it in, that came from the inputs.
// back is called in Backward if any input needs a gradient.
func newVar(shape []int, back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	t := inputs[0].tape
	value := tensor.FromSlice(t.floats.keep(tensor.NumElements(shape)), shape...)
	return newView(value, back, inputs...)
}

// newView is newVar for a result that shares the memory of an input. Values
// are written once, so sharing them is safe; gradients are never shared.
func newView(value *tensor.Tensor, back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	t := inputs[0].tape
	v := &Var{tape: t, generation: t.generation, value: value}
	needsGrad := false
	for _, in := range inputs {
		if in.tape != t {
			panic("autodiff: operands belong to different tapes")
		}
		in.mustBeCurrent()
		needsGrad = needsGrad || in.NeedsGrad()
	}
	if needsGrad {
		v.back = back
		t.vars = append(t.vars, v)
	}
	return v
}

// newScalar is newVar for a result of rank 0 computed in float64.
func newScalar(value float64, back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	v := newVar(nil, back, inputs...)
	v.value.Fill(float32(value))
	v.scalar = &value
	return v
}

// addGrad adds to v's gradient what write stores in the tensor it is given,
// which has v's shape and arbitrary contents. Where v needs no gradient, write
// is not called. This is where a value that was used twice gets the sum of
// both gradients.
func (v *Var) addGrad(write func(d *tensor.Tensor)) {
	if !v.NeedsGrad() {
		return
	}
	d := v.tape.lend(v.Shape())
	write(d)
	if v.grad == nil {
		v.grad = d
		return
	}
	tensor.AddScaled(v.grad, 1, d)
	v.tape.giveBack(d)
}

// mustBeCurrent panics if the tape has been Reset since v was put on it: by
// now its memory may hold another value.
func (v *Var) mustBeCurrent() {
	if v.generation != v.tape.generation {
		panic(fmt.Sprintf("autodiff: a value of shape %v is used after its tape's Reset", v.Shape()))
	}
}

// lend returns a tensor with arbitrary contents, to be given back before the
// evaluation ends.
func (t *Tape) lend(shape []int) *tensor.Tensor {
	return tensor.FromSlice(t.floats.lend(tensor.NumElements(shape)), shape...)
}

// giveBack returns a tensor from lend.
func (t *Tape) giveBack(x *tensor.Tensor) { t.floats.giveBack(x.Data()) }
