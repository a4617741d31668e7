package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestBoundPenalty compares value and gradient with the formula, element by element
// in float64, for few elements and many tasks, some of them on a bound.
func TestBoundPenalty(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const lo, hi, scale, before = -0.5, 0.75, -1.5, 3
	for _, n := range []int{0, 1, 7, 100_003} {
		x, dx := tensor.New(n), tensor.Full(before, n)
		want := 0.0
		grad := make([]float64, n)
		for i := range n {
			v := rng.NormFloat64()
			switch i % 10 {
			case 3:
				v = lo
			case 4:
				v = hi
			}
			x.Data()[i] = float32(v)
			v = float64(float32(v))
			above, below := math.Max(0, v-hi), math.Max(0, lo-v)
			want += above*above + below*below
			grad[i] = before + scale*2*(above-below)
		}
		if got := tensor.BoundPenalty(x, lo, hi); !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("%d elements: %v, want %v", n, got, want)
		}
		tensor.BoundPenaltyGrad(dx, x, lo, hi, scale)
		for i, want := range grad {
			if got := float64(dx.Data()[i]); !(math.Abs(got-want) <= 1e-5) {
				t.Fatalf("element %d of %d, %v: gradient %v, want %v", i, n, x.Data()[i], got, want)
			}
		}
	}
	if got := tensor.BoundPenalty(tensor.Full(float32(math.NaN()), 2), lo, hi); !math.IsNaN(got) {
		t.Errorf("the penalty of NaN is %v", got)
	}
}
