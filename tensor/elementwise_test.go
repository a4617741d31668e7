package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// longEnough is more elements than two blocks of an element-wise kernel, and
// not a multiple of any vector length.
const longEnough = 1<<16 + 13

func TestReLU(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	minusZero := float32(math.Copysign(0, -1))
	x := tensor.FromSlice([]float32{-inf, -1, minusZero, 0, 1e-45, 2, inf, nan}, 8)
	y, dx := dirty(8), dirty(8)
	tensor.ReLU(y, x)
	checkEqual(t, "y", y, tensor.FromSlice([]float32{0, 0, 0, 0, 1e-45, 2, inf, nan}, 8))
	tensor.ReLUGrad(dx, tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 8), y)
	checkEqual(t, "dx", dx, tensor.FromSlice([]float32{0, 0, 0, 0, 5, 6, 7, 0}, 8))
}

// TestElementwise compares kernels on long tensors with plain loops, and runs
// each in place as well.
func TestElementwise(t *testing.T) {
	rng := newRand(1)
	a, b := tensor.Random(rng, longEnough), tensor.Random(rng, longEnough)
	for _, test := range []struct {
		name  string
		run   func(dst, a *tensor.Tensor)
		naive func(a, b float32) float32
	}{
		{"ReLU", func(dst, a *tensor.Tensor) { tensor.ReLU(dst, a) }, func(a, _ float32) float32 { return max(a, 0) }},
		{"ReLUGrad", func(dst, a *tensor.Tensor) { tensor.ReLUGrad(dst, a, b) }, func(a, b float32) float32 {
			if b > 0 {
				return a
			}
			return 0
		}},
		{"Scale", func(dst, a *tensor.Tensor) { tensor.Scale(dst, a, 1.5) }, func(a, _ float32) float32 { return 1.5 * a }},
		{"Map", func(dst, a *tensor.Tensor) { tensor.Map(dst, a, func(v float32) float32 { return v + 2 }) }, func(a, _ float32) float32 { return a + 2 }},
		{"Map2", func(dst, a *tensor.Tensor) {
			tensor.Map2(dst, a, b, func(v, w float32) float32 { return v - w })
		}, func(a, b float32) float32 { return a - b }},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := tensor.New(longEnough)
			for i := range want.Data() {
				want.Data()[i] = test.naive(a.Data()[i], b.Data()[i])
			}
			y := dirty(longEnough)
			test.run(y, a)
			checkEqual(t, "result", y, want)
			y.CopyFrom(a)
			test.run(y, y)
			checkEqual(t, "in place", y, want)
		})
	}
}

// TestAddScaled allows for one rounding more than necessary: whether a product
// is rounded before it is added depends on the machine.
func TestAddScaled(t *testing.T) {
	rng := newRand(2)
	x, y := tensor.Random(rng, longEnough), tensor.Random(rng, longEnough)
	want, bound := make([]float64, longEnough), make([]float64, longEnough)
	for i, v := range x.Data() {
		product := 0.3 * float64(v)
		want[i] = float64(y.Data()[i]) + product
		bound[i] = 0x1p-23 * (math.Abs(want[i]) + math.Abs(product))
	}
	tensor.AddScaled(y, 0.3, x)
	checkWithin(t, "y", widen(y), want, bound)
}
