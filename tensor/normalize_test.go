package tensor_test

import (
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestNormalize compares with plain loops, for pictures of several blocks.
func TestNormalize(t *testing.T) {
	rng := newRand(1)
	for _, shape := range [][]int{{1, 170, 190, 3}, {7, 5}, {3}, {0, 2, 3}, {2, 0}} {
		c := shape[len(shape)-1]
		x := tensor.Random(rng, shape...)
		mean, std := make([]float32, c), make([]float32, c)
		for i := range c {
			mean[i], std[i] = float32(i)-0.5, 0.25+float32(i)
		}
		wantY, wantDX := tensor.New(shape...), tensor.New(shape...)
		for i, v := range x.Data() {
			wantY.Data()[i] = (v - mean[i%c]) / std[i%c]
			wantDX.Data()[i] = v / std[i%c]
		}
		y, dx := dirty(shape...), dirty(shape...)
		tensor.Normalize(y, x, mean, std)
		checkEqual(t, "y", y, wantY)
		tensor.NormalizeGrad(dx, x, std)
		checkEqual(t, "dx", dx, wantDX)
		y.CopyFrom(x)
		tensor.Normalize(y, y, mean, std)
		checkEqual(t, "y in place", y, wantY)
		tensor.NormalizeGrad(x, x, std)
		checkEqual(t, "dx in place", x, wantDX)
	}
}

// TestSquaredDistanceGrad compares with float64, alone and added to what is
// there, with two roundings more than the result needs.
func TestSquaredDistanceGrad(t *testing.T) {
	rng := newRand(2)
	a, b, before := tensor.Random(rng, longEnough), tensor.Random(rng, longEnough), tensor.Random(rng, longEnough)
	for _, accumulate := range []bool{false, true} {
		want, bound := make([]float64, longEnough), make([]float64, longEnough)
		d := dirty(longEnough)
		if accumulate {
			d.CopyFrom(before)
		}
		for i := range want {
			v := 2 * 0.3 * (float64(a.Data()[i]) - float64(b.Data()[i]))
			want[i], bound[i] = v, 0x1p-22*max(v, -v)
			if accumulate {
				want[i] += float64(before.Data()[i])
				bound[i] += 0x1p-23 * max(want[i], -want[i])
			}
		}
		tensor.SquaredDistanceGrad(d, a, b, 0.3, accumulate)
		checkWithin(t, "gradient", widen(d), want, bound)
	}
}
