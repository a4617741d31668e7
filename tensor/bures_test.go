package tensor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"gonum.org/v1/gonum/mat"
)

// covariance returns that of k random vectors of n elements, with a scale per
// element: of rank k-1 at most.
func covariance(rng *rand.Rand, n, k int) *tensor.Tensor {
	x := tensor.Random(rng, k, n)
	for i := range x.Data() {
		x.Data()[i] *= float32(1 + i%n%5)
	}
	a := tensor.New(n, n)
	tensor.Gram(a, x, 1/float32(k))
	return a
}

func symmetric(t *tensor.Tensor) *mat.SymDense {
	n := t.Dim(0)
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, float64(t.At(i, j)))
		}
	}
	return s
}

// root returns the square root of a symmetric matrix by gonum's decomposition,
// or with inverse that of its inverse.
func root(t *testing.T, a mat.Symmetric, inverse bool) *mat.Dense {
	t.Helper()
	var e mat.EigenSym
	if !e.Factorize(a, true) {
		t.Fatal("gonum finds no eigenvalues")
	}
	var v, scaled, r mat.Dense
	e.VectorsTo(&v)
	values := e.Values(nil)
	scaled.Apply(func(_, j int, x float64) float64 {
		if inverse {
			return x / math.Sqrt(values[j])
		}
		return x * math.Sqrt(math.Max(values[j], 0))
	}, &v)
	r.Mul(&scaled, v.T())
	return &r
}

func TestSquareRoot(t *testing.T) {
	rng := newRand(4)
	for _, c := range []struct{ n, k int }{{1, 3}, {2, 5}, {3, 2}, {17, 40}, {65, 30}, {130, 400}} {
		a, got := covariance(rng, c.n, c.k), tensor.New(c.n, c.n)
		tensor.SquareRoot(got, a)
		// The root of an eigenvalue that is 0 but for rounding is arbitrary up
		// to the root of that: compare the square.
		squared := tensor.New(c.n, c.n)
		tensor.MatMul(squared, got, got, false, false, false)
		largest := 0.0
		for _, v := range a.Data() {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i, v := range squared.Data() {
			if d := math.Abs(float64(v - a.Data()[i])); !(d <= 1e-5*largest) {
				t.Fatalf("%d channels: element %d of the squared root is %v, want %v", c.n, i, v, a.Data()[i])
			}
		}
	}
}

// TestBuresDistance compares value and gradient with gonum's eigenvectors.
func TestBuresDistance(t *testing.T) {
	rng := newRand(5)
	for _, n := range []int{1, 2, 3, 16, 33, 100} {
		a, b := covariance(rng, n, 3*n+5), covariance(rng, n, 4*n+5)
		r := tensor.New(n, n)
		tensor.SquareRoot(r, b)
		grad := tensor.New(n, n)
		got := tensor.BuresDistance(grad, a, r)

		rb := symmetric(r)
		var product, s mat.Dense
		product.Mul(rb, symmetric(a))
		s.Mul(&product, rb)
		middle := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				middle.SetSym(i, j, (s.At(i, j)+s.At(j, i))/2)
			}
		}
		var bb, half, want mat.Dense
		bb.Mul(rb, rb)
		value := mat.Trace(symmetric(a)) + mat.Trace(&bb) - 2*mat.Trace(root(t, middle, false))
		if !(math.Abs(got-value) <= 1e-9*mat.Trace(&bb)) {
			t.Errorf("%d channels: distance %v, want %v", n, got, value)
		}
		half.Mul(rb, root(t, middle, true))
		want.Mul(&half, rb)
		for i := range n {
			for j := range n {
				w := -want.At(i, j)
				if i == j {
					w++
				}
				if d := math.Abs(float64(grad.At(i, j)) - w); !(d <= 2e-5*(1+math.Abs(w))) {
					t.Fatalf("%d channels: gradient [%d,%d] is %v, want %v", n, i, j, grad.At(i, j), w)
				}
			}
		}
		if again := tensor.BuresDistance(nil, a, r); again != got {
			t.Errorf("without a gradient the distance is %v, with one %v", again, got)
		}
	}
}

// TestBuresDistanceOfOddMatrices: equal ones, diagonal ones, and such without
// extent in some or all directions.
func TestBuresDistanceOfOddMatrices(t *testing.T) {
	rng := newRand(6)
	grad := tensor.New(12, 12)
	flat := covariance(rng, 12, 4)
	r := tensor.New(12, 12)
	tensor.SquareRoot(r, flat)
	if y := tensor.BuresDistance(grad, flat, r); !(math.Abs(y) < 1e-3) {
		t.Errorf("a matrix of rank 4 is %v away from itself", y)
	}
	zero := tensor.New(12, 12)
	trace := 0.0
	for i := range 12 {
		trace += float64(flat.At(i, i))
	}
	if y := tensor.BuresDistance(grad, flat, zero); y != trace || grad.At(3, 3) != 1 || grad.At(3, 4) != 0 {
		t.Errorf("the distance from 0 is %v with gradient %v, want the trace %v and the identity", y, grad, trace)
	}
	diagonal := tensor.New(12, 12)
	want := 0.0
	for i := range 12 {
		diagonal.Set(float32(i*i), i, i)
		want += float64((i - 3) * (i - 3))
		zero.Set(3, i, i) // the root of 9
	}
	if y := tensor.BuresDistance(nil, diagonal, zero); !(math.Abs(y-want) < 1e-9) {
		t.Errorf("the distance of diagonal matrices is %v, want that of the roots, %v", y, want)
	}
	diagonal.Set(float32(math.NaN()), 2, 3)
	if y := tensor.BuresDistance(grad, diagonal, zero); y == y {
		t.Errorf("with a NaN the distance is %v, want NaN", y)
	}
	diagonal.Set(float32(math.Inf(1)), 2, 3)
	if y := tensor.BuresDistance(grad, diagonal, zero); y == y {
		t.Errorf("with an infinity the distance is %v, want NaN", y)
	}
}

func TestBuresDistanceSameBitsOnAnyNumberOfThreads(t *testing.T) {
	rng := newRand(7)
	a, b := covariance(rng, 150, 500), covariance(rng, 150, 90)
	var first string
	for _, threads := range []int{1, 2, 5} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			r, grad := tensor.New(150, 150), tensor.New(150, 150)
			tensor.SquareRoot(r, b)
			y := tensor.BuresDistance(grad, a, r)
			got := fmt.Sprint(math.Float64bits(y), tensor.Sum(grad), tensor.SumAbs(r), grad.At(3, 7))
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s on %d threads, %s on one", got, threads, first)
			}
		}()
	}
}

func BenchmarkBuresDistance(b *testing.B) {
	for _, n := range []int{64, 128, 256, 512} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			a, r, grad := covariance(rng, n, 2*n), tensor.New(n, n), tensor.New(n, n)
			tensor.SquareRoot(r, covariance(rng, n, 2*n))
			for b.Loop() {
				tensor.BuresDistance(grad, a, r)
			}
		})
	}
}
