package tensor_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

// convCase is an entry of testdata/conv.json.
type convCase struct {
	Name string
	Conv tensor.Conv
}

func convCases(t *testing.T) []convCase {
	t.Helper()
	text, err := os.ReadFile("testdata/conv.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []convCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// convResults are a convolution's value and gradients, element by element.
type convResults struct{ y, dx, dw, db []float64 }

// fastConv computes them with the package, in memory full of NaN.
func fastConv(x, w, b, dy *tensor.Tensor, c tensor.Conv) convResults {
	tensor.PoisonScratch(1 << 16)
	y, dx, dw, db := dirty(c.OutputShape(x, w)...), dirty(x.Shape()...), dirty(w.Shape()...), dirty(b.Shape()...)
	tensor.Conv2D(y, x, w, b, c)
	tensor.Conv2DGradInput(dx, dy, w, c, false)
	tensor.Conv2DGradWeight(dw, x, dy, c)
	tensor.Conv2DGradBias(db, dy)
	return convResults{widen(y), widen(dx), widen(dw), widen(db)}
}

func naiveConv(x, w, b, dy *tensor.Tensor, c tensor.Conv) convResults {
	dx, dw, db := naiveConv2DGrad(x, w, dy, c)
	return convResults{naiveConv2D(x, w, b, c), dx, dw, db}
}

// convBounds returns the error that each result may have: for a sum of K
// products (K+2) 2^-24 sum |a b|, see [tensor.MatMul]. The two beyond K are for
// the addition of the bias and the rounding of a golden to float32. The naive
// versions count the products of a sum, when all operands are 1, and add up
// their magnitudes.
func convBounds(x, w, b, dy *tensor.Tensor, c tensor.Conv) convResults {
	counts := naiveConv(ones(x), ones(w), ones(b), ones(dy), c)
	bounds := naiveConv(magnitudes(x), magnitudes(w), magnitudes(b), magnitudes(dy), c)
	for _, r := range []struct{ bound, count []float64 }{
		{bounds.y, counts.y}, {bounds.dx, counts.dx}, {bounds.dw, counts.dw}, {bounds.db, counts.db},
	} {
		for i, k := range r.count {
			r.bound[i] *= (k + 2) * 0x1p-24
		}
	}
	return bounds
}

func checkConv(t fataler, got, want, bounds convResults) {
	t.Helper()
	checkWithin(t, "y", got.y, want.y, bounds.y)
	checkWithin(t, "dx", got.dx, want.dx, bounds.dx)
	checkWithin(t, "dw", got.dw, want.dw, bounds.dw)
	checkWithin(t, "db", got.db, want.db, bounds.db)
}

// TestConv2DAgreesWithPyTorch compares both the package and the naive version
// with PyTorch.
func TestConv2DAgreesWithPyTorch(t *testing.T) {
	arrays := goldens(t, "conv.npz")
	for _, test := range convCases(t) {
		t.Run(test.Name, func(t *testing.T) {
			get := func(name string) *tensor.Tensor { return arrays[test.Name+"."+name] }
			x, w, b, dy := get("x"), get("w"), get("b"), get("dy")
			want := convResults{widen(get("y")), widen(get("dx")), widen(get("dw")), widen(get("db"))}
			bounds := convBounds(x, w, b, dy, test.Conv)
			checkConv(t, fastConv(x, w, b, dy, test.Conv), want, bounds)
			checkConv(t, naiveConv(x, w, b, dy, test.Conv), want, bounds)
		})
	}
}

// TestConv2DAgreesWithNaive covers sizes at which a product is cut into
// several blocks, or its long sum into chunks.
func TestConv2DAgreesWithNaive(t *testing.T) {
	reflect := tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, Padding: tensor.PadAll(1, tensor.PadReflect)}
	strided := reflect
	strided.StrideH, strided.Groups, strided.Padding.Mode = 2, 2, tensor.PadReplicate
	for _, test := range []struct {
		name string
		x, w []int
		conv tensor.Conv
	}{
		{"many positions", []int{1, 66, 63, 5}, []int{2, 3, 3, 5}, reflect},
		{"many positions, few channels", []int{1, 66, 163, 3}, []int{2, 3, 3, 3}, reflect},
		{"many inputs", []int{1, 4, 5, 100}, []int{2, 3, 3, 100}, reflect},
		{"many outputs", []int{1, 4, 5, 2}, []int{300, 3, 3, 2}, reflect},
		{"groups", []int{2, 44, 94, 4}, []int{4, 3, 3, 2}, strided},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := newRand(1)
			x, w, b := tensor.Random(rng, test.x...), tensor.Random(rng, test.w...), tensor.Random(rng, test.w[0])
			dy := tensor.Random(rng, test.conv.OutputShape(x, w)...)
			checkConv(t, fastConv(x, w, b, dy, test.conv), naiveConv(x, w, b, dy, test.conv), convBounds(x, w, b, dy, test.conv))
		})
	}
}

