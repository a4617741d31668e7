package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Reshape returns the elements of x, in row-major order, under another shape,
// of which one dimension may be -1: it is then what the others leave.
//
//	y  = x
//	dx = dy
//
// The value is a view of x's memory, not a copy. It panics if the number of
// elements differs.
func Reshape(x *Var, shape ...int) *Var {
	return newView(x.value.Reshape(shape...), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { dx.CopyFrom(dy.Reshape(x.Shape()...)) })
	}, x)
}
