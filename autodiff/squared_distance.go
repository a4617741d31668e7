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
		grad := func(d, from, to *tensor.Tensor) {
			tensor.Sub(d, from, to)
			tensor.Scale(d, d, 2*dy.Data()[0])
		}
		a.addGrad(func(da *tensor.Tensor) { grad(da, a.value, b.value) })
		b.addGrad(func(db *tensor.Tensor) { grad(db, b.value, a.value) })
	}, a, b).keeps(a, b)
}
