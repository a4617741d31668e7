package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestPairsGiveTheBitsOfTheGeneralLoops pools by 2x2 with the kernels and with
// the general loops, with ties, zeros of either sign, infinities and NaN. The
// general loops run on a stride that makes no difference to pictures of one
// window: each window is cut out and pooled alone.
func TestPairsGiveTheBitsOfTheGeneralLoops(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	special := []float32{0, float32(math.Copysign(0, -1)), 1, 1, -1, inf, -inf, nan}
	rng := rand.New(rand.NewPCG(1, 1))
	draw := func(shape ...int) *Tensor {
		x := random(rng, shape...)
		for i := range x.data {
			if rng.IntN(2) == 0 {
				x.data[i] = special[rng.IntN(len(special))]
			}
		}
		return x
	}
	pairs, general := Pool{KH: 2, KW: 2}, Pool{KH: 2, KW: 2, StrideH: 3, StrideW: 3}
	for _, s := range [][4]int{{1, 2, 2, 1}, {2, 5, 7, 3}, {1, 4, 9, 8}, {2, 3, 6, 17}, {1, 9, 2, 32}, {1, 66, 70, 16}} {
		x := draw(s[:]...)
		y, mean := Full(nan, pairs.OutputShape(x)...), Full(nan, pairs.OutputShape(x)...)
		dy := draw(y.shape...)
		taps := make([]uint8, y.Len())
		dx, dmean := Full(nan, s[:]...), Full(nan, s[:]...)
		MaxPool2D(y, taps, x, pairs)
		MaxPool2DGrad(dx, dy, taps, pairs)
		AvgPool2D(mean, x, pairs)
		AvgPool2DGrad(dmean, dy, pairs)

		wantDX, wantDMean := New(s[:]...), New(s[:]...)
		window, c := New(1, 2, 2, s[3]), s[3]
		copyWindow := func(n, p, q int, move func(inside, outside []float32), outside *Tensor) {
			for tap := range 4 {
				o := ((n*s[1]+2*p+tap/2)*s[2] + 2*q + tap%2) * c
				move(window.data[tap*c:][:c], outside.data[o:][:c])
			}
		}
		in := func(inside, outside []float32) { copy(inside, outside) }
		out := func(inside, outside []float32) { copy(outside, inside) }
		one, oneTaps := New(1, 1, 1, c), make([]uint8, c)
		for r := range y.Len() / c {
			n, p, q := r/y.shape[2]/y.shape[1], r/y.shape[2]%y.shape[1], r%y.shape[2]
			copyWindow(n, p, q, in, x)
			MaxPool2D(one, oneTaps, window, general)
			wantBits(t, fmt.Sprintf("%v: maximum of window %d", s, r), y.data[r*c:][:c], one.data)
			for i, tap := range oneTaps {
				if taps[r*c+i] != tap {
					t.Fatalf("%v: tap %d of window %d is %d, want %d", s, i, r, taps[r*c+i], tap)
				}
			}
			AvgPool2D(one, window, general)
			wantBits(t, fmt.Sprintf("%v: mean of window %d", s, r), mean.data[r*c:][:c], one.data)
			copy(one.data, dy.data[r*c:])
			MaxPool2DGrad(window, one, oneTaps, general)
			copyWindow(n, p, q, out, wantDX)
			AvgPool2DGrad(window, one, general)
			copyWindow(n, p, q, out, wantDMean)
		}
		wantBits(t, fmt.Sprintf("%v: gradient of the maxima", s), dx.data, wantDX.data)
		wantBits(t, fmt.Sprintf("%v: gradient of the means", s), dmean.data, wantDMean.data)
	}
}

// wantBits checks that two results agree to the bit; a NaN is right where one
// is wanted.
func wantBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) && !(v != v && want[i] != want[i]) {
			t.Fatalf("%s: element %d is %v, want %v to the bit", name, i, v, want[i])
		}
	}
}
