package tensor_test

import (
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestEmptyBatch runs every kernel on a batch of no pictures. Sums over it are
// zero, whatever the memory held before.
func TestEmptyBatch(t *testing.T) {
	x, w, b := tensor.New(0, 5, 6, 4), tensor.New(6, 3, 3, 2), tensor.New(6)
	for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
		c := tensor.Conv{Groups: 2, Padding: tensor.PadAll(1, mode)}
		y, dw, db := tensor.New(c.OutputShape(x, w)...), dirty(w.Shape()...), dirty(6)
		tensor.Conv2DReLU(y, nil, x, w, b, c)
		tensor.Conv2DGradInput(x, y, w, c, false)
		tensor.Conv2DGradWeight(dw, x, y, c)
		tensor.Conv2DGradBias(db, y)
		checkEqual(t, "dw", dw, tensor.New(6, 3, 3, 2))
		checkEqual(t, "db", db, tensor.New(6))

		padded := tensor.New(0, 7, 8, 4)
		tensor.Pad(padded, x, c.Padding)
		tensor.PadGrad(x, padded, c.Padding)
	}
	for _, window := range []tensor.Pool{{KH: 3, KW: 3, StrideH: 1, StrideW: 2}, {KH: 2, KW: 2}} {
		for _, x := range []*tensor.Tensor{x, tensor.New(2, 5, 6, 0)} {
			y := tensor.New(window.OutputShape(x)...)
			tensor.MaxPool2D(y, nil, x, window)
			tensor.MaxPool2DGrad(x, y, nil, window)
			tensor.AvgPool2D(y, x, window)
			tensor.AvgPool2DGrad(x, y, window)
		}
	}

	tensor.Add(x, x, tensor.New(4))
	tensor.BroadcastTo(x, tensor.New(6, 1))
	tensor.ReLU(x, x)
	tensor.Softmax(x, x)
	tensor.TotalVariationGrad(x, x, 1)
	if s := tensor.Sum(x) + tensor.SquaredDistance(x, x) + tensor.TotalVariation(x); s != 0 {
		t.Errorf("sums over nothing give %v", s)
	}
}

// TestEmptyPicture checks pictures without pixels: padding with zeros gives
// them some.
func TestEmptyPicture(t *testing.T) {
	c := tensor.Conv{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1, Padding: tensor.PadAll(2, tensor.PadZero)}
	rng := newRand(1)
	for _, shape := range [][]int{{2, 0, 5, 3}, {2, 5, 0, 3}, {2, 0, 0, 3}} {
		x, w, b := tensor.New(shape...), tensor.Random(rng, 4, 3, 3, 3), tensor.Random(rng, 4)
		dy := tensor.Random(rng, c.OutputShape(x, w)...)
		checkConv(t, fastConv(x, w, b, dy, c), naiveConv(x, w, b, dy, c), convBounds(x, w, b, dy, c))
		y := dirty(2, shape[1]+4, shape[2]+4, 3)
		tensor.Pad(y, x, c.Padding)
		checkEqual(t, "padded", y, tensor.New(y.Shape()...))
		tensor.PadGrad(x, y, c.Padding)
		tensor.TotalVariationGrad(tensor.New(shape...), x, 1)
		if v := tensor.TotalVariation(x); v != 0 {
			t.Errorf("total variation of %v is %v", shape, v)
		}
	}
}

// TestEmptyMatrices transposes matrices without elements, larger and smaller
// than the block that is transposed at a time.
func TestEmptyMatrices(t *testing.T) {
	for _, shape := range [][]int{{0, 3}, {3, 0}, {200, 0}, {0, 200}} {
		y := tensor.New(shape[1], shape[0])
		tensor.Transpose(y, tensor.New(shape...), 1, 0)
		if y.Len() != 0 {
			t.Errorf("transpose of %v has %d elements", shape, y.Len())
		}
	}
	y := tensor.New(2, 0, 300)
	tensor.Transpose(y, tensor.New(300, 0, 2), 2, 1, 0)
	tensor.Slice(tensor.New(0, 3), tensor.New(5, 3), 0, 5)
	tensor.SetSlice(tensor.New(5, 3), tensor.New(5, 0), 1, 3)
}
