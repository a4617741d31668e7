package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// BatchNorm brings every channel of x (N,H,W,C) or (N,C) to mean 0 and variance
// 1 over the batch and all positions, and from there to what gamma and beta, of
// shape (C), make of it:
//
//	y      = gamma x' + beta,   x' = (x - mean) s,   s = 1 / sqrt(variance + epsilon)
//	dbeta  = sum dy,   dgamma = sum dy x'
//	dx     = gamma s (dy - dbeta/n - x' dgamma/n)
//
// for the n values of a channel, and sums over them (Ioffe and Szegedy, "Batch
// Normalization", ICML 2015, algorithm 1 and section 3). The last line has two
// terms more than those of a multiplication, since mean and variance depend on
// x, too: to shift or to stretch all of x changes nothing about y, so that dx is
// at right angles to both, but for epsilon.
//
// It returns the mean and the variance as well, for a layer that keeps an average
// of them for later. It panics if the shapes do not fit, or if n is 1, when y
// would be beta for every x.
func BatchNorm(x, gamma, beta *Var, epsilon float64) (*Var, tensor.Moments) {
	s, g, b := x.Shape(), gamma.Shape(), beta.Shape()
	if len(s) < 2 || len(g) != 1 || len(b) != 1 || g[0] != s[len(s)-1] || b[0] != g[0] {
		panic(fmt.Sprintf("autodiff: BatchNorm: wants x (...,C), gamma (C) and beta (C), not %v, %v and %v", s, g, b))
	}
	if n := tensor.NumElements(s[:len(s)-1]); n < 2 {
		panic(fmt.Sprintf("autodiff: BatchNorm: x %v has %d values of a channel, which have no variance: wants 2 or more", s, n))
	}
	m := tensor.ChannelMoments(x.value)
	y := newVar(s, func(dy *tensor.Tensor) {
		dgamma, dbeta := tensor.BatchNormGradScale(dy, x.value, m, epsilon)
		x.addGrad(func(dx *tensor.Tensor) {
			tensor.BatchNormGradInput(dx, dy, x.value, gamma.value, m, epsilon, dgamma, dbeta)
		})
		gamma.addGrad(func(d *tensor.Tensor) { narrow(d, dgamma) })
		beta.addGrad(func(d *tensor.Tensor) { narrow(d, dbeta) })
	}, x, gamma, beta).keeps(x, gamma)
	tensor.BatchNorm(y.value, x.value, gamma.value, beta.value, m, epsilon)
	return y, m
}
