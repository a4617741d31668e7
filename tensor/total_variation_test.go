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
		c, row, picture := s[3], s[2]*s[3], s[1]*s[2]*s[3]
		for p := 0; p < x.Len(); p += c { // each pixel
			var beside []int // the neighbours' first elements
			if p%row >= c {
				beside = append(beside, p-c)
			}
			if p%row+c < row {
				beside = append(beside, p+c)
			}
			if p%picture >= row {
				beside = append(beside, p-row)
			}
			if p%picture+row < picture {
				beside = append(beside, p+row)
			}
			g := 1.0
			for _, q := range beside {
				for k := range c {
					d := float64(x.Data()[q+k]) - float64(x.Data()[p+k])
					g += d * d / 2
				}
			}
			g = math.Sqrt(g)
			want += g - 1
			for _, q := range beside { // the derivative of g alone
				for k := range c {
					d := float64(x.Data()[q+k]) - float64(x.Data()[p+k])
					grad[q+k] += -1.5 * d / (2 * g)
					grad[p+k] -= -1.5 * d / (2 * g)
				}
			}
		}
		if got := tensor.TotalVariation(x); !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("%v: total variation is %v; want %v", s, got, want)
		}
		tensor.TotalVariationGrad(dx, x, -1.5)
		for i, want := range grad {
			if got := float64(dx.Data()[i]); !(math.Abs(got-want) <= 2e-6) {
				t.Fatalf("%v: element %d of the gradient is %v; want %v", s, i, got, want)
			}
		}
	}
}
