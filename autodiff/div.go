package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Div returns the quotient a / b, element by element:
//
//	y  = a / b
//	da = dy / b,   db = -dy y / b
//
// with shapes as for [Add]. It panics if they do not combine.
func Div(a, b *Var) *Var {
	shape := tensor.BroadcastShape("Div", a.Shape(), b.Shape())
	var y *Var
	y = newVar(shape, func(dy *tensor.Tensor) {
		tensor.Div(dy, dy, b.value)
		a.addGradOfRepeated(shape, func(da *tensor.Tensor) { da.CopyFrom(dy) })
		b.addGradOfRepeated(shape, func(db *tensor.Tensor) {
			tensor.Mul(db, dy, y.value)
			tensor.Scale(db, db, -1)
		})
	}, a, b)
	y.keeps(b, y)
	tensor.Div(y.value, a.value, b.value)
	return y
}
