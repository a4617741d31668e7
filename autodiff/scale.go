package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Scale returns x times a constant:
//
//	y  = s x
//	dx = s dy
func Scale(x *Var, s float32) *Var {
	y := newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Scale(dx, dy, s) })
	}, x).keeps()
	tensor.Scale(y.value, x.value, s)
	return y
}

// Neg returns -x.
func Neg(x *Var) *Var { return Scale(x, -1) }
