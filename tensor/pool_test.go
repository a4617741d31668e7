package tensor_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestPoolsAgreeWithPyTorch covers overlapping windows, gaps between windows,
// rows and columns left over, ties and NaN.
func TestPoolsAgreeWithPyTorch(t *testing.T) {
	arrays := goldens(t, "pool.npz")
	for key, x := range arrays {
		name, ok := strings.CutSuffix(key, ".x")
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var p tensor.Pool
			var kind string
			if _, err := fmt.Sscan(strings.ReplaceAll(name, "_", " "), &kind, &p.KH, &p.KW, &p.StrideH, &p.StrideW); err != nil {
				t.Fatal(err)
			}
			y, dx, dy := dirty(p.OutputShape(x)...), dirty(x.Shape()...), arrays[name+".dy"]
			if kind == "max" {
				taps := slices.Repeat([]uint8{255}, y.Len())
				tensor.MaxPool2D(y, taps, x, p)
				tensor.MaxPool2DGrad(dx, dy, taps, p)
				// Nothing is rounded: the inputs are multiples of 1/16.
				checkEqual(t, "y", y, arrays[name+".y"])
				checkEqual(t, "dx", dx, arrays[name+".dx"])
				return
			}
			tensor.AvgPool2D(y, x, p)
			tensor.AvgPool2DGrad(dx, dy, p)
			bound := func(n int) []float64 { return slices.Repeat([]float64{float64(p.KH*p.KW+2) * 4 * 0x1p-24}, n) }
			checkWithin(t, "y", widen(y), widen(arrays[name+".y"]), bound(y.Len()))
			checkWithin(t, "dx", widen(dx), widen(arrays[name+".dx"]), bound(dx.Len()))
		})
	}
}

// drawPool draws a pooling and an input of whole numbers that it fits.
func drawPool(t *rapid.T) (p tensor.Pool, x *tensor.Tensor) {
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	p = tensor.Pool{KH: draw("kh", 1, 4), KW: draw("kw", 1, 4), StrideH: draw("stride h", 0, 5), StrideW: draw("stride w", 0, 5)}
	rng := newRand(rapid.Uint64().Draw(t, "seed"))
	return p, integers(rng, draw("n", 1, 2), p.KH+draw("more h", 0, 6), p.KW+draw("more w", 0, 6), draw("c", 1, 9))
}

// TestMaxPool2DProperties checks every maximum against a plain search, and
// that the gradient is the adjoint of the selection that the taps describe.
func TestMaxPool2DProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, x := drawPool(t)
		y := dirty(p.OutputShape(x)...)
		taps := make([]uint8, y.Len())
		tensor.MaxPool2D(y, taps, x, p)
		want, wantTaps := naiveMaxPool2D(x, p)
		checkEqual(t, "y", y, want)
		if !slices.Equal(taps, wantTaps) {
			t.Fatalf("taps %v, want %v", taps, wantTaps)
		}
		dy, dx := integers(newRand(1), y.Shape()...), dirty(x.Shape()...)
		tensor.MaxPool2DGrad(dx, dy, taps, p)
		if a, b := inner(t, y, dy), inner(t, x, dx); a != b {
			t.Fatalf("<y,dy> = %v but <x,dx> = %v", a, b)
		}
	})
}

// TestAvgPool2DProperties compares with a convolution that does the same: a
// filter for each channel, of equal weights.
func TestAvgPool2DProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, x := drawPool(t)
		c := x.Dim(3)
		conv := tensor.Conv{StrideH: p.StrideH, StrideW: p.StrideW, DilationH: 1, DilationW: 1, Groups: c}
		if p.StrideH == 0 {
			conv.StrideH = p.KH
		}
		if p.StrideW == 0 {
			conv.StrideW = p.KW
		}
		w := tensor.Full(1/float32(p.KH*p.KW), c, p.KH, p.KW, 1)
		y, dx := dirty(p.OutputShape(x)...), dirty(x.Shape()...)
		dy := integers(newRand(1), y.Shape()...)
		tensor.AvgPool2D(y, x, p)
		tensor.AvgPool2DGrad(dx, dy, p)
		b := tensor.New(c)
		want, bounds := naiveConv(x, w, b, dy, conv), convBounds(x, w, b, dy, conv)
		checkWithin(t, "y", widen(y), want.y, bounds.y)
		checkWithin(t, "dx", widen(dx), want.dx, bounds.dx)
	})
}

// TestMaxPool2DEdgeValues checks infinities and a window in which a NaN comes
// first: it must not be displaced by the numbers after it.
func TestMaxPool2DEdgeValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, test := range []struct {
		window []float32
		want   float32
		tap    uint8
	}{
		{[]float32{-inf, -inf, -inf, -inf}, -inf, 0},
		{[]float32{-inf, -1, -2, -1}, -1, 1},
		{[]float32{nan, inf, 1, 2}, nan, 0},
		{[]float32{1, inf, nan, inf}, nan, 2},
		{[]float32{0, 0, 0, 0}, 0, 0},
	} {
		y, taps := tensor.New(1, 1, 1, 1), make([]uint8, 1)
		tensor.MaxPool2D(y, taps, tensor.FromSlice(test.window, 1, 2, 2, 1), tensor.Pool{KH: 2, KW: 2})
		checkEqual(t, fmt.Sprint(test.window), y, tensor.Full(test.want, 1, 1, 1, 1))
		if taps[0] != test.tap {
			t.Errorf("%v: tap %d, want %d", test.window, taps[0], test.tap)
		}
	}
}

// BenchmarkPools covers the first pooling for a picture of 256x256, of VGG19
// and of a network with a quarter of its channels.
func BenchmarkPools(b *testing.B) {
	for _, channels := range []int{64, 16} {
		b.Run(fmt.Sprint(channels), func(b *testing.B) { benchmarkPools(b, channels) })
	}
}

func benchmarkPools(b *testing.B, channels int) {
	x, window := tensor.Random(newRand(1), 1, 256, 256, channels), tensor.Pool{KH: 2, KW: 2}
	tensor.ReLU(x, x)
	y, dx := tensor.New(window.OutputShape(x)...), tensor.New(x.Shape()...)
	taps := make([]uint8, y.Len())
	for _, test := range []struct {
		name string
		f    func()
	}{
		{"MaxPool2D", func() { tensor.MaxPool2D(y, taps, x, window) }},
		{"MaxPool2DGrad", func() { tensor.MaxPool2DGrad(dx, y, taps, window) }},
		{"AvgPool2D", func() { tensor.AvgPool2D(y, x, window) }},
		{"AvgPool2DGrad", func() { tensor.AvgPool2DGrad(dx, y, window) }},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.SetBytes(int64(4 * x.Len()))
			for b.Loop() {
				test.f()
			}
		})
	}
}
