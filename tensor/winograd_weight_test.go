package tensor_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// weightCases are winogradCases, what takes more tiles (several chunks, or more than
// one shared block), and few channels.
var weightCases = append(winogradCases[:len(winogradCases):len(winogradCases)], []winogradCase{
	{2, 70, 67, 24, 8, tensor.PadAll(1, tensor.PadReflect)},
	{1, 41, 38, 8, 520, tensor.PadAll(1, tensor.PadReplicate)},
	{2, 15, 18, 3, 16, tensor.PadAll(1, tensor.PadReflect)},
	{1, 14, 15, 4, 8, tensor.Padding{Top: 2, Left: 1, Mode: tensor.PadReplicate}},
}...)

// float32Conv2DGradWeight is the gradient with products and sums rounded to
// float32, one after the other: the yardstick for the error.
func float32Conv2DGradWeight(x, w, dy *tensor.Tensor, c tensor.Conv) *tensor.Tensor {
	dw := tensor.New(w.Shape()...)
	for at := range dy.Len() / dy.Dim(3) {
		n, p, q := at/dy.Dim(2)/dy.Dim(1), at/dy.Dim(2)%dy.Dim(1), at%dy.Dim(2)
		for tap := range 9 {
			row := naivePosition(c.Padding.Mode, p+tap/3-c.Padding.Top, x.Dim(1))
			col := naivePosition(c.Padding.Mode, q+tap%3-c.Padding.Left, x.Dim(2))
			if row < 0 || col < 0 {
				continue
			}
			pixel := x.Data()[((n*x.Dim(1)+row)*x.Dim(2)+col)*x.Dim(3):][:x.Dim(3)]
			for o, d := range dy.Data()[at*dy.Dim(3):][:dy.Dim(3)] {
				to := dw.Data()[(o*9+tap)*x.Dim(3):]
				for i, v := range pixel {
					to[i] += float32(d * v)
				}
			}
		}
	}
	return dw
}

// TestWinogradGradWeight compares with the naive gradient in float64: the error is
// to be at most two and a half times that of a direct sum in float32, and no larger
// over 2000 positions, where direct sums have become less exact.
func TestWinogradGradWeight(t *testing.T) {
	for _, test := range weightCases {
		t.Run(fmt.Sprintf("%d,%d,%d,%d->%d %+v", test.n, test.h, test.w, test.cin, test.cout, test.pad), func(t *testing.T) {
			if testing.Short() && test.n*test.h*test.w*test.cin*test.cout > 1<<20 {
				t.Skip("the naive version takes its time")
			}
			rng := newRand(27)
			c := tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, Padding: test.pad}
			x, w := tensor.Random(rng, test.n, test.h, test.w, test.cin), tensor.Random(rng, test.cout, 3, 3, test.cin)
			wide := max(8, test.cin) // few channels are widened
			if !tensor.SuitsWinograd(tensor.New(test.n, test.h, test.w, wide), tensor.New(test.cout, 3, 3, wide), c) {
				t.Fatal("does not take Winograd's path")
			}
			dy := tensor.Random(rng, c.OutputShape(x, w)...)
			tensor.PoisonScratch(1 << 21)
			dw := dirty(w.Shape()...)
			tensor.Conv2DGradWeight(dw, x, dy, c)
			_, want, _ := naiveConv2DGrad(x, w, dy, c)
			err, direct := relativeError(dw, want), relativeError(float32Conv2DGradWeight(x, w, dy, c), want)
			most := 2.5
			if dy.Len()/dy.Dim(3) >= 2000 {
				most = 1
			}
			if !(err < most*direct) {
				t.Errorf("relative error %.2g, direct %.2g", err, direct)
			}
		})
	}
}

func TestWinogradGradWeightSameBitsOnAnyNumberOfThreads(t *testing.T) {
	for _, test := range weightCases {
		rng := newRand(28)
		c := tensor.Conv{Padding: test.pad}
		x, w := tensor.Random(rng, test.n, test.h, test.w, test.cin), tensor.New(test.cout, 3, 3, test.cin)
		dy := tensor.Random(rng, c.OutputShape(x, w)...)
		var first []float32
		for _, threads := range []int{1, 2, 5} {
			old := runtime.GOMAXPROCS(threads)
			tensor.PoisonScratch(1 << 21)
			dw := dirty(w.Shape()...)
			tensor.Conv2DGradWeight(dw, x, dy, c)
			runtime.GOMAXPROCS(old)
			if first == nil {
				first = dw.Data()
			}
			checkSameBits(t, fmt.Sprintf("%v on %d threads", test, threads), dw.Data(), first)
		}
	}
}
