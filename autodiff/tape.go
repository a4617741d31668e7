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
// its gradient side by side. The tape owns the memory of one evaluation. It
// lends it to one value after the other, as far as Release and the gradients
// allow, and to the next evaluation after Reset, so that a loop of evaluations
// allocates next to nothing.
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
// Its memory is as much as the most demanding evaluation so far has had in use
// at one time, and somewhat more; it is kept until the tape is garbage.
type Tape struct {
	vars       []*Var    // what needs a gradient, in the order of computation
	kept       []*memory // what the gradients of vars read, in the same order
	slab       []Var     // where the next Var comes from, up to its capacity
	count      int       // the number of Vars on the tape
	expected   int       // the count of the previous evaluation
	floats     buffers[float32]
	bytes      buffers[uint8]
	backward   bool // Backward has been called
	generation int  // the number of calls of Reset
}

// NewTape returns an empty tape.
func NewTape() *Tape { return &Tape{} }

// Leaf puts x on the tape as an input whose gradient is wanted. The tape reads
// x but never writes to it; it must not change until Backward is done.
func (t *Tape) Leaf(x *tensor.Tensor) *Var {
	v := t.put(x)
	v.leaf = true
	t.vars = append(t.vars, v)
	return v
}

// Constant puts x on the tape as an input that needs no gradient: weights that
// are frozen, targets. Nothing is computed for its sake in Backward. Like any
// other Var it is valid until Reset; x must not change until then.
func (t *Tape) Constant(x *tensor.Tensor) *Var { return t.put(x) }

// put returns a new Var. Vars come in slabs, those of an evaluation in a single
// one from the second on. A slab does not serve another evaluation: a Var that
// is used after Reset has to be noticed.
func (t *Tape) put(value *tensor.Tensor) *Var {
	if len(t.slab) == cap(t.slab) {
		size := max(16, t.count)
		if t.count == 0 {
			size = max(16, t.expected)
		}
		t.slab = make([]Var, 0, size)
	}
	t.count++
	t.slab = append(t.slab, Var{tape: t, generation: t.generation, value: value})
	return &t.slab[len(t.slab)-1]
}

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
		if v.grad != nil && !v.leaf {
			v.back(v.grad)
			t.giveBack(v.grad)
			v.grad = nil
		}
		t.dropKept(v)
	}
}

// Reset forgets the evaluation: every Var on the tape becomes invalid, and its
// memory serves the next evaluation.
func (t *Tape) Reset() {
	clear(t.vars)
	t.vars = t.vars[:0]
	clear(t.kept)
	t.kept = t.kept[:0]
	t.slab, t.expected, t.count = nil, t.count, 0
	t.floats.reset()
	t.bytes.reset()
	t.backward = false
	t.generation++
}
