package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// AddScalar returns x plus a constant, added to every element:
//
//	y  = x + s
//	dx = dy
func AddScalar(x *Var, s float32) *Var {
	y := newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { dx.CopyFrom(dy) })
	}, x).keeps()
	tensor.Map(y.value, x.value, func(v float32) float32 { return v + s })
	return y
}
