package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Tanh returns the hyperbolic tangent of x, element by element, a value in
// [-1,1]:
//
//	y  = tanh x
//	dx = dy (1 - y^2)
func Tanh(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			tensor.Map2(dx, dy, y.value, func(dy, y float32) float32 { return dy * (1 - y) * (1 + y) })
		})
	}, x)
	y.keeps(y)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(math.Tanh(float64(v))) })
	return y
}
