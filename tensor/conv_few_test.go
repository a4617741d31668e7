package tensor_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// fewConv returns a convolution with all fields set, as the naive one wants.
func fewConv(p tensor.Padding) tensor.Conv {
	return tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, Padding: p}
}

func TestFewChannels(t *testing.T) {
	picture := tensor.New(1, 9, 9, 3)
	for _, test := range []struct {
		name string
		x    *tensor.Tensor
		w    []int
		conv tensor.Conv
		want bool
	}{
		{"conv1_1", picture, []int{64, 3, 3, 3}, tensor.Conv{Padding: tensor.PadAll(1, tensor.PadReflect)}, true},
		{"row", picture, []int{1, 1, 9, 3}, tensor.Conv{}, true},
		{"two panels", tensor.New(1, 9, 9, 4), []int{8, 2, 4, 4}, tensor.Conv{}, true},
		{"large filter", tensor.New(1, 9, 9, 4), []int{8, 3, 3, 4}, tensor.Conv{}, false},
		{"five channels", tensor.New(1, 9, 9, 5), []int{8, 1, 1, 5}, tensor.Conv{}, false},
		{"stride", picture, []int{8, 3, 3, 3}, tensor.Conv{StrideH: 2}, false},
		{"stride", picture, []int{8, 3, 3, 3}, tensor.Conv{StrideW: 2}, false},
		{"dilation", picture, []int{8, 3, 3, 3}, tensor.Conv{DilationH: 2}, false},
		{"dilation", picture, []int{8, 3, 3, 3}, tensor.Conv{DilationW: 2}, false},
		{"groups", picture, []int{9, 3, 3, 1}, tensor.Conv{Groups: 3}, false},
	} {
		if got := tensor.FewChannels(test.x, tensor.New(test.w...), test.conv); got != test.want {
			t.Errorf("%s: %v %v: %v, want %v", test.name, test.x.Shape(), test.w, got, test.want)
		}
	}
}

// forEachFew calls test for pictures and filters of all kinds that the kernels
// for few channels take.
func forEachFew(t *testing.T, test func(t *testing.T, x, w, b *tensor.Tensor, c tensor.Conv)) {
	rng := newRand(5)
	channels, outputs := 0, []int{1, 5, 8, 16, 24, 64}
	for _, filter := range [][2]int{{3, 3}, {2, 3}, {1, 1}, {1, 5}, {4, 1}} {
		for _, size := range [][3]int{{1, 1, 1}, {2, 4, 5}, {1, 5, 6}, {1, 7, 13}, {3, 1, 9}, {1, 57, 2}, {1, 3, 133}, {1, 19, 135}} {
			for _, pad := range []tensor.Padding{
				{},
				{Top: 1, Bottom: 1, Left: 1, Right: 1},
				{Top: 3, Left: 2, Right: 5},
				{Top: 1, Bottom: 1, Left: 1, Right: 1, Mode: tensor.PadReflect},
				{Bottom: 4, Left: 1, Right: 3, Mode: tensor.PadReflect},
				{Mode: tensor.PadReflect},
				{Top: 1, Bottom: 1, Left: 1, Right: 1, Mode: tensor.PadReplicate},
				{Top: 2, Left: 7, Mode: tensor.PadReplicate},
				{Top: 5, Bottom: 6, Left: 2, Right: 14, Mode: tensor.PadReplicate},
			} {
				h, w := size[1], size[2]
				positions := (h + pad.Top + pad.Bottom) * (w + pad.Left + pad.Right)
				if positions > 500 && (filter != [2]int{3, 3} || testing.Short()) {
					continue // the naive version takes its time
				}
				if h+pad.Top+pad.Bottom < filter[0] || w+pad.Left+pad.Right < filter[1] ||
					pad.Mode == tensor.PadReflect && (max(pad.Top, pad.Bottom) >= h || max(pad.Left, pad.Right) >= w) {
					continue
				}
				cin, cout := 1+channels%4, outputs[channels/4%len(outputs)]
				channels++
				if filter[0]*filter[1]*cin > 32 {
					cin = 3
				}
				if positions > 150 {
					cout = min(cout, 8)
				}
				x, weight, b := tensor.Random(rng, size[0], h, w, cin), tensor.Random(rng, cout, filter[0], filter[1], cin), tensor.Random(rng, cout)
				c := fewConv(pad)
				if !tensor.FewChannels(x, weight, c) {
					t.Fatalf("%v and %v are not few channels", x.Shape(), weight.Shape())
				}
				t.Run(fmt.Sprintf("%v %v %+v", x.Shape(), weight.Shape(), pad), func(t *testing.T) {
					test(t, x, weight, b, c)
				})
			}
		}
	}
}

// sameBitsOnThreads runs a function of fresh memory on 1, 2 and 5 threads,
// checks that the results agree to the last bit and returns one.
func sameBitsOnThreads(t *testing.T, shape []int, run func(dst *tensor.Tensor)) *tensor.Tensor {
	t.Helper()
	var first *tensor.Tensor
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	tensor.PoisonScratch(1 << 14)
	for _, threads := range []int{1, 2, 5} {
		dst := dirty(shape...)
		runtime.GOMAXPROCS(threads)
		run(dst)
		if first == nil {
			first = dst
		}
		checkSameBits(t, fmt.Sprintf("%d threads", threads), dst.Data(), first.Data())
	}
	return first
}

