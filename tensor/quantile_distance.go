package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// QuantileDistance returns the squared Wasserstein distance of order 2, in one
// dimension, from the distribution of the elements of each row of x (K,N) to the one
// with the quantile function in the same row of quantiles (K,Q), averaged over rows:
//
//	y       = 1/K sum over k of the integral of (x_k(u) - q_k(u))^2, u = 0..1
//	dx[k,i] = 2/K w[i] (x[k,i] - T[k,i]),   sum w = 1
//
// In one dimension the cheapest transport keeps the order (Peyré and Cuturi, "Computational
// Optimal Transport", 2019, section 2.6). Sort a row, and each element has its own part of
// all weight, from the sum u before it to the sum with it, where x_k(u) is the element. The
// function q_k(u) has the Q quantiles, each for 1/Q of the weight, and T is its mean over the
// part of the element. The order stays as it is under a small change of x, so that T is a
// constant for the gradient.
//
// Elements that differ by at most 2^-18 of the range of their row are equal, and have the
// mean over the parts of all. In an area of one colour, they differ by nothing else than
// rounding, of which the order would become a pattern in the picture.
//
// The weights (N) are divided by their sum, which must be above 0; nil means that all are
// equal. Unless grad is nil, it gets the gradient; it may be x. Each row is summed in
// float64. y is not finite if an element is not, and then grad is undefined. It panics if a
// shape does not fit.
func QuantileDistance(grad, x, quantiles, weights *Tensor) float64 {
	mustBeDistributions("QuantileDistance", x, quantiles, weights)
	if grad != nil && !SameShape(grad, x) {
		panic(fmt.Sprintf("tensor: QuantileDistance: gradient %v, x %v: want one shape", grad.shape, x.shape))
	}
	rows, n, q := x.shape[0], x.shape[1], quantiles.shape[1]
	total := float64(n)
	var weight []float32
	if weights != nil {
		total, weight = Sum(weights), weights.data
	}
	distances := make([]float64, rows)
	parallel.For(rows, func(k int) {
		var out []float32
		if grad != nil {
			out = grad.data[k*n:][:n]
		}
		distances[k] = rowDistance(out, x.data[k*n:][:n], quantiles.data[k*q:][:q], weight, total, 2/(float64(rows)*total))
	})
	y := 0.0
	for _, d := range distances {
		y += d
	}
	return y / float64(rows)
}

// rowDistance is QuantileDistance of a single row, not divided by the number of rows; scale
// is what the gradient is multiplied by.
func rowDistance(grad, row, quantiles, weight []float32, total, scale float64) float64 {
	s := sorters.Get().(*sorter)
	defer sorters.Put(s)
	sorted := s.sort(row)
	const equal = 1. / (1 << 18)
	apart := equal * (sorted[len(row)-1].value() - sorted[0].value())
	q := len(quantiles)
	perWeight := float64(q) / total
	// place is where the quantiles are, in units of one, with the sum of all before it and
	// that of their squares.
	place, sum, squares := 0, 0.0, 0.0
	y, below, start, startSquares := 0.0, 0.0, 0.0, 0.0
	for i := 0; i < len(sorted); {
		first, least := i, sorted[i].value()
		w := 0.0 // of all that are equal
		for ; i < len(sorted) && (i == first || sorted[i].value()-least <= apart); i++ {
			if weight == nil {
				w++
			} else {
				w += float64(weight[sorted[i].index()])
			}
		}
		to := 0.0
		if w > 0 {
			below += w
			u := below * perWeight
			for ; place < q-1 && float64(place+1) <= u; place++ {
				v := float64(quantiles[place])
				sum += v
				squares += v * v
			}
			here := float64(quantiles[place])
			end, endSquares := sum+(u-float64(place))*here, squares+(u-float64(place))*here*here
			to = (end - start) / (w * perWeight)
			y += (endSquares-startSquares)/perWeight - w*to*to // the quantiles differ from their mean
			start, startSquares = end, endSquares
		}
		for _, e := range sorted[first:i] {
			d := float64(e.value()) - to
			wd := d
			if weight != nil {
				wd *= float64(weight[e.index()])
			}
			y += wd * d
			if grad != nil {
				grad[e.index()] = float32(scale * wd)
			}
		}
	}
	return y / total
}
