package nst

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// StyleCost defines J_style_l, the style cost of a layer: which statistics are
// measured of the activations, and how those of the picture are compared with those
// of the styles. [Gram], [MeanStd], [Sliced] and [Wasserstein] implement it, and so can any
// other type. Scales, masks, blends, normalised gradients and the forecast work with
// all of them.
//
// An [Objective] calls the methods at each style layer and for each region:
//
//	once              statistics[k] = Measure(activations of style k, its mask)
//	                  target        = Target(statistics of all styles of the region)
//	each evaluation   measured      = Measure(activations of the picture, mask of the region)
//	                  terms         = Compare(measured, target)
//	                  J_style_l     = sum over terms of weight times scalar
//
// Rules for an implementation:
//
//   - One value serves layers with different numbers of channels and, in
//     [Transfer], scales of different sizes. It keeps no state of either. A cache
//     is allowed if what it holds follows from its key alone, as random directions
//     follow from a seed and the number of channels. An objective calls the methods
//     one at a time; objectives that run at the same time may share a value.
//   - The methods are deterministic. Equal arguments give equal bits on any number
//     of threads; random numbers come from a fixed seed.
//   - Operations are put on the tape of their arguments ([autodiff.Var.Tape]), and
//     constants with [autodiff.Tape.Constant]. A style and the picture may be on
//     different tapes, so nothing of type Var is kept from one call to the next.
//   - The arguments are not modified. Masks and targets stay as they are for as
//     long as the objective is used.
//   - What is computed from values ([autodiff.Var.Value]) and not by operations is
//     a constant for the gradient. That is right for the order of sorted values,
//     whose derivative is 0, and wrong for most other things. With a wrong gradient
//     the line searches of L-BFGS fail.
//   - NaN and infinite values stay what they are. Transfer then ends with an error
//     and the last good picture; a finite cost would hide the mistake.
//   - Mistakes in the program, such as a field out of its range, panic.
type StyleCost interface {
	// Measure appends to dst the statistics of the activations a (1,H,W,C) in the
	// region of a mask (1,H,W,1), and returns the result. The mask is 1 inside, 0
	// outside and between at soft edges, with a sum above 0; nil means everywhere. The
	// number of statistics, their shapes and their meaning are up to the
	// implementation. A shape may depend on H and W, which differ between style and
	// picture.
	//
	// The objective releases the statistics once Compare has returned; their memory
	// then serves other values, as far as gradients do not read it. Intermediate
	// values are for Measure to release, or they take memory until the evaluation
	// ends. Measure does not release a, but a or a view of it may be a statistic.
	Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var

	// Target returns the constants that Compare needs of the styles of a region,
	// at least one. Several styles are a blend; what the statistics of a blend are
	// is up to the implementation. Target may modify and keep the statistics.
	Target(styles []Measured) []*tensor.Tensor

	// Compare appends to dst the scalars whose weighted sum is the cost, and returns
	// the result. The scalars are on the tape of the statistics. These are what
	// Measure has appended for the picture, and target is what Target has returned
	// for the region.
	Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term
}

// Measured is what a StyleCost has measured of one style.
type Measured struct {
	// Share is the part of a blend that is this style, above 0. The shares of all
	// styles of a blend add up to 1.
	Share float64
	// Statistics are the values of what Measure has appended, in the same order.
	Statistics []*tensor.Tensor
}

// meanOf returns the mean of statistic i over the styles of a blend, weighted by
// their shares.
func meanOf(styles []Measured, i int) *tensor.Tensor {
	mean := tensor.New(styles[0].Statistics[i].Shape()...)
	for _, s := range styles {
		tensor.AddScaled(mean, float32(s.Share), s.Statistics[i])
	}
	return mean
}
