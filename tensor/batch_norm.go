package tensor

import (
	"fmt"
	"math"
	"slices"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Moments are the mean and the variance of every channel of an array (...,C),
// C of each: over batch and positions for activations (N,H,W,C), over the batch
// for (N,C). The variance is that of the values themselves, the mean of the
// squared deviations, not the estimate for a population they are drawn from.
type Moments struct{ Mean, Variance []float64 }

// ChannelMoments returns the mean and the variance of each channel of x
// (...,C), computed in float64. Both are zero if there are no values. It panics
// for rank 0.
//
// A block of x is read twice while it is in the cache, first for the mean and
// then for deviations from it, so that nothing cancels if the mean is large.
// Blocks are put together as Chan, Golub and LeVeque, "Algorithms for Computing
// the Sample Variance" (The American Statistician, 1983), put samples together.
func ChannelMoments(x *Tensor) Moments {
	mustHaveLastDimension("ChannelMoments", x)
	c := x.Dim(-1)
	m := Moments{make([]float64, c), make([]float64, c)}
	pixels := 0 // so far
	sumChannels(x, func(mean, squares []float64, lo, hi int) {
		for row := x.data[lo:hi]; len(row) > 0; row = row[c:] {
			for i, v := range row[:c] {
				mean[i] += float64(v)
			}
		}
		for i := range mean {
			mean[i] /= float64((hi - lo) / c)
		}
		for row := x.data[lo:hi]; len(row) > 0; row = row[c:] {
			for i, v := range row[:c] {
				d := float64(v) - mean[i]
				squares[i] += d * d
			}
		}
	}, func(mean, squares []float64, n int) {
		pixels += n
		share := float64(n) / float64(pixels)
		for i, v := range mean {
			d := v - m.Mean[i]
			m.Mean[i] += share * d
			m.Variance[i] += squares[i] + d*d*share*float64(pixels-n)
		}
	})
	for i := range m.Variance {
		m.Variance[i] /= float64(max(1, pixels))
	}
	return m
}

// BatchNorm stores in y the channels of x (...,C) brought to mean 0 and
// variance 1, and from there to beta and gamma, of shape (C):
//
//	y[...,c] = gamma[c] (x[...,c] - mean[c]) / sqrt(variance[c] + epsilon) + beta[c]
//
// y may be x. It panics if the shapes do not fit.
func BatchNorm(y, x, gamma, beta *Tensor, m Moments, epsilon float64) {
	mustSameShape("BatchNorm", y, x)
	mustHaveMoments("BatchNorm", x, m, len(gamma.data), len(beta.data))
	scale := m.inverseDeviations(epsilon)
	for i, g := range gamma.data {
		scale[i] *= float64(g)
	}
	parallelPixels(x, func(lo, hi int) {
		out := y.data[lo:hi]
		for in := x.data[lo:hi]; len(in) > 0; in, out = in[len(scale):], out[len(scale):] {
			for i, s := range scale {
				out[i] = float32((float64(in[i])-m.Mean[i])*s + float64(beta.data[i]))
			}
		}
	})
}

// BatchNormGradScale returns the gradients of gamma and beta, C of each, for
// the gradient dy of what BatchNorm made of x:
//
//	dgamma[c] = sum of dy[...,c] (x[...,c] - mean[c]) / sqrt(variance[c] + epsilon)
//	dbeta[c]  = sum of dy[...,c]
//
// computed in float64. It panics if the shapes do not fit.
func BatchNormGradScale(dy, x *Tensor, m Moments, epsilon float64) (dgamma, dbeta []float64) {
	mustSameShape("BatchNormGradScale", dy, x)
	mustHaveMoments("BatchNormGradScale", x, m)
	c := x.Dim(-1)
	dgamma, dbeta = make([]float64, c), make([]float64, c)
	sumChannels(x, func(products, sums []float64, lo, hi int) {
		out := dy.data[lo:hi]
		for in := x.data[lo:hi]; len(in) > 0; in, out = in[c:], out[c:] {
			for i, mean := range m.Mean {
				d := float64(out[i])
				products[i] += d * (float64(in[i]) - mean)
				sums[i] += d
			}
		}
	}, func(products, sums []float64, _ int) {
		for i, v := range products {
			dgamma[i] += v
			dbeta[i] += sums[i]
		}
	})
	for i, s := range m.inverseDeviations(epsilon) {
		dgamma[i] *= s
	}
	return dgamma, dbeta
}

// BatchNormGradInput stores in dx, which may be dy, the gradient of x where m
// are the moments of x itself, so that they move with it. For n values of a
// channel, with x' = (x - mean) / sqrt(variance + epsilon):
//
//	dx[...,c] = gamma[c] / sqrt(variance[c] + epsilon) (dy[...,c] - dbeta[c]/n - x'[...,c] dgamma[c]/n)
//
// dgamma and dbeta are those of [BatchNormGradScale]. It panics if the shapes do
// not fit.
func BatchNormGradInput(dx, dy, x, gamma *Tensor, m Moments, epsilon float64, dgamma, dbeta []float64) {
	mustSameShape("BatchNormGradInput", dx, dy)
	mustSameShape("BatchNormGradInput", dy, x)
	mustHaveMoments("BatchNormGradInput", x, m, len(gamma.data), len(dgamma), len(dbeta))
	// dx = scale dy - slope (x - mean) - offset
	scale := m.inverseDeviations(epsilon)
	slope, offset := make([]float64, len(scale)), make([]float64, len(scale))
	n := float64(len(x.data)) / float64(len(scale))
	for i, s := range scale {
		scale[i] *= float64(gamma.data[i])
		slope[i] = scale[i] * s * dgamma[i] / n
		offset[i] = scale[i] * dbeta[i] / n
	}
	parallelPixels(x, func(lo, hi int) {
		in, to := x.data[lo:hi], dx.data[lo:hi]
		for out := dy.data[lo:hi]; len(out) > 0; in, out, to = in[len(scale):], out[len(scale):], to[len(scale):] {
			for i, s := range scale {
				to[i] = float32(s*float64(out[i]) - slope[i]*(float64(in[i])-m.Mean[i]) - offset[i])
			}
		}
	})
}

func (m Moments) inverseDeviations(epsilon float64) []float64 {
	inverse := make([]float64, len(m.Variance))
	for i, v := range m.Variance {
		inverse[i] = 1 / math.Sqrt(v+epsilon)
	}
	return inverse
}

// mustHaveMoments panics unless there are moments for every channel of x, and as
// many of everything else that counts has the numbers of.
func mustHaveMoments(op string, x *Tensor, m Moments, counts ...int) {
	mustHaveLastDimension(op, x)
	counts = append(counts, len(m.Mean), len(m.Variance))
	if slices.ContainsFunc(counts, func(n int) bool { return n != x.Dim(-1) }) {
		panic(fmt.Sprintf("tensor: %s: x %v wants parameters and moments for %d channels, not %v", op, x.shape, x.Dim(-1), counts))
	}
}

// sumChannels calls body for blocks of whole pixels of x (...,C), with two sums
// of every channel to add to and the range [lo,hi) of the block's elements, in
// parallel; and then combine for the sums of each block, in order, with the
// number of its pixels.
func sumChannels(x *Tensor, body func(a, b []float64, lo, hi int), combine func(a, b []float64, pixels int)) {
	c := x.Dim(-1)
	if len(x.data) == 0 {
		return
	}
	block := max(1, elementBlock/c) * c
	p := partialSums.Get().(*[]float64)
	defer partialSums.Put(p)
	n := (len(x.data) + block - 1) / block * 2 * c
	*p = slices.Grow((*p)[:0], n)[:n]
	partial := *p
	clear(partial)
	sums := func(lo int) (a, b []float64) {
		both := partial[lo/block*2*c:][:2*c]
		return both[:c], both[c:]
	}
	parallel.Range(len(x.data), block, func(lo, hi int) {
		a, b := sums(lo)
		body(a, b, lo, hi)
	})
	for lo := 0; lo < len(x.data); lo += block {
		a, b := sums(lo)
		combine(a, b, (min(lo+block, len(x.data))-lo)/c)
	}
}
