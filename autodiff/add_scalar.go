package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// AddScalar returns x plus a constant, added to every element:
//
//	y  = x + s
//	dx = dy
//
// A scalar that was computed in float64 gives one.
func AddScalar(x *Var, s float32) *Var {
	back := func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { dx.CopyFrom(dy) })
	}
	if x.inFloat64 {
		return newScalar(x.scalar+float64(s), back, x).keeps()
	}
	y := newVar(x.Shape(), back, x).keeps()
	tensor.Map(y.value, x.value, func(v float32) float32 { return v + s })
	return y
}
