package tensor

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// eigenBlock is the number of rows or columns of a matrix that a goroutine
// takes at a time.
const eigenBlock = 32

// eigenSweeps bounds the QL iterations for one eigenvalue. Two or three are
// usual.
const eigenSweeps = 60

// symmetricEigen returns the eigenvalues of a symmetric matrix a (n,n), in no
// particular order, and stores their eigenvectors, of length 1, in the rows of
// z, so that
//
//	a = z^T diag(values) z
//
// in float64, with errors of about 1e-16 of the largest eigenvalue. a is
// overwritten. The values are NaN if an element of a is not finite.
//
// Householder reflections make the matrix tridiagonal, and QL iterations with
// implicit shifts make that diagonal (Golub and Van Loan, "Matrix Computations",
// 4th edition 2013, algorithms 8.3.1 and 8.3.2). About 9 n^3 operations.
func symmetricEigen(a, z []float64, n int) (values []float64) {
	values = make([]float64, n)
	for _, v := range a[:n*n] {
		if v-v != 0 { // an iteration would never end
			for i := range values {
				values[i] = math.NaN()
			}
			return values
		}
	}
	off := make([]float64, n) // off[i] couples i and i+1
	tridiagonalise(a, z, values, off, n)
	for l := range n {
		for range eigenSweeps {
			m := smallCoupling(values, off, l)
			if m == l {
				break
			}
			sweepQL(values, off, z, l, m, n)
		}
	}
	return values
}

// tridiagonalise stores in d and e the diagonal and the off-diagonal of q a q^T,
// which is tridiagonal, and the orthogonal q in z.
func tridiagonalise(a, z, d, e []float64, n int) {
	taus := make([]float64, n)
	w := make([]float64, n)
	for k := range n - 2 {
		// The reflection 1 - tau v v^T takes column k below the diagonal to a
		// multiple of its first element. v stays where the column, or by
		// symmetry the row, was.
		v := a[k*n+k+1 : (k+1)*n]
		var head float64
		head, taus[k] = reflection(v)
		e[k] = head
		if taus[k] == 0 {
			continue
		}
		// With p = tau A v and w = p - tau/2 (p.v) v, the matrix becomes
		// A - v w^T - w v^T.
		rest := n - k - 1
		w := w[:rest]
		parallel.Range(rest, eigenBlock, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				w[i] = taus[k] * dot(a[(k+1+i)*n+k+1:][:rest], v)
			}
		})
		axpy(-taus[k]/2*dot(w, v), v, w)
		parallel.Range(rest, eigenBlock, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := a[(k+1+i)*n+k+1:][:rest]
				vi, wi := v[i], w[i]
				for j, wj := range w {
					row[j] -= vi*wj + wi*v[j]
				}
			}
		})
	}
	for i := range n {
		d[i] = a[i*n+i]
		clear(z[i*n : (i+1)*n])
		z[i*n+i] = 1
	}
	if n > 1 {
		e[n-2] = a[(n-2)*n+n-1]
	}
	for k := n - 3; k >= 0; k-- { // q = H_last ... H_1 H_0, from the left
		v := a[k*n+k+1 : (k+1)*n]
		parallel.Range(n-k-1, eigenBlock, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				row := z[(k+1+i)*n+k+1:][:len(v)]
				axpy(-taus[k]*dot(row, v), v, row)
			}
		})
	}
}

// reflection replaces x by the vector v of the reflection 1 - tau v v^T that
// takes x to (head, 0, ..., 0). tau is 0 if x has that form.
func reflection(x []float64) (head, tau float64) {
	norm := 0.0 // without overflow and underflow
	for _, v := range x[1:] {
		norm = math.Hypot(norm, v)
	}
	if norm == 0 {
		return x[0], 0
	}
	norm = math.Hypot(norm, x[0])
	head = -math.Copysign(norm, x[0])
	scale := x[0] - head
	tau = -scale / head
	x[0] = 1
	for i := range x[1:] {
		x[1+i] /= scale
	}
	return head, tau
}

// smallCoupling returns the first m from l on that is not coupled to m+1, within
// the precision of the eigenvalues.
func smallCoupling(d, e []float64, l int) int {
	for m := l; m < len(d)-1; m++ {
		if math.Abs(e[m]) <= 0x1p-52*(math.Abs(d[m])+math.Abs(d[m+1])) {
			return m
		}
	}
	return len(d) - 1
}

// rotation is a rotation of rows i and i+1.
type rotation struct{ c, s float64 }

// sweepQL makes an implicit QL step on rows l to m of the tridiagonal matrix:
// rotations from the bottom up, which bring the coupling of l closer to 0.
func sweepQL(d, e, z []float64, l, m, n int) {
	// The eigenvalue of the leading 2x2 block that is closer to d[l] is the
	// shift (Wilkinson).
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	rotations := make([]rotation, m-l)
	s, c, p := 1.0, 1.0, 0.0
	i := m - 1
	for ; i >= l; i-- {
		f, b := s*e[i], c*e[i]
		r := math.Hypot(f, g)
		e[i+1] = r
		if r == 0 { // the matrix falls apart here
			d[i+1] -= p
			break
		}
		s, c = f/r, g/r
		rotations[i-l] = rotation{c, s}
		g = d[i+1] - p
		r = (d[i]-g)*s + 2*c*b
		p = s * r
		d[i+1] = g + p
		g = c*r - b
	}
	if i < l {
		d[l] -= p
		e[l] = g
	}
	e[m] = 0
	parallel.Range(n, 2*eigenBlock, func(lo, hi int) {
		for k := m - 1; k > i; k-- {
			c, s := rotations[k-l].c, rotations[k-l].s
			upper, lower := z[k*n+lo:k*n+hi], z[(k+1)*n+lo:(k+1)*n+hi]
			for j, u := range upper {
				w := lower[j]
				lower[j] = s*u + c*w
				upper[j] = c*u - s*w
			}
		}
	})
}

func dot(a, b []float64) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func axpy(s float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += s * v
	}
}
