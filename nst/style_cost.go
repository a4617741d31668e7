package nst

import (
	"math"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// StyleCost is what is compared of two styles at a layer of n_C channels. All
// are statistics of the activations of single positions, over all of a picture or
// the region of a mask; they know nothing of where a position was.
type StyleCost int

const (
	// GramCost compares Gram matrices (Gatys et al. 2015):
	//
	//	J = sum (Gram_G - Gram_S)^2 / (4 n_C^2)
	GramCost StyleCost = iota
	// MeanStdCost compares mean and standard deviation of each channel:
	//
	//	J = (sum (mean_G - mean_S)^2 + sum (std_G - std_S)^2) / n_C
	//
	// (the statistics of batch normalisation: Li, Wang, Liu and Hou,
	// "Demystifying Neural Style Transfer", IJCAI 2017; and, with norms in place
	// of their squares, Huang and Belongie, "Arbitrary Style Transfer in Real-time
	// with Adaptive Instance Normalization", ICCV 2017, equation 13). std is the
	// square root of the variance plus 1e-5.
	MeanStdCost
	// WassersteinCost is the squared Wasserstein distance of order 2 between the
	// normal distributions with the means and covariances of the activations:
	//
	//	J = (sum (mean_G - mean_S)^2 + tr(cov_G + cov_S - 2 (cov_S^(1/2) cov_G cov_S^(1/2))^(1/2))) / n_C
	//
	// as in Crowson's "style-transfer-pytorch". To both covariances 1e-4 of the
	// style's mean variance is added on the diagonal, so that directions in
	// which it has no extent, as where there are fewer positions than channels,
	// do not have an infinite slope.
	WassersteinCost
)

const (
	deviationEpsilon  = 1e-5 // added to a variance before its root is taken
	covarianceEpsilon = 1e-4 // of the mean variance
)

// target is what the statistics of a layer are compared with.
type target struct {
	mean   *tensor.Tensor // (C); nil for Gram matrices
	second *tensor.Tensor // Gram matrix (C,C), deviations (C), or root of the covariance (C,C)
	ridge  *tensor.Tensor // what is added to a covariance (C,C); else nil
}

// measure returns the statistics of a (1,H,W,C) in the region of a mask, which
// may be nil: the mean, nil for Gram matrices, and the second moment, a matrix
// or, for MeanStdCost, the variances.
func (k StyleCost) measure(a *autodiff.Var, mask *tensor.Tensor) (mean, second *autodiff.Var) {
	switch k {
	case MeanStdCost:
		return autodiff.Moments(a, mask)
	case WassersteinCost:
		mean, _ = autodiff.Moments(a, mask)
		return mean, autodiff.Covariance(a, mask)
	}
	if mask == nil {
		return nil, autodiff.Gram(a)
	}
	return nil, autodiff.GuidedGram(a, mask)
}

// measured are statistics of a style with its share of a blend.
type measured struct {
	share        float64
	mean, second *tensor.Tensor // mean is nil for Gram matrices
}

// blend returns the statistics of a blend of styles, whose shares add up to 1:
// those of a picture that has so much of each. For Gram matrices and means that
// is their mean; the variance of the parts' means adds to the mean of variances.
func (k StyleCost) blend(parts []measured) target {
	second := tensor.New(parts[0].second.Shape()...)
	for _, p := range parts {
		tensor.AddScaled(second, float32(p.share), p.second)
	}
	if k == GramCost {
		return target{second: second}
	}
	mean := tensor.New(parts[0].mean.Shape()...)
	for _, p := range parts {
		tensor.AddScaled(mean, float32(p.share), p.mean)
	}
	if len(parts) > 1 {
		for _, p := range parts {
			between := tensor.New(mean.Shape()...)
			tensor.Sub(between, p.mean, mean)
			square := tensor.New(second.Shape()...)
			if k == MeanStdCost {
				tensor.Mul(square, between, between)
			} else {
				tensor.Mul(square, between, between.Reshape(-1, 1))
			}
			tensor.AddScaled(second, float32(p.share), square)
		}
	}
	if k == MeanStdCost {
		tensor.Map(second, second, func(v float32) float32 { return float32(math.Sqrt(float64(v) + deviationEpsilon)) })
		return target{mean: mean, second: second}
	}
	n := mean.Len()
	trace := 0.0
	for i := range n {
		trace += float64(second.At(i, i))
	}
	ridge := tensor.New(n, n)
	for i := range n {
		ridge.Set(float32(covarianceEpsilon*trace/float64(n)), i, i)
	}
	tensor.Add(second, second, ridge)
	tensor.SquareRoot(second, second)
	return target{mean: mean, second: second, ridge: ridge}
}

// compare returns the cost of statistics, and appends to terms the scalars on
// the tape that add up to weight times the cost.
func (k StyleCost) compare(mean, second *autodiff.Var, t target, weight float64, terms []autodiff.Term) (float64, []autodiff.Term) {
	tape := second.Tape()
	value := 0.0
	add := func(distance *autodiff.Var, scale float64) {
		value += scale * distance.Scalar()
		terms = append(terms, autodiff.Term{Of: distance, Weight: weight * scale})
	}
	if k == GramCost {
		add(autodiff.SquaredDistance(second, tape.Constant(t.second)), 1/(4*float64(t.second.Len())))
		return value, terms
	}
	scale := 1 / float64(t.mean.Len())
	add(autodiff.SquaredDistance(mean, tape.Constant(t.mean)), scale)
	if k == MeanStdCost {
		deviation := autodiff.Sqrt(autodiff.AddScalar(second, deviationEpsilon))
		add(autodiff.SquaredDistance(deviation, tape.Constant(t.second)), scale)
	} else {
		add(autodiff.BuresDistance(autodiff.Add(second, tape.Constant(t.ridge)), t.second), scale)
	}
	return value, terms
}
