package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Moments returns the mean and the variance (C) of each channel of the
// activations x (1,H,W,C) over all positions, or in the region of a mask m
// (1,H,W,1), 0 outside and 1 inside; a nil mask means everywhere. With weights
// w = m^2 / sum m^2, or 1/(H W):
//
//	mean[c]     = sum of w[p] x[p,c]
//	variance[c] = sum of w[p] (x[p,c] - mean[c])^2
//	dx[p,c]     = w[p] (dmean[c] + 2 dvariance[c] (x[p,c] - mean[c]))
//
// computed in float64. The weights are those of [GuidedGram] and [Covariance],
// whose diagonal is the variance. It panics unless x is one picture and the mask
// has its size, and gives NaN for a mask of zeros.
func Moments(x *Var, mask *tensor.Tensor) (mean, variance *Var) {
	mustBeOnePicture("Moments", x, mask)
	weight := squaredMask(mask)
	m := tensor.WeightedMoments(x.value, weight)
	zeros := make([]float64, len(m.Mean))
	shape := []int{len(m.Mean)}
	mean = newVar(shape, func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			tensor.WeightedMomentsGrad(dx, x.value, weight, m, wide(dy), zeros, add)
		})
	}, x).keeps(x)
	variance = newVar(shape, func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			tensor.WeightedMomentsGrad(dx, x.value, weight, m, zeros, wide(dy), add)
		})
	}, x).keeps(x)
	narrow(mean.value, m.Mean)
	narrow(variance.value, m.Variance)
	return mean, variance
}
