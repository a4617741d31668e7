package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Exp returns e^x, element by element:
//
//	y  = e^x
//	dx = dy y
func Exp(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Mul(dx, dy, y.value) })
	}, x)
	y.keeps(y)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(math.Exp(float64(v))) })
	return y
}