func TestFewForward(t *testing.T) {
	forEachFew(t, func(t *testing.T, x, w, b *tensor.Tensor, c tensor.Conv) {
		shape := c.OutputShape(x, w)
		bounds := convBoundsForward(x, w, b, c)
		y := sameBitsOnThreads(t, shape, func(y *tensor.Tensor) { tensor.FewForward(y, nil, x, w, b, c, false) })
		checkWithin(t, "y", widen(y), naiveConv2D(x, w, b, c), bounds)

		none := sameBitsOnThreads(t, shape, func(y *tensor.Tensor) { tensor.FewForward(y, nil, x, w, nil, c, false) })
		checkWithin(t, "y without bias", widen(none), naiveConv2D(x, w, nil, c), bounds)

		rectified := y.Clone()
		tensor.ReLU(rectified, y)
		relu := sameBitsOnThreads(t, shape, func(y *tensor.Tensor) { tensor.FewForward(y, nil, x, w, b, c, true) })
		checkEqual(t, "rectified", relu, rectified)

		if w.Dim(0)%8 == 0 {
			mask, want := make([]uint8, y.Len()/8), positive(rectified)
			sameBitsOnThreads(t, shape, func(y *tensor.Tensor) {
				for i := range mask {
					mask[i] = uint8(37 * i)
				}
				tensor.FewForward(y, mask, x, w, b, c, true)
				checkEqual(t, "rectified, with a mask", y, rectified)
				checkMask(t, mask, want)
			})
		}
	})
}

// convBoundsForward is convBounds for the value alone.
func convBoundsForward(x, w, b *tensor.Tensor, c tensor.Conv) []float64 {
	bounds, counts := naiveConv2D(magnitudes(x), magnitudes(w), magnitudes(b), c), naiveConv2D(ones(x), ones(w), ones(b), c)
	for i, k := range counts {
		bounds[i] *= (k + 2) * 0x1p-24
	}
	return bounds
}

// positive returns the mask of the positive values of y.
func positive(y *tensor.Tensor) []uint8 {
	mask := make([]uint8, y.Len()/8)
	for i, v := range y.Data() {
		if v > 0 {
			mask[i>>3] |= 1 << (i & 7)
		}
	}
	return mask
}

func checkMask(t *testing.T, got, want []uint8) {
	t.Helper()
	for i, bits := range got {
		if bits != want[i] {
			t.Fatalf("byte %d of the mask is %08b, want %08b", i, bits, want[i])
		}
	}
}

func TestFewGradInput(t *testing.T) {
	forEachFew(t, func(t *testing.T, x, w, _ *tensor.Tensor, c tensor.Conv) {
		rng := newRand(6)
		dy := tensor.Random(rng, c.OutputShape(x, w)...)
		check := func(name string, mask []uint8, dy, effective *tensor.Tensor) {
			t.Helper()
			got := sameBitsOnThreads(t, x.Shape(), func(dx *tensor.Tensor) { tensor.FewGradInput(dx, dy, mask, w, c) })
			want, _, _ := naiveConv2DGrad(x, w, effective, c)
			bounds, _, _ := naiveConv2DGrad(x, magnitudes(w), magnitudes(effective), c)
			counts, _, _ := naiveConv2DGrad(x, ones(w), ones(dy), c)
			for i, k := range counts {
				bounds[i] *= (k + 2) * 0x1p-24
			}
			checkWithin(t, name, widen(got), want, bounds)
		}
		check("dx", nil, dy, dy)
		if w.Dim(0)%8 == 0 {
			y := tensor.Random(rng, dy.Shape()...)
			masked := dy.Clone()
			tensor.ReLUGrad(masked, dy, y)
			check("dx with a mask", positive(y), dy, masked)
		}
	})
}

// TestFewKeepsNaN checks that a NaN of the picture is one in all outputs that
// see it, and in no others, and that it is not positive.
func TestFewKeepsNaN(t *testing.T) {
	nan := float32(math.NaN())
	rng := newRand(7)
	for _, cout := range []int{16, 24} {
		x, w := tensor.Random(rng, 1, 9, 11, 3), tensor.Random(rng, cout, 3, 3, 3)
		x.Set(nan, 0, 4, 6, 1)
		c := fewConv(tensor.PadAll(1, tensor.PadZero))
		y := dirty(1, 9, 11, cout)
		mask := make([]uint8, y.Len()/8)
		tensor.FewForward(y, mask, x, w, nil, c, true)
		for p := range 9 {
			for q := range 11 {
				for o := range cout {
					v, sees := y.At(0, p, q, o), p >= 3 && p <= 5 && q >= 5 && q <= 7
					if (v != v) != sees {
						t.Fatalf("cout %d: y[%d,%d,%d] = %v", cout, p, q, o, v)
					}
				}
			}
		}
		checkMask(t, mask, positive(y))
	}
}
