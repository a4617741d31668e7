package tensor

import (
	"fmt"
	"math"
	"slices"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// SquareRoot stores in dst the symmetric square root of a symmetric matrix a
// (C,C) without negative eigenvalues:
//
//	dst dst = a
//
// Eigenvalues that rounding has made negative count as 0. It is computed in
// float64, and NaN if an element of a is not finite. dst may be a. It panics if
// the shapes do not fit.
func SquareRoot(dst, a *Tensor) {
	mustBeSquare("SquareRoot", dst, a)
	n := a.shape[0]
	z := make([]float64, n*n)
	values := symmetricEigen(toFloat64(a), z, n)
	scaled := slices.Clone(z) // z^T diag(root) z
	for i, v := range values {
		scaleRow(scaled[i*n:][:n], math.Sqrt(max(v, 0)))
	}
	root := make([]float64, n*n)
	multiply64(root, z, scaled, n, true)
	for i, v := range root {
		dst.data[i] = float32(v)
	}
}

// BuresDistance returns the squared Bures distance of two symmetric matrices
// (C,C) without negative eigenvalues, of which b is given by its symmetric root:
//
//	y = tr a + tr b - 2 tr (root a root)^(1/2),   b = root root
//
// which is the squared Wasserstein distance of order 2 of two normal
// distributions with one mean and the covariances a and b (Olkin and
// Pukelsheim, "The distance between two random vectors with given dispersion
// matrices", Linear Algebra and its Applications 48, 1982). It is 0 for a = b.
// Unless grad is nil, it gets the gradient with respect to a,
//
//	da = 1 - root (root a root)^(-1/2) root
//
// where directions in which root a root has no extent, to within rounding, count
// for nothing. Eigenvalues are computed in float64: the distance is the small
// difference of large traces. It is NaN if an element is not finite, and then
// grad is undefined. It panics if the shapes do not fit.
func BuresDistance(grad, a, root *Tensor) float64 {
	mustBeSquare("BuresDistance", a, root)
	n := a.shape[0]
	r := toFloat64(root)
	ra, product, z := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
	multiply64(ra, r, toFloat64(a), n, false)
	multiply64(product, ra, r, n, false)
	values := symmetricEigen(product, z, n)
	y := dot(r, r)
	largest := 0.0
	for i, v := range values {
		y += float64(a.data[i*n+i]) - 2*math.Sqrt(max(v, 0)) // max keeps a NaN
		largest = max(largest, v)
	}
	if grad != nil {
		mustBeSquare("BuresDistance", grad, a)
		buresGrad(grad, root, z, values, largest*float64(n)*0x1p-52)
	}
	return y
}

// buresGrad stores 1 - w^T w in grad with w = diag(values^(-1/4)) z root, leaving
// out values that are not above least.
func buresGrad(grad, root *Tensor, z, values []float64, least float64) {
	n := len(values)
	scaled := New(n, n)
	for i, v := range values {
		if !(v > least) {
			continue
		}
		s := 1 / math.Sqrt(math.Sqrt(v))
		for j, e := range z[i*n:][:n] {
			scaled.data[i*n+j] = float32(s * e)
		}
	}
	w := New(n, n)
	MatMul(w, scaled, root, false, false, false)
	Gram(grad, w, -1)
	for i := range n {
		grad.data[i*n+i]++
	}
}

// multiply64 stores a b, or with transposed a^T b, in dst, matrices (n,n).
func multiply64(dst, a, b []float64, n int, transposed bool) {
	parallel.Range(n, eigenBlock/4, func(lo, hi int) {
		clear(dst[lo*n : hi*n])
		for k := range n {
			row := b[k*n:][:n]
			for i := lo; i < hi; i++ {
				s := a[i*n+k]
				if transposed {
					s = a[k*n+i]
				}
				axpy(s, row, dst[i*n:][:n])
			}
		}
	})
}

func toFloat64(t *Tensor) []float64 {
	wide := make([]float64, len(t.data))
	for i, v := range t.data {
		wide[i] = float64(v)
	}
	return wide
}

func scaleRow(row []float64, s float64) {
	for i := range row {
		row[i] *= s
	}
}

func mustBeSquare(op string, a, b *Tensor) {
	if a.Rank() != 2 || a.shape[0] != a.shape[1] || !SameShape(a, b) {
		panic(fmt.Sprintf("tensor: %s: wants square matrices of one size, not %v and %v", op, a.shape, b.shape))
	}
}
