package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Sub returns a - b, element by element:
//
//	y  = a - b
//	da = dy,   db = -dy
//
// with shapes as for [Add]. It panics if they do not combine.
func Sub(a, b *Var) *Var {
	shape := tensor.BroadcastShape("Sub", a.Shape(), b.Shape())
	y := newVar(shape, func(dy *tensor.Tensor) {
		a.addGradOfRepeated(shape, func(da *tensor.Tensor) { da.CopyFrom(dy) })
		b.addGradOfRepeated(shape, func(db *tensor.Tensor) { tensor.Scale(db, dy, -1) })
	}, a, b).keeps()
	tensor.Sub(y.value, a.value, b.value)
	return y
}
