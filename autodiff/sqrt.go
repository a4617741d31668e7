package autodiff

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Sqrt returns the square root of x, element by element, NaN below 0:
//
//	y  = sqrt x
//	dx = dy / (2 y)
//
// At 0 the gradient is infinite (NaN where dy is 0 too); an AddScalar of a
// small number before it avoids that. A scalar that was computed in float64 gives one.
func Sqrt(x *Var) *Var {
	if x.inFloat64 {
		root := math.Sqrt(x.scalar)
		return newScalar(root, func(dy *tensor.Tensor) {
			x.addGrad(func(dx *tensor.Tensor) { tensor.Scale(dx, dy, float32(1/(2*root))) })
		}, x).keeps()
	}
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			tensor.Map2(dx, dy, y.value, func(dy, y float32) float32 { return dy / (2 * y) })
		})
	}, x)
	y.keeps(y)
	tensor.Map(y.value, x.value, func(v float32) float32 { return float32(math.Sqrt(float64(v))) })
	return y
}
