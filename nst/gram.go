package nst

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Gram is the style cost that compares Gram matrices, of a layer of n_C channels:
//
//	J = sum (Gram_G - Gram_S)^2 / (4 n_C^2)
//
// (Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
// equations 3 and 4). In a region it compares guided Gram matrices, see
// [autodiff.GuidedGram]. The Gram matrix of a blend is the mean of those of its
// styles, weighted by their shares: up to a constant, the cost is then the mean of
// the costs.
type Gram struct{}

// Measure appends the Gram matrix (C,C) of a (1,H,W,C) in the region of the mask
// (1,H,W,1). It panics if the shapes are others.
func (Gram) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	if mask == nil {
		return append(dst, autodiff.Gram(a))
	}
	return append(dst, autodiff.GuidedGram(a, mask))
}

// Target returns the Gram matrix (C,C) of a blend.
func (Gram) Target(styles []Measured) []*tensor.Tensor {
	return []*tensor.Tensor{meanOf(styles, 0)}
}

// Compare appends the squared distance of the Gram matrices, weighted.
func (Gram) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	gram, want := measured[0], target[0]
	distance := autodiff.SquaredDistance(gram, gram.Tape().Constant(want))
	return append(dst, autodiff.Term{Of: distance, Weight: 1 / (4 * float64(want.Len()))})
}
