package autodiff

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// Concat joins values along dimension axis, in which their sizes may differ;
// in all others they must agree. A negative axis counts from the end.
//
//	y          = x[0] | x[1] | ...
//	dx[i]      = the part of dy where x[i] stands in y
//
// It panics if there are no values or the shapes do not fit.
func Concat(axis int, x ...*Var) *Var {
	if len(x) == 0 {
		panic("autodiff: Concat: nothing to join")
	}
	x = slices.Clone(x) // back reads it
	shape := slices.Clone(x[0].Shape())
	axis = dimension("Concat", axis, shape)
	shape[axis] = 0
	for _, v := range x {
		s := slices.Clone(v.Shape())
		if len(s) == len(shape) {
			shape[axis] += s[axis]
			s[axis] = shape[axis]
		}
		if !slices.Equal(s, shape) {
			panic(fmt.Sprintf("autodiff: Concat: %v and %v do not join along dimension %d", x[0].Shape(), v.Shape(), axis))
		}
	}
	y := newVar(shape, func(dy *tensor.Tensor) {
		start := 0
		for _, v := range x {
			v.addGrad(func(d *tensor.Tensor) { tensor.Slice(d, dy, axis, start) })
			start += v.Shape()[axis]
		}
	}, x...).keeps()
	start := 0
	for _, v := range x {
		tensor.SetSlice(y.value, v.value, axis, start)
		start += v.Shape()[axis]
	}
	return y
}
