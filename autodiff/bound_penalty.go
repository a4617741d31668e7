package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// BoundPenalty returns the sum of the squared distances of the elements of x, of
// any shape, to the interval [lo, hi], as a scalar computed in float64:
//
//	y  = sum of max(0, x - hi)^2 + max(0, lo - x)^2
//	dx = 2 dy (x - hi) above hi, 2 dy (x - lo) below lo, 0 between
//
// It is the quadratic penalty for bounds (Nocedal & Wright, Numerical
// Optimization, 2nd ed. 2006, section 17.1). Its first derivative is continuous,
// so that methods which count on that can go on to do so.
func BoundPenalty(x *Var, lo, hi float32) *Var {
	return newScalar(tensor.BoundPenalty(x.value, lo, hi), func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			if !add {
				dx.Fill(0)
			}
			tensor.BoundPenaltyGrad(dx, x.value, lo, hi, dy.Data()[0])
		})
	}, x).keeps(x)
}
