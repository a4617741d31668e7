package tensor_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

type winogradCase struct {
	n, h, w, cin, cout int
	pad                tensor.Padding
}

// winogradCases cover both ways to cut the work (channels up to 128 with many
// tiles, and others), tiles that hang over edges, groups and panels that are
// not full, and every kind of border.
var winogradCases = []winogradCase{
	{1, 16, 12, 8, 8, tensor.PadAll(1, tensor.PadZero)},
	{1, 13, 15, 16, 24, tensor.PadAll(1, tensor.PadZero)},
	{1, 14, 17, 16, 40, tensor.PadAll(1, tensor.PadReflect)},
	{1, 17, 14, 24, 16, tensor.PadAll(1, tensor.PadReplicate)},
	{2, 11, 9, 8, 16, tensor.PadAll(1, tensor.PadReflect)},
	{1, 18, 15, 8, 8, tensor.Padding{}},
	{1, 15, 14, 8, 16, tensor.Padding{Top: 2, Left: 1, Right: 2, Mode: tensor.PadReplicate}},
	{1, 15, 14, 16, 8, tensor.Padding{Bottom: 2, Left: 2, Mode: tensor.PadReflect}},
	{1, 15, 14, 16, 8, tensor.Padding{Top: 2, Bottom: 2, Left: 2, Right: 2}},
	{12, 3, 2, 8, 8, tensor.PadAll(1, tensor.PadReflect)},
	{1, 14, 13, 136, 16, tensor.PadAll(1, tensor.PadZero)},
	{1, 53, 57, 8, 8, tensor.PadAll(1, tensor.PadReflect)},  // more than one shared block
	{1, 81, 79, 8, 16, tensor.PadAll(1, tensor.PadZero)},    // blocks of a task's own
	{1, 57, 57, 64, 8, tensor.PadAll(1, tensor.PadReflect)}, // the same, of other size
}

// relativeError returns the norm of the error over the norm of what is wanted.
func relativeError(got *tensor.Tensor, want []float64) float64 {
	err, norm := 0.0, 0.0
	for i, v := range got.Data() {
		err += (float64(v) - want[i]) * (float64(v) - want[i])
		norm += want[i] * want[i]
	}
	return math.Sqrt(err / norm)
}

// float32Conv2D is naiveConv2D with products and sums rounded to float32, one
// after the other: a direct convolution, whose error is the yardstick.
func float32Conv2D(x, w *tensor.Tensor, c tensor.Conv) *tensor.Tensor {
	y := tensor.New(c.OutputShape(x, w)...)
	at := 0
	for n := range y.Dim(0) {
		for p := range y.Dim(1) {
			for q := range y.Dim(2) {
				for o := range y.Dim(3) {
					sum := float32(0)
					for tap := range 9 {
						row := naivePosition(c.Padding.Mode, p+tap/3-c.Padding.Top, x.Dim(1))
						col := naivePosition(c.Padding.Mode, q+tap%3-c.Padding.Left, x.Dim(2))
						if row < 0 || col < 0 {
							continue
						}
						pixel := x.Data()[((n*x.Dim(1)+row)*x.Dim(2)+col)*x.Dim(3):]
						for i, v := range w.Data()[(o*9+tap)*w.Dim(3):][:w.Dim(3)] {
							sum += float32(v * pixel[i])
						}
					}
					y.Data()[at] = sum
					at++
				}
			}
		}
	}
	return y
}

// TestWinograd compares with the naive convolution in float64: the error is to
// be at most twice that of a direct convolution in float32. Of few channels the
// direct sums are short and the transforms weigh more: three and a half times, for
// data around zero as here; vgg.TestLayerAccuracy has that of networks.
func TestWinograd(t *testing.T) {
	for _, test := range winogradCases {
		name := fmt.Sprintf("%d,%d,%d,%d->%d %+v", test.n, test.h, test.w, test.cin, test.cout, test.pad)
		t.Run(name, func(t *testing.T) {
			if testing.Short() && test.n*test.h*test.w*test.cin*test.cout > 1<<20 {
				t.Skip("the naive version takes its time")
			}
			rng := newRand(21)
			c := tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, Padding: test.pad}
			x, w := tensor.Random(rng, test.n, test.h, test.w, test.cin), tensor.Random(rng, test.cout, 3, 3, test.cin)
			if !tensor.SuitsWinograd(x, w, c) {
				t.Fatal("does not take Winograd's path")
			}
			tensor.PoisonScratch(1 << 20)
			y := dirty(c.OutputShape(x, w)...)
			tensor.Conv2D(y, x, w, nil, c)
			want := naiveConv2D(x, w, nil, c)
			err, direct := relativeError(y, want), relativeError(float32Conv2D(x, w, c), want)
			if !(err < most(test.cin)*direct) {
				t.Errorf("relative error %.2g, direct %.2g", err, direct)
			}

			dy := tensor.Random(rng, y.Shape()...)
			dx := dirty(x.Shape()...)
			tensor.Conv2DGradInput(dx, dy, w, c, false)
			wantDx, _, _ := naiveConv2DGrad(x, w, dy, c)
			// A direct sum of K products has a relative error around sqrt(K) 2^-25.
			direct = math.Sqrt(float64(9*test.cout)) * 0x1p-25
			if err := relativeError(dx, wantDx); !(err < most(test.cout)*direct) {
				t.Errorf("gradient: relative error %.2g, direct about %.2g", err, direct)
			}

			sum := tensor.Full(3, x.Shape()...)
			tensor.Conv2DGradInput(sum, dy, w, c, true)
			for i, v := range sum.Data() {
				if !(math.Abs(float64(v-3-dx.Data()[i])) <= 1e-4) {
					t.Fatalf("accumulated on 3: element %d is %v, want %v", i, v, 3+dx.Data()[i])
				}
			}
		})
	}
}

