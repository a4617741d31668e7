package asm

import (
	"math/rand/v2"
	"testing"
)

// maskKernels is one implementation of the kernels that write or read a mask.
type maskKernels struct {
	biasReLUMask func(y, bias []float32, mask []uint8)
	maskGrad     func(dst, dy []float32, mask []uint8)
}

var maskImplementations = twins[maskKernels]{
	maskKernels{biasReLUMaskGeneric, maskGradGeneric},
	maskKernels{BiasReLUMask, MaskGrad},
}

// guardedBytes returns a slice of n random bytes, which starts offset bytes
// into its array and is surrounded by canaries, and a function that checks
// them.
func guardedBytes(rng *rand.Rand, n, offset int) ([]uint8, func(t *testing.T, name string)) {
	const canary = 0x5a
	all := make([]uint8, offset+n+40)
	for i := range all {
		all[i] = canary
	}
	s := all[offset : offset+n : offset+n]
	for i := range s {
		s[i] = uint8(rng.Uint32())
	}
	return s, func(t *testing.T, name string) {
		t.Helper()
		for i, v := range all {
			if (i < offset || i >= offset+n) && v != canary {
				t.Fatalf("%s: n=%d offset=%d: byte %d outside the mask was overwritten", name, n, offset, i-offset)
			}
		}
	}
}

func bit(mask []uint8, i int) bool { return mask[i>>3]>>(i&7)&1 == 1 }

func TestBiasReLUMask(t *testing.T) {
	maskImplementations.each(t, func(t *testing.T, impl maskKernels) {
		rng := rand.New(rand.NewPCG(9, 1))
		for n := 0; n < 100; n += 8 {
			for offset := range 5 {
				y, checkY := guarded(rng, n, offset)
				bias, checkBias := guarded(rng, n, 4-offset)
				mask, checkMask := guardedBytes(rng, n/8, offset)
				if n > 0 {
					y[n/2], bias[n/3] = nan, nan
					y[n-1], bias[n-1] = 1.5, -1.5 // a zero is not positive
				}
				y0 := append([]float32(nil), y...)
				impl.biasReLUMask(y, bias, mask)
				checkY(t, "y")
				checkBias(t, "bias")
				checkMask(t, "mask")
				for i := range n {
					if want := max(y0[i]+bias[i], 0); !same(y[i], want) || bit(mask, i) != (want > 0) {
						t.Fatalf("n=%d offset=%d: element %d is %v with bit %v, want %v", n, offset, i, y[i], bit(mask, i), want)
					}
				}
			}
		}
	})
}

func TestMaskGrad(t *testing.T) {
	maskImplementations.each(t, func(t *testing.T, impl maskKernels) {
		rng := rand.New(rand.NewPCG(9, 2))
		for n := 0; n < 100; n += 8 {
			for offset := range 5 {
				dst, checkDst := guarded(rng, n, offset)
				dy, checkDy := guarded(rng, n, 4-offset)
				mask, checkMask := guardedBytes(rng, n/8, offset)
				if n > 0 {
					dy[n/2] = nan
				}
				check := func(got []float32) {
					t.Helper()
					for i, v := range dy {
						if !bit(mask, i) {
							v = 0
						}
						if !same(got[i], v) {
							t.Fatalf("n=%d offset=%d: element %d is %v, want %v", n, offset, i, got[i], v)
						}
					}
				}
				impl.maskGrad(dst, dy, mask)
				checkDst(t, "dst")
				checkDy(t, "dy")
				checkMask(t, "mask")
				check(dst)
				inPlace := append([]float32(nil), dy...)
				impl.maskGrad(inPlace, inPlace, mask)
				check(inPlace)
			}
		}
	})
}

func TestMasksThatDoNotFitPanic(t *testing.T) {
	s, mask := make([]float32, 16), make([]uint8, 2)
	wantPanics(t, map[string]func(){
		"y":        func() { BiasReLUMask(s[:8], s, mask) },
		"mask":     func() { BiasReLUMask(s, s, mask[:1]) },
		"multiple": func() { BiasReLUMask(s, s[:12], mask) },
		"dst":      func() { MaskGrad(s[:8], s, mask) },
		"bits":     func() { MaskGrad(s, s, mask[:1]) },
		"dy":       func() { MaskGrad(s, s[:9], mask) },
	})
}
