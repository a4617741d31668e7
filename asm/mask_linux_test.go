package asm

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// bytesBeforeGuard is beforeGuard for a mask.
func bytesBeforeGuard(t *testing.T, rng *rand.Rand, n int) []uint8 {
	floats := (n + 3) / 4
	if n == 0 {
		return nil
	}
	s := beforeGuard(t, rng, floats)
	return unsafe.Slice((*uint8)(unsafe.Pointer(&s[0])), 4*floats)[4*floats-n:]
}

func TestMasksNoReadPastTheEnd(t *testing.T) {
	maskImplementations.each(t, func(t *testing.T, impl maskKernels) {
		rng := rand.New(rand.NewPCG(9, 3))
		for n := 0; n < 70; n += 8 {
			x, y := beforeGuard(t, rng, n), beforeGuard(t, rng, n)
			mask := bytesBeforeGuard(t, rng, n/8)
			impl.biasReLUMask(y, x, mask)
			impl.maskGrad(x, y, mask)
		}
	})
}
