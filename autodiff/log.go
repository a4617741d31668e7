package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Log returns the natural logarithm of x, element by element: -Inf at 0, NaN
// below.
//
//	y  = log x
//	dx = dy / x
func Log(x *Var) *Var {
	y := newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Div(dx, dy, x.value) })
	}, x).keeps(x)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(math.Log(float64(v))) })
	return y
}
