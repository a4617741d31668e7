package tensor_test

import (
	"fmt"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestRing checks that the gradients of a border, put in a ring and folded into
// those of the picture, give what the padding's definition does.
func TestRing(t *testing.T) {
	for _, mode := range []tensor.PadMode{tensor.PadReflect, tensor.PadReplicate} {
		for _, p := range []tensor.Padding{
			tensor.PadAll(1, mode), tensor.PadAll(2, mode),
			{Top: 3, Bottom: 1, Left: 2, Mode: mode}, {Bottom: 2, Right: 3, Mode: mode},
			{Top: 1, Mode: mode}, {Left: 1, Mode: mode}, {Right: 1, Mode: mode}, {Mode: mode},
		} {
			t.Run(fmt.Sprintf("%+v", p), func(t *testing.T) {
				n, h, w, c := 2, 5, 4, 3
				dy := integers(newRand(1), n, p.Top+h+p.Bottom, p.Left+w+p.Right, c)
				want := tensor.New(n, h, w, c)
				for i, v := range dy.Data() {
					at := naiveIndices(i, dy.Shape())
					row, col := naivePosition(mode, at[1]-p.Top, h), naivePosition(mode, at[2]-p.Left, w)
					want.Set(want.At(at[0], row, col, at[3])+v, at[0], row, col, at[3])
				}
				for _, numbered := range []bool{false, true} {
					dx := dirty(n, h, w, c)
					tensor.PoisonScratch(1 << 10)
					tensor.RingGrad(dx, dy, p, numbered)
					checkEqual(t, "dx", dx, want)
				}
			})
		}
	}
}
