package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Transpose returns x with its dimensions permuted: dimension i of the result
// is dimension axes[i] of x. The gradient goes back by the inverse
// permutation:
//
//	y[j0,j1,...]  = x[i0,i1,...]    with j[k] = i[axes[k]]
//	dx[i0,i1,...] = dy[j0,j1,...]
//
// It panics if axes is not a permutation of the dimensions of x.
func Transpose(x *Var, axes ...int) *Var {
	shape, inverse := make([]int, len(x.Shape())), make([]int, len(x.Shape()))
	for i, a := range axes { // what is no permutation, tensor.Transpose reports
		if i < len(shape) && a >= 0 && a < len(shape) {
			shape[i], inverse[a] = x.Shape()[a], i
		}
	}
	y := newVar(shape, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Transpose(dx, dy, inverse...) })
	}, x).keeps()
	tensor.Transpose(y.value, x.value, axes...)
	return y
}
