package tensor_test

import (
	"fmt"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestConv2DReLURows: rows by themselves are those of the whole, to the bit.
func TestConv2DReLURows(t *testing.T) {
	rng := newRand(27)
	for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
		c := tensor.Conv{Padding: tensor.PadAll(1, mode)}
		x, w, b := tensor.Random(rng, 2, 29, 301, 3), tensor.Random(rng, 24, 3, 3, 3), tensor.Random(rng, 24)
		whole := tensor.New(c.OutputShape(x, w)...)
		tensor.Conv2DReLU(whole, nil, x, w, b, c)
		for _, rows := range [][2]int{{0, 29}, {0, 1}, {5, 18}, {28, 29}, {7, 7}} {
			lo, hi := rows[0], rows[1]
			y := dirty(2, hi-lo, 301, 24)
			tensor.Conv2DReLURows(y, lo, hi, x, w, b, c)
			for n := range 2 {
				size := (hi - lo) * 301 * 24
				checkSameBits(t, fmt.Sprint(mode, rows), y.Data()[n*size:][:size], whole.Data()[(n*29+lo)*301*24:][:size])
			}
		}
	}
	wantPanic := func(name string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", name)
			}
		}()
		f()
	}
	x, w := tensor.New(1, 4, 4, 3), tensor.New(8, 3, 3, 3)
	c := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}
	wantPanic("rows", func() { tensor.Conv2DReLURows(tensor.New(1, 2, 4, 8), 3, 5, x, w, nil, c) })
	wantPanic("shape", func() { tensor.Conv2DReLURows(tensor.New(1, 2, 4, 8), 0, 1, x, w, nil, c) })
	wantPanic("channels", func() {
		tensor.Conv2DReLURows(tensor.New(1, 1, 4, 8), 0, 1, tensor.New(1, 4, 4, 5), tensor.New(8, 3, 3, 5), nil, c)
	})
}