// drawConv draws a convolution and operands that fit it, whole numbers all.
func drawConv(t *rapid.T) (c tensor.Conv, x, w *tensor.Tensor) {
	draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	c = tensor.Conv{
		StrideH: draw("stride h", 1, 3), StrideW: draw("stride w", 1, 3),
		DilationH: draw("dilation h", 1, 3), DilationW: draw("dilation w", 1, 3),
		Groups: draw("groups", 1, 3),
		Padding: tensor.Padding{
			Top: draw("top", 0, 3), Bottom: draw("bottom", 0, 3), Left: draw("left", 0, 3), Right: draw("right", 0, 3),
			Mode: tensor.PadMode(draw("mode", 0, 2)),
		},
	}
	kh, kw := draw("kh", 1, 4), draw("kw", 1, 4)
	// The filter has to fit, and reflection wants more pixels than it adds.
	p := c.Padding
	leastH := max(1, c.DilationH*(kh-1)+1-p.Top-p.Bottom)
	leastW := max(1, c.DilationW*(kw-1)+1-p.Left-p.Right)
	if p.Mode == tensor.PadReflect {
		leastH, leastW = max(leastH, p.Top+1, p.Bottom+1), max(leastW, p.Left+1, p.Right+1)
	}
	cin, cout := draw("cin of a group", 1, 4), draw("cout of a group", 1, 4)
	rng := newRand(rapid.Uint64().Draw(t, "seed"))
	x = integers(rng, draw("n", 1, 2), leastH+draw("more h", 0, 5), leastW+draw("more w", 0, 5), cin*c.Groups)
	return c, x, integers(rng, cout*c.Groups, kh, kw, cin)
}

func TestConv2DProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x, w := drawConv(t)
		rng := newRand(1)
		b := integers(rng, w.Dim(0))
		dy := integers(rng, c.OutputShape(x, w)...)
		checkConv(t, fastConv(x, w, b, dy, c), naiveConv(x, w, b, dy, c), convBounds(x, w, b, dy, c))
	})
}

// TestConv2DAdjoints checks <conv(x,w), dy> = <x, dx> = <w, dw>: a convolution
// is linear in either operand, and its gradients are the transposes of these
// linear maps.
func TestConv2DAdjoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x, w := drawConv(t)
		y, dx, dw := dirty(c.OutputShape(x, w)...), dirty(x.Shape()...), dirty(w.Shape()...)
		dy := integers(newRand(2), y.Shape()...)
		tensor.PoisonScratch(1 << 16)
		tensor.Conv2D(y, x, w, nil, c)
		tensor.Conv2DGradInput(dx, dy, w, c, false)
		tensor.Conv2DGradWeight(dw, x, dy, c)
		value, tolerance := inner(t, y, dy), 1e-5*inner(t, magnitudes(y), magnitudes(dy))
		checkWithin(t, "<x,dx> and <w,dw>", []float64{inner(t, x, dx), inner(t, w, dw)}, []float64{value, value}, []float64{tolerance, tolerance})
	})
}

// TestConv2DEpilogue checks bias and ReLU, together and alone, with more
// output channels than a block of the product has columns.
func TestConv2DEpilogue(t *testing.T) {
	rng := newRand(3)
	x, w, b := integers(rng, 2, 9, 11, 6), integers(rng, 600, 3, 3, 3), integers(rng, 600)
	c := tensor.Conv{Groups: 2, Padding: tensor.PadAll(1, tensor.PadZero)}
	shape := c.OutputShape(x, w)
	plain := dirty(shape...)
	tensor.Conv2D(plain, x, w, nil, c)
	for _, bias := range []*tensor.Tensor{nil, b} {
		for _, relu := range []bool{false, true} {
			want := plain.Clone()
			if bias != nil {
				tensor.Add(want, want, bias)
			}
			if relu {
				tensor.ReLU(want, want)
			}
			y := dirty(shape...)
			tensor.PoisonScratch(1 << 16)
			if relu {
				tensor.Conv2DReLU(y, nil, x, w, bias, c)
			} else {
				tensor.Conv2D(y, x, w, bias, c)
			}
			checkEqual(t, "y", y, want)
		}
	}
}

// TestConvDefaults checks that the zero value means 1 for all but the padding.
func TestConvDefaults(t *testing.T) {
	x, w := tensor.New(1, 5, 6, 3), tensor.New(4, 3, 2, 3)
	explicit := tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1}
	want := []int{1, 3, 5, 4}
	if got := (tensor.Conv{}).OutputShape(x, w); !slices.Equal(got, want) {
		t.Errorf("zero value: %v, want %v", got, want)
	}
	if got := explicit.OutputShape(x, w); !slices.Equal(got, want) {
		t.Errorf("explicit: %v, want %v", got, want)
	}
}
