package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// CensoredSquaredDistance returns the squared distance of x from a target that
// was rectified, where x is not yet, as a scalar computed in float64:
//
//	y  = sum over t != 0 of (x - t)^2  +  sum over t = 0 of max(x, 0)^2
//	dx = 2 dy (x - t), but 0 where t = 0 and x < 0
//
// A target of 0 says only that the value was at most 0: it is censored, in the
// language of statistics (Tobin, "Estimation of Relationships for Limited
// Dependent Variables", Econometrica 26, 1958). The squared distance of ReLU(x)
// from t has the same zeros and is nowhere larger. But its gradient is 0 wherever
// x < 0, so that a unit which is never positive stays so for ever; this one pulls
// it up wherever t is positive. And it is convex in x, so a single linear layer
// finds its optimum. t is a constant, of the shape of x. It panics if it is not.
func CensoredSquaredDistance(x *Var, t *tensor.Tensor) *Var {
	y := tensor.CensoredSquaredDistance(x.value, t)
	return newScalar(y, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.CensoredSquaredDistanceGrad(dx, x.value, t, dy.Data()[0]) })
	}, x).keeps(x)
}
