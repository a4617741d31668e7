package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Mul returns the product a b, element by element:
//
//	y  = a b
//	da = dy b,   db = dy a
//
// with shapes as for [Add]. It panics if they do not combine.
func Mul(a, b *Var) *Var {
	shape := tensor.BroadcastShape("Mul", a.Shape(), b.Shape())
	y := newVar(shape, func(dy *tensor.Tensor) {
		a.addGradOfRepeated(shape, func(da *tensor.Tensor) { tensor.Mul(da, dy, b.value) })
		b.addGradOfRepeated(shape, func(db *tensor.Tensor) { tensor.Mul(db, dy, a.value) })
	}, a, b).keeps(a, b)
	tensor.Mul(y.value, a.value, b.value)
	return y
}
