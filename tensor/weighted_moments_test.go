package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestWeightedMoments compares with plain sums of float64, over several blocks,
// some of which have no weight, and with a mean that is large.
func TestWeightedMoments(t *testing.T) {
	rng := newRand(3)
	for _, shape := range [][]int{{1, 80, 90, 6}, {70000, 1}, {3, 40000}, {5, 2}, {1, 3}} {
		x := tensor.Random(rng, shape...)
		c := x.Dim(-1)
		weight := tensor.Random(rng, x.Len()/c)
		sum := 0.0
		for p, w := range weight.Data() {
			w *= w
			if len(weight.Data()) > 3000 && (p < 9000 || p%3 == 0) {
				w = 0
			}
			weight.Data()[p] = w
			sum += float64(w)
		}
		for i := range x.Data() {
			if i%c == 1 {
				x.Data()[i] += 1e5
			}
		}
		want := tensor.Moments{Mean: make([]float64, c), Variance: make([]float64, c)}
		for i, v := range x.Data() {
			want.Mean[i%c] += float64(v) * float64(weight.Data()[i/c]) / sum
		}
		for i, v := range x.Data() {
			d := float64(v) - want.Mean[i%c]
			want.Variance[i%c] += d * d * float64(weight.Data()[i/c]) / sum
		}
		bound := make([]float64, c)
		for i, v := range want.Variance {
			bound[i] = 1e-9*v + 1e-9
		}
		got := tensor.WeightedMoments(x, weight)
		checkWithin(t, "mean", got.Mean, want.Mean, bound)
		checkWithin(t, "variance", got.Variance, want.Variance, bound)
	}
}

func TestWeightedMomentsOfNothing(t *testing.T) {
	m := tensor.WeightedMoments(tensor.Full(1, 4, 2), tensor.New(4))
	for c := range 2 {
		if !math.IsNaN(m.Mean[c]) || !math.IsNaN(m.Variance[c]) {
			t.Errorf("moments %+v of weights 0, want NaN", m)
		}
	}
}

// TestWeightedMomentsGrad compares with the derivative of the plain sums, in
// which the mean depends on x as well.
func TestWeightedMomentsGrad(t *testing.T) {
	rng := newRand(8)
	for _, weighted := range []bool{false, true} {
		x := tensor.Random(rng, 60, 50, 13)
		const c, n = 13, 3000
		weight, sum := tensor.Full(1, n), 0.0
		if weighted {
			weight = tensor.Random(rng, n)
		}
		for p, w := range weight.Data() {
			weight.Data()[p] = w * w
			sum += float64(w * w)
		}
		given := weight
		if !weighted {
			given = nil
		}
		m := tensor.WeightedMoments(x, given)
		dmean, dvariance := make([]float64, c), make([]float64, c)
		for i := range c {
			dmean[i], dvariance[i] = rng.NormFloat64(), rng.NormFloat64()
		}
		// The sum of w (x - mean), by which the mean's movement counts.
		rest := make([]float64, c)
		for i, v := range x.Data() {
			rest[i%c] += float64(weight.Data()[i/c]) / sum * (float64(v) - m.Mean[i%c])
		}
		want, bound := make([]float64, x.Len()), make([]float64, x.Len())
		for i, v := range x.Data() {
			w := float64(weight.Data()[i/c]) / sum
			want[i] = w*dmean[i%c] + dvariance[i%c]*2*w*(float64(v)-m.Mean[i%c]-rest[i%c])
			bound[i] = 1e-6*math.Abs(want[i]) + 1e-10
		}
		dx := tensor.Full(float32(math.NaN()), x.Shape()...)
		tensor.WeightedMomentsGrad(dx, x, given, m, dmean, dvariance, false)
		checkWithin(t, "dx", widen(dx), want, bound)
		tensor.WeightedMomentsGrad(dx, x, given, m, dmean, dvariance, true)
		for i := range want {
			want[i], bound[i] = 2*want[i], 2*bound[i]
		}
		checkWithin(t, "dx, added", widen(dx), want, bound)
	}
}
