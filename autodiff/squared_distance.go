package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// SquaredDistance returns the sum of (a-b)^2 over all elements of two values
// of one shape, as a scalar, computed in float64:
//
//	y  = sum (a - b)^2
//	da = 2 dy (a - b),   db = -da
//
// It panics if the shapes differ.
func SquaredDistance(a, b *Var) *Var {
	y := tensor.SquaredDistance(a.value, b.value)
	return newScalar(y, func(dy *tensor.Tensor) {
		scale := dy.Data()[0]
		a.accumulateGrad(func(da *tensor.Tensor, add bool) { tensor.SquaredDistanceGrad(da, a.value, b.value, scale, add) })
		b.accumulateGrad(func(db *tensor.Tensor, add bool) { tensor.SquaredDistanceGrad(db, b.value, a.value, scale, add) })
	}, a, b).keeps(a, b)
}
