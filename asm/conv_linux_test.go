package asm

import (
	"math/rand/v2"
	"testing"
)

func TestConvNoReadPastTheEnd(t *testing.T) {
	convImplementations.each(t, func(t *testing.T, impl convKernels) {
		rng := rand.New(rand.NewPCG(11, 3))
		for _, kernel := range [][3]int{{1, 1, 1}, {3, 3, 3}, {2, 2, 4}, {3, 5, 1}} {
			kh, step := kernel[0], kernel[2]
			k := kernel[1] * step
			const pixels, outputs, ldc = 12, 32, 40
			ld := pixels*step + k
			a, b := beforeGuard(t, rng, (kh-1)*ld+(pixels-1)*step+k), beforeGuard(t, rng, outputs*kh*k)
			bias, c := beforeGuard(t, rng, outputs), beforeGuard(t, rng, (pixels-1)*ldc+outputs)
			impl.convRow(pixels, outputs, kh, k, a, ld, step, b, bias, c, ldc, true, bytesBeforeGuard(t, rng, len(c)/8))
		}
		for n := 1; n < 10; n++ {
			for step := 1; step <= 4; step++ {
				dst, src := beforeGuard(t, rng, (n-1)*step+4), beforeGuard(t, rng, 10+(n-1)*16+4)
				impl.sumTaps(dst, step, n, src, 16, []int{10, 0})
			}
		}
	})
}
