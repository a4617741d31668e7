package autodiff

import (
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// Sum returns the sum of all elements of x as a scalar, computed in float64:
//
//	y  = sum x[i]
//	dx = dy, everywhere
func Sum(x *Var) *Var {
	return newScalar(tensor.Sum(x.value), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { dx.Fill(dy.Data()[0]) })
	}, x).keeps()
}

// SumAxes returns the sum of x over the given dimensions, which stay in the
// shape with size 1, so that the result combines with x; Reshape drops them. A
// negative axis counts from the end. Sums run in float64.
//
//	y  = sum of x over axes
//	dx = dy, repeated along axes
//
// It panics if x has no such dimension.
func SumAxes(x *Var, axes ...int) *Var {
	shape := slices.Clone(x.Shape())
	for _, a := range axes {
		shape[dimension("SumAxes", a, shape)] = 1
	}
	y := newVar(shape, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.BroadcastTo(dx, dy) })
	}, x).keeps()
	tensor.SumTo(y.value, x.value)
	return y
}
