package tensor

import (
	"fmt"
	"slices"
)

// WeightedMoments returns the mean and the variance of each channel of x
// (...,C) where some positions count more than others. weight has an element w
// for each of them, not negative and not all 0; its shape, (H,W,1) or other,
// does not matter:
//
//	mean[c]     = sum of w[p] x[p,c] / W,   W = sum of w[p]
//	variance[c] = sum of w[p] (x[p,c] - mean[c])^2 / W
//
// computed in float64, block by block as in [ChannelMoments], which is what it
// is for equal weights and what a nil weight stands for. It panics if the
// lengths do not fit, and returns NaN if all weights are 0.
func WeightedMoments(x, weight *Tensor) Moments {
	if weight == nil {
		return ChannelMoments(x)
	}
	mustHaveWeights("WeightedMoments", x, weight)
	c := x.Dim(-1)
	m := Moments{make([]float64, c), make([]float64, c)}
	sumChannels(x, func(mean, squares []float64, lo, hi int) {
		weights := weight.data[lo/c : hi/c]
		sum := plainSum(weights)
		if sum == 0 {
			return
		}
		for p, row := 0, x.data[lo:hi]; len(row) > 0; p, row = p+1, row[c:] {
			w := float64(weights[p]) / sum
			for i, v := range row[:c] {
				mean[i] += w * float64(v)
			}
		}
		for p, row := 0, x.data[lo:hi]; len(row) > 0; p, row = p+1, row[c:] {
			w := float64(weights[p])
			for i, v := range row[:c] {
				d := float64(v) - mean[i]
				squares[i] += w * d * d
			}
		}
	}, combineWeighted(m, weight))
	total := Sum(weight)
	for i := range m.Variance {
		m.Variance[i] /= total
		if total == 0 {
			m.Mean[i] = m.Variance[i] // NaN
		}
	}
	return m
}

// combineWeighted returns a function that puts the moments of blocks together,
// in order.
func combineWeighted(m Moments, weight *Tensor) func(mean, squares []float64, pixels int) {
	first, so := 0, 0.0 // position of the block, weight of those before
	return func(mean, squares []float64, pixels int) {
		sum := plainSum(weight.data[first:][:pixels])
		first += pixels
		if sum == 0 {
			return
		}
		before := so
		so += sum
		for i, v := range mean {
			d := v - m.Mean[i]
			m.Mean[i] += sum / so * d
			m.Variance[i] += squares[i] + d*d*sum/so*before
		}
	}
}

func plainSum(values []float32) float64 {
	s := 0.0
	for _, v := range values {
		s += float64(v)
	}
	return s
}

// WeightedMomentsGrad is the adjoint of WeightedMoments: from the gradients of
// mean and variance, C of each, it stores that of x in dx, of x's shape, or with
// accumulate adds it:
//
//	dx[p,c] = w[p]/W (dmean[c] + 2 dvariance[c] (x[p,c] - mean[c]))
//
// (That the mean moves with x makes no difference to the variance, of which it
// is the minimum.) It panics if the lengths do not fit.
func WeightedMomentsGrad(dx, x, weight *Tensor, m Moments, dmean, dvariance []float64, accumulate bool) {
	mustSameShape("WeightedMomentsGrad", dx, x)
	mustHaveMoments("WeightedMomentsGrad", x, m, len(dmean), len(dvariance))
	c := x.Dim(-1)
	total := float64(len(x.data)) / float64(c)
	if weight != nil {
		mustHaveWeights("WeightedMomentsGrad", x, weight)
		total = Sum(weight)
	}
	offset, slope := slices.Clone(dmean), slices.Clone(dvariance)
	for i, v := range dvariance {
		slope[i] = 2 * v
		offset[i] -= slope[i] * m.Mean[i]
	}
	parallelPixels(x, func(lo, hi int) {
		to := dx.data[lo:hi]
		for p, row := lo/c, x.data[lo:hi]; len(row) > 0; p, row, to = p+1, row[c:], to[c:] {
			w := 1 / total
			if weight != nil {
				w = float64(weight.data[p]) / total
			}
			for i, v := range row[:c] {
				d := float32(w * (offset[i] + slope[i]*float64(v)))
				if accumulate {
					d += to[i]
				}
				to[i] = d
			}
		}
	})
}

// mustHaveWeights panics unless there is a weight for every position of x.
func mustHaveWeights(op string, x, weight *Tensor) {
	mustHaveLastDimension(op, x)
	if c := x.Dim(-1); c == 0 || len(weight.data) != len(x.data)/c {
		panic(fmt.Sprintf("tensor: %s: x %v wants a weight for each position, not weights %v", op, x.shape, weight.shape))
	}
}
