package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Covariance returns the covariance matrix (C,C) of the activations x (1,H,W,C)
// over all positions, or in the region of a mask m (1,H,W,1) as for
// [GuidedGram]; a nil mask means everywhere. With the mean mu of each channel,
// weighted by m^2, and A' = A - mu:
//
//	S  = (M A')^T (M A') / sum m^2
//	dA = M M A' (dS + dS^T) / sum m^2
//
// (A change of mu changes nothing about S to first order, because the rows of
// M M A' add up to 0.) Since the mean is taken off first, S has no
// negative eigenvalues beyond those of rounding. It panics like GuidedGram.
func Covariance(x *Var, mask *tensor.Tensor) *Var {
	mustBeOnePicture("Covariance", x, mask)
	mean := tensor.New(x.Shape()[3])
	narrow(mean, tensor.WeightedMoments(x.value, squaredMask(mask)).Mean)
	return gram("Covariance", x, mask, mean)
}
