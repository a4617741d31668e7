package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSymmetricEigen: the eigenvectors are orthonormal and give the matrix back,
// to within rounding; also where eigenvalues are equal, 0, negative or far
// apart.
func TestSymmetricEigen(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	random := func(n int) []float64 {
		a := make([]float64, n*n)
		for i := range n {
			for j := range i + 1 {
				a[i*n+j] = rng.NormFloat64()
				a[j*n+i] = a[i*n+j]
			}
		}
		return a
	}
	matrices := map[string][]float64{
		"1": {3}, "0": {0}, "2x2": {1, 2, 2, -1}, "diagonal": {1, 0, 0, 0, 5, 0, 0, 0, -2}, "zeros": make([]float64, 25),
		"ones":       {1, 1, 1, 1, 1, 1, 1, 1, 1},
		"equal":      {2, 0, 0, 0, 2, 0, 0, 0, 2},
		"tiny":       {1e-300, 2e-300, 0, 2e-300, 5e-300, 1e-301, 0, 1e-301, 0},
		"huge":       {1e150, 2e150, 0, 2e150, 5e150, 1e149, 0, 1e149, 0},
		"two halves": {1, 2, 0, 0, 2, 3, 0, 0, 0, 0, 4, 5, 0, 0, 5, 6},
		"3":          random(3), "4": random(4), "33": random(33), "130": random(130),
	}
	graded := random(40)
	for i := range graded {
		graded[i] *= math.Exp2(-float64(i/40 + i%40))
	}
	matrices["graded"] = graded
	for name, a := range matrices {
		n := int(math.Sqrt(float64(len(a))))
		z := make([]float64, n*n)
		values := symmetricEigen(append([]float64(nil), a...), z, n)
		largest := 0.0
		for _, v := range a {
			largest = max(largest, math.Abs(v))
		}
		tolerance := 1e-14 * float64(n)
		for i := range n {
			for j := range n {
				product, back := 0.0, 0.0
				for k := range n {
					product += z[i*n+k] * z[j*n+k]
					back += z[k*n+i] * values[k] * z[k*n+j]
				}
				want := 0.0
				if i == j {
					want = 1
				}
				if !(math.Abs(product-want) <= tolerance) {
					t.Fatalf("%s: eigenvectors %d and %d have the product %v", name, i, j, product)
				}
				if !(math.Abs(back-a[i*n+j]) <= tolerance*largest) {
					t.Fatalf("%s: element [%d,%d] comes back as %v, want %v", name, i, j, back, a[i*n+j])
				}
			}
		}
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for _, v := range symmetricEigen([]float64{1, bad, bad, 1}, make([]float64, 4), 2) {
			if !math.IsNaN(v) {
				t.Errorf("a matrix with %v has the eigenvalue %v, want NaN", bad, v)
			}
		}
	}
}
