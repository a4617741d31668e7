package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Add returns a + b, element by element:
//
//	y  = a + b
//	da = dy,   db = dy
//
// Shapes combine as for [tensor.Add]; the gradient of an operand that was
// repeated is summed over the copies. It panics if the shapes do not combine.
func Add(a, b *Var) *Var {
	shape := tensor.BroadcastShape("Add", a.Shape(), b.Shape())
	y := newVar(shape, func(dy *tensor.Tensor) {
		a.addGradOfRepeated(shape, func(da *tensor.Tensor) { da.CopyFrom(dy) })
		b.addGradOfRepeated(shape, func(db *tensor.Tensor) { db.CopyFrom(dy) })
	}, a, b).keeps()
	tensor.Add(y.value, a.value, b.value)
	return y
}
