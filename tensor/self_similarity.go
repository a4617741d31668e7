package tensor

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// similarityEpsilon is added to squared lengths and to mean distances, which are numbers
// around 1 or far from small, so that a picture of one colour gives no division by 0.
const similarityEpsilon = 1e-4

// SelfSimilarity stores in y (N,N) the cosine distances between the rows of x (N,C),
// each column divided by its mean:
//
//	u[i]   = x[i] / |x[i]|
//	d[i,j] = 1 - u[i] . u[j]
//	y[i,j] = d[i,j] / mean over k of d[k,j]
//
// It says which positions of a picture look alike, whatever they look like (Kolkin,
// Salavon and Shakhnarovich, "Style Transfer by Relaxed Optimal Transport and
// Self-Similarity", CVPR 2019, section 2.2). 1e-4 is added to |x|^2 and to the means. What
// [SelfSimilarityGrad] needs is stored in u (N,C) and scales (2,N): 1/|x[i]|, and 1
// divided by the mean of each column. It panics if the shapes do not fit.
func SelfSimilarity(y, u, scales, x *Tensor) {
	mustBeSimilarities("SelfSimilarity", y, u, scales, x)
	n, c := x.shape[0], x.shape[1]
	perLength, perMean := scales.data[:n], scales.data[n:]
	parallel.Range(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := x.data[i*c:][:c]
			squares := 0.0
			for _, v := range row {
				squares += float64(v) * float64(v)
			}
			perLength[i] = float32(1 / math.Sqrt(squares+similarityEpsilon))
			for j, v := range row {
				u.data[i*c+j] = v * perLength[i]
			}
		}
	})
	MatMul(y, u, u, false, true, false)
	// y is symmetric up to here, so that the mean of a column is that of a row.
	parallel.Range(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for _, v := range y.data[i*n:][:n] {
				sum += float64(v)
			}
			perMean[i] = float32(1 / (max(0, 1-sum/float64(n)) + similarityEpsilon))
		}
	})
	parallel.Range(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := y.data[i*n:][:n]
			for j, v := range row {
				row[j] = (1 - v) * perMean[j]
			}
		}
	})
}

// SelfSimilarityGrad stores in dx (N,C) the gradient of SelfSimilarity, or adds it if
// accumulate is set, given that of its result, dy (N,N), and what it has stored in y, u
// and scales:
//
//	dd[i,j] = (dy[i,j] - mean over k of dy[k,j] y[k,j]) / mean over k of d[k,j]
//	du      = -(dd + dd^T) u
//	dx[i]   = (du[i] - u[i] (u[i] . du[i])) / |x[i]|
//
// dy is overwritten. It panics if the shapes do not fit.
func SelfSimilarityGrad(dx, dy, y, u, scales *Tensor, accumulate bool) {
	mustBeSimilarities("SelfSimilarityGrad", y, u, scales, dx)
	if !SameShape(dy, y) {
		panic(fmt.Sprintf("tensor: SelfSimilarityGrad: dy %v and y %v, want one shape", dy.shape, y.shape))
	}
	n, c := u.shape[0], u.shape[1]
	perLength, perMean := scales.data[:n], scales.data[n:]
	// The mean over a column, in an order that does not depend on the number of threads.
	means := getScratch(n)
	defer means.put()
	parallel.Range(n, 64, func(lo, hi int) {
		part := means.data[lo:hi]
		clear(part)
		for k := range n {
			d, v := dy.data[k*n+lo:][:len(part)], y.data[k*n+lo:][:len(part)]
			for j := range part {
				part[j] += d[j] * v[j]
			}
		}
	})
	parallel.Range(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := dy.data[i*n:][:n]
			for j, v := range row {
				row[j] = (means.data[j]/float32(n) - v) * perMean[j] // -dd
			}
		}
	})
	du := getScratch(n * c)
	defer du.put()
	d := Over(du.data, []int{n, c})
	MatMul(&d, dy, u, false, false, false)
	MatMul(&d, dy, u, true, false, true)
	parallel.Range(n, 64, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			du, u, out := d.data[i*c:][:c], u.data[i*c:][:c], dx.data[i*c:][:c]
			along := float32(dotOf(du, u))
			for j, v := range du {
				g := (v - u[j]*along) * perLength[i]
				if accumulate {
					g += out[j]
				}
				out[j] = g
			}
		}
	})
}

// dotOf returns the scalar product of two rows, summed in float64.
func dotOf(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

func mustBeSimilarities(op string, y, u, scales, x *Tensor) {
	n := 0
	if len(x.shape) == 2 {
		n = x.shape[0]
	}
	if n == 0 || !SameShape(u, x) || len(y.shape) != 2 || y.shape[0] != n || y.shape[1] != n || scales.Len() != 2*n {
		panic(fmt.Sprintf("tensor: %s: rows %v, directions %v, similarities %v and scales %v, want (N,C), (N,C), (N,N) and (2,N)",
			op, x.shape, u.shape, y.shape, scales.shape))
	}
}