// most returns how many times the error of a direct convolution that of
// Winograd's may be.
func most(channels int) float64 {
	if channels < 64 {
		return 3.5
	}
	return 2
}

// TestWinogradFusions: bias, ReLU and masks do what they do one by one.
func TestWinogradFusions(t *testing.T) {
	for _, test := range winogradCases {
		rng := newRand(22)
		c := tensor.Conv{Padding: test.pad}
		x, w, b := tensor.Random(rng, test.n, test.h, test.w, test.cin), tensor.Random(rng, test.cout, 3, 3, test.cin), tensor.Random(rng, test.cout)
		plain, y := tensor.New(c.OutputShape(x, w)...), dirty(c.OutputShape(x, w)...)
		mask := make([]uint8, tensor.MaskLen(y.Len()))
		for i := range mask {
			mask[i] = 0x5a
		}
		tensor.Conv2D(plain, x, w, b, c)
		tensor.Conv2DReLU(y, mask, x, w, b, c)
		dy := tensor.Random(rng, y.Shape()...)
		masked := dy.Clone()
		for i, v := range plain.Data() {
			if y.Data()[i] != max(v, 0) || mask[i/8]>>(i%8)&1 == 1 != (v > 0) {
				t.Fatalf("%v: element %d is %v with bit %d, want ReLU of %v", test, i, y.Data()[i], mask[i/8]>>(i%8)&1, v)
			}
			if v <= 0 {
				masked.Data()[i] = 0
			}
		}
		dx, want := dirty(x.Shape()...), dirty(x.Shape()...)
		tensor.Conv2DReLUGradInput(dx, dy, mask, w, c, false)
		tensor.Conv2DGradInput(want, masked, w, c, false)
		checkSameBits(t, fmt.Sprintf("%v: masked gradient", test), dx.Data(), want.Data())
		tensor.MaskGrad(dy, dy, mask)
		checkSameBits(t, fmt.Sprintf("%v: MaskGrad", test), dy.Data(), masked.Data())
	}
}

// TestConv2DReLUMaxPool compares with convolution, ReLU and pooling one by one,
// and their gradients, on both paths.
func TestConv2DReLUMaxPool(t *testing.T) {
	cases := append(winogradCases[:len(winogradCases):len(winogradCases)], []winogradCase{
		{2, 9, 8, 3, 5, tensor.PadAll(1, tensor.PadReflect)},
		{1, 8, 9, 12, 8, tensor.PadAll(1, tensor.PadZero)},
		{1, 1, 9, 8, 8, tensor.PadAll(1, tensor.PadZero)}, // no window
	}...)
	for _, test := range cases {
		rng := newRand(24)
		c := tensor.Conv{Padding: test.pad}
		x, w, b := integers(rng, test.n, test.h, test.w, test.cin), tensor.Random(rng, test.cout, 3, 3, test.cin), tensor.Random(rng, test.cout)
		shape := c.OutputShape(x, w)
		full := tensor.New(shape...)
		tensor.Conv2DReLU(full, nil, x, w, b, c)
		pooled := []int{shape[0], shape[1] / 2, shape[2] / 2, shape[3]}
		y := dirty(pooled...)
		taps, mask := make([]uint8, tensor.TapsLen(y.Len())), make([]uint8, tensor.MaskLen(y.Len()))
		tensor.Conv2DReLUMaxPool(y, taps, mask, x, w, b, c)
		dy := tensor.Random(rng, pooled...)
		dfull := tensor.New(shape...)
		at := 0
		for n := range pooled[0] {
			for i := range pooled[1] {
				for j := range pooled[2] {
					for k := range pooled[3] {
						best, from := float32(-1), 0
						for p := range 4 {
							if v := full.At(n, 2*i+p/2, 2*j+p%2, k); v > best {
								best, from = v, p
							}
						}
						if y.At(n, i, j, k) != best {
							t.Fatalf("%v: (%d,%d,%d,%d) is %v, want %v", test, n, i, j, k, y.At(n, i, j, k), best)
						}
						tap := int(taps[at/4] >> (at % 4 * 2) & 3)
						positive := mask[at/8]>>(at%8)&1 == 1
						if positive != (y.At(n, i, j, k) > 0) || positive && full.At(n, 2*i+tap/2, 2*j+tap%2, k) != best {
							t.Fatalf("%v: (%d,%d,%d,%d): tap %d, positive %v; want %d for %v", test, n, i, j, k, tap, positive, from, best)
						}
						if positive {
							dfull.Set(dy.At(n, i, j, k), n, 2*i+tap/2, 2*j+tap%2, k)
						}
						at++
					}
				}
			}
		}
		want, got := tensor.Full(2, x.Shape()...), tensor.Full(2, x.Shape()...)
		tensor.Conv2DGradInput(want, dfull, w, c, true)
		tensor.PoisonScratch(1 << 18)
		tensor.Conv2DReLUMaxPoolGradInput(got, dy, taps, mask, w, c, true)
		checkSameBits(t, fmt.Sprintf("%v: gradient", test), got.Data(), want.Data())
		unpooled := dirty(shape...)
		tensor.ReLUMaxPool2DGrad(unpooled, dy, taps, mask)
		checkSameBits(t, fmt.Sprintf("%v: unpooled", test), unpooled.Data(), dfull.Data())
	}
}

