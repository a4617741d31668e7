package tensor

import "github.com/brushgrad/brushgrad/tensor/parallel"

// BoundPenalty returns the sum of the squared distances of all elements of x to
// the interval [lo, hi], accumulated in float64:
//
//	sum of max(0, x - hi)^2 + max(0, lo - x)^2
//
// It is the quadratic penalty for bounds (Nocedal & Wright, Numerical
// Optimization, 2nd ed. 2006, section 17.1). NaN gives NaN.
func BoundPenalty(x *Tensor, lo, hi float32) float64 {
	return sumInOrder(len(x.data), sumBlock, func(i, j int) float64 {
		s := 0.0
		for _, v := range x.data[i:j] {
			d := float64(beyond(v, lo, hi))
			s += d * d
		}
		return s
	})
}

// BoundPenaltyGrad adds to dx the gradient of scale times BoundPenalty at x, which
// is 2 scale (x - hi) above hi, 2 scale (x - lo) below lo, and 0 between. It panics
// if the shapes differ.
func BoundPenaltyGrad(dx, x *Tensor, lo, hi, scale float32) {
	mustSameShape("BoundPenaltyGrad", dx, x)
	parallel.Range(len(x.data), elementBlock, func(i, j int) {
		out := dx.data[i:j]
		for k, v := range x.data[i:j] {
			out[k] += 2 * scale * beyond(v, lo, hi)
		}
	})
}

// beyond returns how far v is above hi, or, negative, below lo.
func beyond(v, lo, hi float32) float32 { return v - min(max(v, lo), hi) }
