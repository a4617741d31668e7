package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestTotalVariation compares value and gradient with the formula, pixel by
// pixel in float64, for pictures of one row, one column and many tasks.
func TestTotalVariation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, s := range [][4]int{{1, 1, 1, 1}, {1, 1, 7, 3}, {1, 7, 1, 3}, {2, 5, 4, 3}, {3, 33, 6, 2}, {1, 0, 3, 1}, {1, 3, 0, 1}, {0, 3, 3, 1}} {
		x, dx := tensor.New(s[:]...), tensor.Full(float32(math.NaN()), s[:]...)
		for i := range x.Data() {
			x.Data()[i] = float32(rng.NormFloat64())
		}
		want, grad := 0.0, make([]float64, x.Len())
		pair := func(a, b int) {
			d := float64(x.Data()[a]) - float64(x.Data()[b])
			want += d * d
			grad[a] += 2 * -1.5 * d
			grad[b] -= 2 * -1.5 * d
		}
		row, picture := s[2]*s[3], s[1]*s[2]*s[3]
		for i := range x.Data() {
			if i%row+s[3] < row {
				pair(i, i+s[3])
			}
			if i%picture+row < picture {
				pair(i, i+row)
			}
		}
		if got := tensor.TotalVariation(x); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("%v: total variation is %v; want %v", s, got, want)
		}
		tensor.TotalVariationGrad(dx, x, -1.5)
		for i, want := range grad {
			if got := float64(dx.Data()[i]); !(math.Abs(got-want) <= 1e-5) {
				t.Fatalf("%v: element %d of the gradient is %v; want %v", s, i, got, want)
			}
		}
	}
}
