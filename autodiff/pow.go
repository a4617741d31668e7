package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Pow returns x^p, element by element, for a constant p:
//
//	y  = x^p
//	dx = dy p x^(p-1),   0 for p = 0
//
// Special cases are those of [math.Pow]: NaN for a negative x unless p is a
// whole number. At x = 0 the gradient is infinite for p < 1.
func Pow(x *Var, p float64) *Var {
	y := newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			if p == 0 {
				dx.Fill(0)
				return
			}
			tensor.Map2(dx, dy, x.value, func(dy, x float32) float32 {
				return float32(float64(dy) * p * math.Pow(float64(x), p-1))
			})
		})
	}, x).keeps(x)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(math.Pow(float64(v), p)) })
	return y
}
