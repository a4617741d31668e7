package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// pools is one implementation of the pooling kernels.
type pools struct {
	max      func(y []float32, taps []uint8, top, bottom []float32, channels int)
	maxGrad  func(dtop, dbottom, dy []float32, taps []uint8, channels int)
	mean     func(y, top, bottom []float32, channels int)
	meanGrad func(dtop, dbottom, dy []float32, channels int)
}

var poolImplementations = twins[pools]{
	pools{maxPool2x2Generic, maxPool2x2GradGeneric, meanPool2x2Generic, meanPool2x2GradGeneric},
	pools{MaxPool2x2, MaxPool2x2Grad, MeanPool2x2, MeanPool2x2Grad},
}

// guardedTaps is guarded for taps; they start out as 99.
func guardedTaps(n, offset int) ([]uint8, func(t *testing.T, name string)) {
	all := slices.Repeat([]uint8{99}, offset+n+40)
	return all[offset : offset+n : offset+n], func(t *testing.T, name string) {
		t.Helper()
		for i, v := range all {
			if (i < offset || i >= offset+n) && v != 99 {
				t.Fatalf("%s: tap %d outside the slice was overwritten", name, i-offset)
			}
		}
	}
}

// sameBits reports whether two float32 have the same bits, a NaN counting as
// equal to a NaN: signs of zero matter.
func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// TestPool2x2 follows the reference loops to the bit, with ties, zeros of
// either sign, infinities and NaN.
func TestPool2x2(t *testing.T) {
	inf := float32(math.Inf(1))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, 2}
	poolImplementations.each(t, func(t *testing.T, impl pools) {
		rng := rand.New(rand.NewPCG(11, 12))
		for channels := 1; channels < 36; channels++ {
			for windows := range 6 {
				name := fmt.Sprintf("channels=%d windows=%d", channels, windows)
				n := channels * windows
				top, checkTop := guarded(rng, 2*n, channels%5)
				bottom, checkBottom := guarded(rng, 2*n, channels%3)
				y, checkY := guarded(rng, n, windows)
				taps, checkTaps := guardedTaps(n, windows)
				for _, s := range [][]float32{top, bottom} {
					for i := range s {
						if windows%2 == 0 {
							s[i] = special[rng.IntN(len(special))]
						}
					}
				}
				check := func(op string, got, want float32, o int) {
					t.Helper()
					if !sameBits(got, want) {
						t.Fatalf("%s %s: element %d is %v, want %v", op, name, o, got, want)
					}
				}
				checkAll := func() {
					t.Helper()
					checkTop(t, name)
					checkBottom(t, name)
					checkY(t, name)
					checkTaps(t, name)
				}
				pixel := func(o, tap int) *float32 {
					row := [][]float32{top, bottom}[tap/2]
					return &row[(2*(o/channels)+tap%2)*channels+o%channels]
				}

				impl.mean(y, top, bottom, channels)
				checkAll()
				for o, v := range y {
					check("MeanPool2x2", v, (*pixel(o, 0)+*pixel(o, 1)+*pixel(o, 2)+*pixel(o, 3))*0.25, o)
				}
				impl.max(y, taps, top, bottom, channels)
				checkAll()
				for o, v := range y {
					best, from := *pixel(o, 0), 0
					for tap := 1; tap < 4; tap++ {
						if w := *pixel(o, tap); w > best || w != w {
							best, from = w, tap
						}
					}
					check("MaxPool2x2", v, best, o)
					if int(taps[o]) != from {
						t.Fatalf("MaxPool2x2 %s: tap %d is %d, want %d", name, o, taps[o], from)
					}
				}
				for i := range y {
					if i%3 == 0 {
						y[i] = special[rng.IntN(len(special))]
					}
				}
				impl.maxGrad(top, bottom, y, taps, channels)
				checkAll()
				for o, v := range y {
					for tap := range 4 {
						want := float32(0)
						if int(taps[o]) == tap {
							want += v
						}
						check("MaxPool2x2Grad", *pixel(o, tap), want, o)
					}
				}
				impl.meanGrad(top, bottom, y, channels)
				checkAll()
				for o, v := range y {
					for tap := range 4 {
						want := float32(0)
						want += v * 0.25
						check("MeanPool2x2Grad", *pixel(o, tap), want, o)
					}
				}
			}
		}
	})
}

func TestPool2x2ShortSlicesPanic(t *testing.T) {
	s, taps := make([]float32, 1000), make([]uint8, 1000)
	wantPanics(t, map[string]func(){
		"channels": func() { MaxPool2x2(s[:16], taps, s, s, 0) },
		"ragged":   func() { MaxPool2x2(s[:17], taps, s, s, 8) },
		"taps":     func() { MaxPool2x2(s[:16], taps[:15:15], s, s, 8) },
		"top":      func() { MaxPool2x2(s[:16], taps, s[:31:31], s, 8) },
		"bottom":   func() { MaxPool2x2(s[:16], taps, s, s[:31:31], 8) },
		"max grad": func() { MaxPool2x2Grad(s, s[:31:31], s[:16], taps, 8) },
		"mean":     func() { MeanPool2x2(s[:16], s[:31:31], s, 8) },
		"mean d":   func() { MeanPool2x2Grad(s[:31:31], s, s[:16], 8) },
	})
}
