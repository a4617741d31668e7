package tensor_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

func TestPadAgreesWithPyTorch(t *testing.T) {
	arrays := goldens(t, "pad.npz")
	modes := map[string]tensor.PadMode{"zero": tensor.PadZero, "reflect": tensor.PadReflect, "replicate": tensor.PadReplicate}
	for key, x := range arrays {
		name, ok := strings.CutSuffix(key, ".x")
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var p tensor.Padding
			fields := strings.ReplaceAll(name, "_", " ")
			var mode string
			if _, err := fmt.Sscan(fields, &mode, &p.Top, &p.Bottom, &p.Left, &p.Right); err != nil {
				t.Fatal(err)
			}
			p.Mode, ok = modes[mode]
			if !ok || p.Mode.String() != mode {
				t.Fatalf("mode %q is read as %v", mode, p.Mode)
			}
			y, dx := dirty(arrays[name+".y"].Shape()...), dirty(x.Shape()...)
			tensor.Pad(y, x, p)
			checkEqual(t, "y", y, arrays[name+".y"])
			// The gradients are sums of multiples of 1/16, so they are exact.
			tensor.PadGrad(dx, arrays[name+".dy"], p)
			checkEqual(t, "dx", dx, arrays[name+".dx"])
		})
	}
}

// TestPadAdjoint checks <pad(x), dy> = <x, PadGrad(dy)>, exactly.
func TestPadAdjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		p := tensor.Padding{
			Top: draw("top", 0, 4), Bottom: draw("bottom", 0, 4), Left: draw("left", 0, 4), Right: draw("right", 0, 4),
			Mode: tensor.PadMode(draw("mode", 0, 2)),
		}
		h, w := draw("h", 1, 4), draw("w", 1, 4)
		if p.Mode == tensor.PadReflect {
			h, w = h+max(p.Top, p.Bottom), w+max(p.Left, p.Right)
		}
		rng := newRand(rapid.Uint64().Draw(t, "seed"))
		x := integers(rng, draw("n", 1, 3), h, w, draw("c", 1, 5))
		dy := integers(rng, x.Dim(0), p.Top+h+p.Bottom, p.Left+w+p.Right, x.Dim(3))
		y, dx := dirty(dy.Shape()...), dirty(x.Shape()...)
		tensor.Pad(y, x, p)
		tensor.PadGrad(dx, dy, p)
		if a, b := inner(t, y, dy), inner(t, x, dx); a != b {
			t.Fatalf("<y,dy> = %v but <x,dx> = %v", a, b)
		}
	})
}
