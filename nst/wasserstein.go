package nst

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Wasserstein is the style cost that takes the n_C channels of a layer for
// normally distributed, with the mean and covariance of the activations. It is the
// squared Wasserstein distance of order 2 of two such distributions:
//
//	J = (sum (mean_G - mean_S)^2 + tr(cov_G + cov_S - 2 (cov_S^(1/2) cov_G cov_S^(1/2))^(1/2))) / n_C
//
// (Olkin and Pukelsheim, "The distance between two random vectors with given
// dispersion matrices", Linear Algebra and its Applications 48, 1982; as a style
// cost in Crowson's "style-transfer-pytorch"). To both covariances 1e-4 of the
// style's mean variance is added on the diagonal: where there are fewer positions
// than channels, covariances have eigenvalues of 0, at which the slope of the root
// is infinite. In a region, mean and covariance are those of [autodiff.Moments]
// and [autodiff.Covariance].
//
// A blend has the mean and the covariance of a picture that shows its styles in
// parts as large as their shares w_k:
//
//	mean = sum w_k mean_k
//	cov  = sum w_k (cov_k + (mean_k - mean) (mean_k - mean)^T)
type Wasserstein struct{}

// covarianceEpsilon is the part of the style's mean variance that is added to the
// diagonal of both covariances.
const covarianceEpsilon = 1e-4

// Measure appends the mean (C) and the covariance (C,C) of a (1,H,W,C) in the
// region of the mask (1,H,W,1). It panics if the shapes are others.
func (Wasserstein) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	mean, _ := autodiff.Moments(a, mask)
	return append(dst, mean, autodiff.Covariance(a, mask))
}

// Target returns, of a blend, the mean (C) and the square root of the covariance
// (C,C), and what is added to the diagonal of covariances (C,C).
func (Wasserstein) Target(styles []Measured) []*tensor.Tensor {
	mean, covariance := meanOf(styles, 0), meanOf(styles, 1)
	for _, s := range styles {
		between, product := tensor.New(mean.Shape()...), tensor.New(covariance.Shape()...)
		tensor.Sub(between, s.Statistics[0], mean)
		tensor.Mul(product, between, between.Reshape(-1, 1))
		tensor.AddScaled(covariance, float32(s.Share), product)
	}
	n := mean.Len()
	trace := 0.0
	for i := range n {
		trace += float64(covariance.At(i, i))
	}
	ridge := tensor.New(n, n)
	for i := range n {
		ridge.Set(float32(covarianceEpsilon*trace/float64(n)), i, i)
	}
	tensor.Add(covariance, covariance, ridge)
	tensor.SquareRoot(covariance, covariance)
	return []*tensor.Tensor{mean, covariance, ridge}
}

// Compare appends the squared distance of the means and the Bures distance of the
// covariances, weighted.
func (Wasserstein) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	mean, covariance := measured[0], measured[1]
	wantMean, wantRoot, ridge := target[0], target[1], target[2]
	tape := mean.Tape()
	scale := 1 / float64(wantMean.Len())
	means := autodiff.SquaredDistance(mean, tape.Constant(wantMean))
	raised := autodiff.Add(covariance, tape.Constant(ridge))
	covariances := autodiff.BuresDistance(raised, wantRoot)
	raised.Release()
	return append(dst, autodiff.Term{Of: means, Weight: scale}, autodiff.Term{Of: covariances, Weight: scale})
}
