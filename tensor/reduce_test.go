package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestSums compares sums in float64 with plain ones, for lengths around the
// block that a partial sum covers. The order of summation differs; n 2^-53
// times the sum of magnitudes bounds what that can change.
func TestSums(t *testing.T) {
	rng := newRand(1)
	for _, n := range []int{0, 1, 7, 1 << 14, 1<<14 + 1, 100_003} {
		a, b := tensor.Random(rng, n), tensor.Random(rng, n)
		sum, magnitude, distance := 0.0, 0.0, 0.0
		for i, v := range a.Data() {
			d := float64(v) - float64(b.Data()[i])
			sum, magnitude, distance = sum+float64(v), magnitude+math.Abs(float64(v)), distance+d*d
		}
		epsilon := float64(n+1) * 0x1p-53
		got := []float64{tensor.Sum(a), tensor.SquaredDistance(a, b)}
		checkWithin(t, "Sum and SquaredDistance", got, []float64{sum, distance}, []float64{epsilon * magnitude, 2 * epsilon * distance})
	}
}

// TestSumDoesNotCancel adds a small number between two large ones that float32
// would swallow.
func TestSumDoesNotCancel(t *testing.T) {
	if got := tensor.Sum(tensor.FromSlice([]float32{1e9, 1, -1e9}, 3)); got != 1 {
		t.Errorf("sum is %v, want 1", got)
	}
	if got := tensor.SquaredDistance(tensor.Full(1e-30, 1), tensor.New(1)); got == 0 {
		t.Error("the square of 1e-30 became zero")
	}
}

func TestSquaredNorm(t *testing.T) {
	rng := newRand(3)
	for _, n := range []int{0, 1, 7, 1<<14 + 3, 1 << 17} {
		x := tensor.Random(rng, n)
		want := 0.0
		for _, v := range x.Data() {
			want += float64(v) * float64(v)
		}
		if got := tensor.SquaredNorm(x); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("%d elements: %v, want %v", n, got, want)
		}
	}
}
