package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// MeanSquaredError returns the mean of (a-b)^2 over the n elements of two values
// of one shape, as a scalar, computed in float64; NaN if there are none:
//
//	y  = 1/n sum (a - b)^2
//	da = 2 dy/n (a - b),   db = -da
//
// It panics if the shapes differ.
func MeanSquaredError(a, b *Var) *Var {
	n := float64(a.value.Len())
	return newScalar(tensor.SquaredDistance(a.value, b.value)/n, func(dy *tensor.Tensor) {
		scale := float32(float64(dy.Data()[0]) / n)
		a.accumulateGrad(func(da *tensor.Tensor, add bool) { tensor.SquaredDistanceGrad(da, a.value, b.value, scale, add) })
		b.accumulateGrad(func(db *tensor.Tensor, add bool) { tensor.SquaredDistanceGrad(db, b.value, a.value, scale, add) })
	}, a, b).keeps(a, b)
}
