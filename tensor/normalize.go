package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Normalize stores in y the channels of x (...,C) shifted and scaled by
// constants, C of each:
//
//	y[...,c] = (x[...,c] - mean[c]) / std[c]
//
// y may be x. It panics if the shapes do not fit.
func Normalize(y, x *Tensor, mean, std []float32) {
	mustSameShape("Normalize", y, x)
	mustHaveChannels("Normalize", x, mean, std)
	parallelPixels(x, func(lo, hi int) {
		out := y.data[lo:hi]
		for in := x.data[lo:hi]; len(in) > 0; in, out = in[len(std):], out[len(std):] {
			for c, s := range std {
				out[c] = (in[c] - mean[c]) / s
			}
		}
	})
}

// NormalizeGrad is the adjoint of Normalize: it stores dy / std in dx, which
// may be dy. It panics if the shapes do not fit.
func NormalizeGrad(dx, dy *Tensor, std []float32) {
	mustSameShape("NormalizeGrad", dx, dy)
	mustHaveChannels("NormalizeGrad", dy, std, std)
	parallelPixels(dy, func(lo, hi int) {
		out := dx.data[lo:hi]
		for in := dy.data[lo:hi]; len(in) > 0; in, out = in[len(std):], out[len(std):] {
			for c, s := range std {
				out[c] = in[c] / s
			}
		}
	})
}

func mustHaveChannels(op string, x *Tensor, mean, std []float32) {
	if x.Rank() == 0 || len(mean) != x.Dim(-1) || len(std) != x.Dim(-1) {
		panic(fmt.Sprintf("tensor: %s: %d means and %d deviations for x %v", op, len(mean), len(std), x.shape))
	}
}

// parallelPixels calls body for blocks of whole pixels: the range [lo,hi) of
// their elements.
func parallelPixels(x *Tensor, body func(lo, hi int)) {
	c := max(1, x.Dim(-1))
	parallel.Range(len(x.data), max(1, elementBlock/c)*c, body)
}
