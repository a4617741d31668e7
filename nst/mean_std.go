package nst

import (
	"math"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// MeanStd is the style cost that compares mean and standard deviation of each of
// the n_C channels of a layer:
//
//	J = (sum (mean_G - mean_S)^2 + sum (std_G - std_S)^2) / n_C
//
// (the statistics of batch normalisation: Li, Wang, Liu and Hou, "Demystifying
// Neural Style Transfer", IJCAI 2017; and, with norms in place of their squares,
// Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive
// Instance Normalization", ICCV 2017, equation 13). std is the square root of the
// variance plus 1e-5. In a region, both are those of [autodiff.Moments].
//
// A blend has the mean and the deviation of a picture that shows its styles in
// parts as large as their shares w_k:
//
//	mean     = sum w_k mean_k
//	variance = sum w_k (variance_k + (mean_k - mean)^2)
type MeanStd struct{}

// deviationEpsilon is added to a variance before its root is taken, whose slope
// at 0 is infinite.
const deviationEpsilon = 1e-5

// Measure appends the mean and the variance (C) of the channels of a (1,H,W,C) in
// the region of the mask (1,H,W,1). It panics if the shapes are others.
func (MeanStd) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	mean, variance := autodiff.Moments(a, mask)
	return append(dst, mean, variance)
}

// Target returns the mean and the deviation (C) of a blend.
func (MeanStd) Target(styles []Measured) []*tensor.Tensor {
	mean, variance := meanOf(styles, 0), meanOf(styles, 1)
	for _, s := range styles {
		between := tensor.New(mean.Shape()...)
		tensor.Sub(between, s.Statistics[0], mean)
		tensor.Mul(between, between, between)
		tensor.AddScaled(variance, float32(s.Share), between)
	}
	tensor.Map(variance, variance, func(v float32) float32 { return float32(math.Sqrt(float64(v) + deviationEpsilon)) })
	return []*tensor.Tensor{mean, variance}
}

// Compare appends the squared distances of means and deviations, weighted.
func (MeanStd) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	mean, variance := measured[0], measured[1]
	tape := mean.Tape()
	scale := 1 / float64(target[0].Len())
	means := autodiff.SquaredDistance(mean, tape.Constant(target[0]))
	deviation := autodiff.Sqrt(autodiff.AddScalar(variance, deviationEpsilon))
	deviations := autodiff.SquaredDistance(deviation, tape.Constant(target[1]))
	return append(dst, autodiff.Term{Of: means, Weight: scale}, autodiff.Term{Of: deviations, Weight: scale})
}