// TestConv2DReLUMaxPoolKeepsNaN: a NaN in the picture is one in the result, and
// not positive, on every path.
func TestConv2DReLUMaxPoolKeepsNaN(t *testing.T) {
	for _, cin := range []int{3, 8, 12} {
		rng := newRand(26)
		c := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}
		x, w, b := tensor.Random(rng, 1, 16, 16, cin), tensor.Random(rng, 8, 3, 3, cin), tensor.Random(rng, 8)
		x.Set(float32(math.NaN()), 0, 9, 6, cin-1)
		y := tensor.New(1, 8, 8, 8)
		taps, mask := make([]uint8, tensor.TapsLen(y.Len())), make([]uint8, tensor.MaskLen(y.Len()))
		tensor.Conv2DReLUMaxPool(y, taps, mask, x, w, b, c)
		at := (4*8 + 3) * 8 // the window of the pixel
		for k := range 8 {
			if v := y.Data()[at+k]; v == v || mask[at/8]>>k&1 != 0 {
				t.Errorf("%d channels: output %d is %v with bit %d, want NaN and 0", cin, k, v, mask[at/8]>>k&1)
			}
		}
	}
}

func TestWinogradSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for _, test := range winogradCases {
		rng := newRand(23)
		c := tensor.Conv{Padding: test.pad}
		x, w := tensor.Random(rng, test.n, test.h, test.w, test.cin), tensor.Random(rng, test.cout, 3, 3, test.cin)
		var first, firstDx []float32
		for _, threads := range []int{1, 2, 5} {
			old := runtime.GOMAXPROCS(threads)
			y, dx := tensor.New(c.OutputShape(x, w)...), tensor.New(x.Shape()...)
			tensor.Conv2D(y, x, w, nil, c)
			tensor.Conv2DGradInput(dx, y, w, c, false)
			runtime.GOMAXPROCS(old)
			if first == nil {
				first, firstDx = y.Data(), dx.Data()
			}
			checkSameBits(t, fmt.Sprintf("%v on %d threads", test, threads), y.Data(), first)
			checkSameBits(t, fmt.Sprintf("%v: gradient on %d threads", test, threads), dx.Data(), firstDx)
		}
	}
}

// TestSuitsWinograd holds the rule to its words.
func TestSuitsWinograd(t *testing.T) {
	x, w := tensor.New(1, 16, 12, 16), tensor.New(8, 3, 3, 16)
	pad := tensor.PadAll(1, tensor.PadZero)
	for _, test := range []struct {
		name string
		x, w *tensor.Tensor
		c    tensor.Conv
		want bool
	}{
		{"3x3", x, w, tensor.Conv{Padding: pad}, true},
		{"stride", x, w, tensor.Conv{Padding: pad, StrideH: 2}, false},
		{"dilation", x, w, tensor.Conv{Padding: pad, DilationW: 2}, false},
		{"groups", x, tensor.New(8, 3, 3, 8), tensor.Conv{Padding: pad, Groups: 2}, false},
		{"5x5", x, tensor.New(8, 5, 5, 16), tensor.Conv{Padding: pad}, false},
		{"wide border", x, w, tensor.Conv{Padding: tensor.PadAll(3, tensor.PadZero)}, false},
		{"few tiles", tensor.New(1, 16, 8, 16), w, tensor.Conv{Padding: pad}, false},
		{"odd channels", tensor.New(1, 16, 12, 12), tensor.New(8, 3, 3, 12), tensor.Conv{Padding: pad}, false},
		{"odd outputs", x, tensor.New(12, 3, 3, 16), tensor.Conv{Padding: pad}, false},
	} {
		if got := tensor.SuitsWinograd(test.x, test.w, test.c); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
