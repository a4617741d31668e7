package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Sigmoid returns the logistic function of x, element by element, a value in
// [0,1]:
//
//	y  = 1 / (1 + e^-x)
//	dx = dy y (1 - y)
func Sigmoid(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			tensor.Map2(dx, dy, y.value, func(dy, y float32) float32 { return dy * y * (1 - y) })
		})
	}, x)
	y.keeps(y)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) })
	return y
}
