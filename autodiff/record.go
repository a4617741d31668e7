package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// newVar records the result of an operation: a value of the given shape, with
// arbitrary contents until the caller fills it in, that came from the inputs.
// It does not keep shape. back is called in Backward if any input
// needs a gradient. It may read the value and those of the inputs, unless the
// caller says with keeps that it reads fewer.
func newVar(shape []int, back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	v := record(back, inputs...)
	v.ownMemory = memory{v.tape.floats.lend(tensor.NumElements(shape)), 1}
	v.ownValue = tensor.Over(v.ownMemory.floats, append(v.ownShape[:0], shape...))
	v.value, v.memory = &v.ownValue, &v.ownMemory
	if v.back != nil {
		v.tape.keep(v, inputs...)
		v.tape.keep(v, v)
	}
	return v
}

// newScalar is newVar for a result of rank 0 computed in float64.
func newScalar(value float64, back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	v := newVar(nil, back, inputs...)
	v.value.Fill(float32(value))
	v.scalar, v.inFloat64 = value, true
	return v
}

// newView is newVar for a result that shares the memory of x. Values are
// written once, so sharing them is safe; gradients are never shared. back reads
// no values.
func newView(value *tensor.Tensor, back func(dy *tensor.Tensor), x *Var) *Var {
	v := record(back, x)
	v.value, v.memory = value, x.memory
	if v.memory != nil {
		v.memory.users++
	}
	return v
}

// record returns a Var without a value, on the tape if any input needs a
// gradient.
func record(back func(dy *tensor.Tensor), inputs ...*Var) *Var {
	t := inputs[0].tape
	needsGrad := false
	for _, in := range inputs {
		if in.tape != t {
			panic("autodiff: operands belong to different tapes")
		}
		in.mustBeValid()
		needsGrad = needsGrad || in.NeedsGrad()
	}
	v := t.put(nil)
	v.firstKept, v.lastKept = len(t.kept), len(t.kept)
	if needsGrad {
		v.back = back
		t.vars = append(t.vars, v)
	}
	return v
}

// keeps says which values back reads, v itself among them if it does: the
// others can be released without waiting for Backward. It belongs right behind
// newVar, and returns v.
//
// To say too much wastes memory, to say nothing most of all. To say too little
// makes gradients wrong, if values are released; TestRelease finds it.
func (v *Var) keeps(values ...*Var) *Var {
	if v.back != nil {
		v.tape.dropKept(v)
		v.tape.kept = v.tape.kept[:v.firstKept]
		v.tape.keep(v, values...)
	}
	return v
}

// keepsBytes hands v a slice that tape.bytes has lent and back reads. It is
// given back after that, or at once if there will be no back, so that the
// operation must be done with it. There can be one for each Var.
func (v *Var) keepsBytes(bytes []uint8) {
	if v.back == nil {
		v.tape.bytes.giveBack(bytes)
		return
	}
	if v.bytes != nil {
		panic("autodiff: keepsBytes: called twice for one value")
	}
	v.bytes = bytes
}

// keep adds values to what v keeps, the last one on the tape.
func (t *Tape) keep(v *Var, values ...*Var) {
	for _, x := range values {
		if x.memory != nil {
			x.memory.users++
			t.kept = append(t.kept, x.memory)
		}
	}
	v.lastKept = len(t.kept)
}

// dropKept drops everything that v keeps.
func (t *Tape) dropKept(v *Var) {
	for _, m := range t.kept[v.firstKept:v.lastKept] {
		t.drop(m)
	}
	v.lastKept = v.firstKept
	if v.bytes != nil {
		t.bytes.giveBack(v.bytes)
		v.bytes = nil
	}
}

// drop counts one user of m less.
func (t *Tape) drop(m *memory) {
	if m == nil {
		return
	}
	if m.users--; m.users == 0 {
		t.floats.giveBack(m.floats)
		m.floats = nil
	}
}

// lend returns a tensor with arbitrary contents, to be given back before the
// evaluation ends. The shape must not change.
func (t *Tape) lend(shape []int) *tensor.Tensor {
	x := tensor.Over(t.floats.lend(tensor.NumElements(shape)), shape)
	return &x
}

// giveBack returns a tensor from lend.
func (t *Tape) giveBack(x *tensor.Tensor) { t.floats.giveBack(x.Data()) }
