//go:build !purego

package asm

import "math"

//go:noescape
func convRowAVX2(pixels, outputs, kh, k int, a *float32, ld, step int, b, bias, c *float32, ldc int, floor float32, mask *uint8)

//go:noescape
func sumTapsAVX2(n int, dst *float32, step int, t *float32, ld int, offsets *int, taps int)

func convRow(pixels, outputs, kh, k int, a []float32, ld, step int, b, bias, c []float32, ldc int, relu bool, mask []uint8) {
	if !haveAVX2 {
		convRowGeneric(pixels, outputs, kh, k, a, ld, step, b, bias, c, ldc, relu, mask)
		return
	}
	floor := float32(0)
	if !relu {
		floor = float32(math.Inf(-1)) // the assembly always takes a maximum
	}
	convRowAVX2(pixels, outputs, kh, k, first(a), ld, step, first(b), first(bias), first(c), ldc, floor, firstByte(mask))
}

func sumTaps(dst []float32, step, n int, t []float32, ld int, offsets []int) {
	if !haveAVX2 || len(offsets) == 0 {
		sumTapsGeneric(dst, step, n, t, ld, offsets)
		return
	}
	sumTapsAVX2(n, first(dst), step, first(t), ld, &offsets[0], len(offsets))
}
