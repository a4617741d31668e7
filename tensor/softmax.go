package tensor

import (
	"fmt"
	"math"
	"slices"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Softmax turns each row of x, its last dimension, into probabilities, and
// stores them in dst, which may be x:
//
//	dst[i] = exp(x[i] - m) / sum over j of exp(x[j] - m),   m = max x[j]
//
// Subtracting the largest value changes nothing in exact arithmetic and keeps
// exp from overflowing. Computed in float64. It panics if the shapes differ or
// have rank 0.
func Softmax(dst, x *Tensor) {
	forEachLastRow("Softmax", dst, x, x, func(out, in, _ []float32) {
		m, sum := maxAndExpSum(in)
		for i, v := range in {
			out[i] = float32(math.Exp(float64(v)-m) / sum)
		}
	})
}

// SoftmaxGrad is the adjoint of the derivative of Softmax at the output y. It
// stores in dx, which may be dy:
//
//	dx[i] = y[i] (dy[i] - sum over j of dy[j] y[j])
//
// It panics if the shapes differ or have rank 0.
func SoftmaxGrad(dx, dy, y *Tensor) {
	forEachLastRow("SoftmaxGrad", dx, dy, y, func(dx, dy, y []float32) {
		s := 0.0
		for i, v := range dy {
			s += float64(v) * float64(y[i])
		}
		for i, v := range dy {
			dx[i] = float32(float64(y[i]) * (float64(v) - s))
		}
	})
}

// LogSoftmax stores the logarithms of the probabilities of [Softmax] in dst,
// which may be x:
//
//	dst[i] = x[i] - m - log(sum over j of exp(x[j] - m)),   m = max x[j]
//
// so that a probability too small for a float32 still has a finite logarithm.
// Computed in float64. It panics if the shapes differ or have rank 0.
func LogSoftmax(dst, x *Tensor) {
	forEachLastRow("LogSoftmax", dst, x, x, func(out, in, _ []float32) {
		m, sum := maxAndExpSum(in)
		log := math.Log(sum)
		for i, v := range in {
			out[i] = float32(float64(v) - m - log)
		}
	})
}

// LogSoftmaxGrad is the adjoint of the derivative of LogSoftmax at the output
// y. It stores in dx, which may be dy:
//
//	dx[i] = dy[i] - exp(y[i]) sum over j of dy[j]
//
// It panics if the shapes differ or have rank 0.
func LogSoftmaxGrad(dx, dy, y *Tensor) {
	forEachLastRow("LogSoftmaxGrad", dx, dy, y, func(dx, dy, y []float32) {
		s := 0.0
		for _, v := range dy {
			s += float64(v)
		}
		for i, v := range dy {
			dx[i] = float32(float64(v) - math.Exp(float64(y[i]))*s)
		}
	})
}

func maxAndExpSum(row []float32) (m, sum float64) {
	m = float64(slices.Max(row))
	for _, v := range row {
		sum += math.Exp(float64(v) - m)
	}
	return m, sum
}

// forEachLastRow calls body for each row of the last dimension of three
// tensors of one shape, in parallel.
func forEachLastRow(op string, a, b, c *Tensor, body func(a, b, c []float32)) {
	mustSameShape(op, a, b)
	mustSameShape(op, b, c)
	mustHaveLastDimension(op, a)
	n := a.Dim(-1)
	if len(a.data) == 0 {
		return
	}
	parallel.Range(len(a.data)/n, max(1, elementBlock/n), func(lo, hi int) {
		for i := lo * n; i < hi*n; i += n {
			body(a.data[i:i+n], b.data[i:i+n], c.data[i:i+n])
		}
	})
}

func mustHaveLastDimension(op string, x *Tensor) {
	if x.Rank() == 0 {
		panic(fmt.Sprintf("tensor: %s: a tensor of rank 0 has no last dimension", op))
	}
}
