package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Quantiles stores in dst (K,Q) the quantile functions of the rows of x (K,N), whose
// elements have the weights (N): sort a row, divide its weight into Q equal parts, and
// dst[k,j] is the mean of what lies in part j. An element that lies in several parts counts
// in each by its weight there. Weights must not be negative, and their sum must be above
// 0; nil means that all are equal. It panics if a shape does not fit.
func Quantiles(dst, x, weights *Tensor) {
	mustBeDistributions("Quantiles", x, dst, weights)
	n, q := x.shape[1], dst.shape[1]
	total := float64(n)
	if weights != nil {
		total = Sum(weights)
	}
	parallel.For(x.shape[0], func(k int) {
		s := sorters.Get().(*sorter)
		defer sorters.Put(s)
		out := dst.data[k*q:][:q]
		part, room, sum := 0, 1.0, 0.0 // in units of a part
		for _, e := range s.sort(x.data[k*n:][:n]) {
			v := float64(e.value())
			w := float64(q) / total
			if weights != nil {
				w *= float64(weights.data[e.index()])
			}
			for w > 0 && part < q {
				here := min(w, room)
				sum += here * v
				w -= here
				if room -= here; room <= 0 {
					out[part] = float32(sum)
					part, room, sum = part+1, 1, 0
				}
			}
		}
		if part < q { // rounding has left a little
			out[part] = float32(sum / (1 - room))
		}
	})
}

func mustBeDistributions(op string, x, quantiles, weights *Tensor) {
	if len(x.shape) != 2 || len(quantiles.shape) != 2 || x.shape[0] != quantiles.shape[0] || x.shape[1] == 0 || quantiles.shape[1] == 0 {
		panic(fmt.Sprintf("tensor: %s: values %v and quantiles %v, want (K,N) and (K,Q)", op, x.shape, quantiles.shape))
	}
	if weights != nil && weights.Len() != x.shape[1] {
		panic(fmt.Sprintf("tensor: %s: weights %v, want (%d)", op, weights.shape, x.shape[1]))
	}
}
