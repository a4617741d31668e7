//go:build !amd64 || purego

package asm

func convRow(pixels, outputs, kh, k int, a []float32, ld, step int, b, bias, c []float32, ldc int, relu bool, mask []uint8) {
	convRowGeneric(pixels, outputs, kh, k, a, ld, step, b, bias, c, ldc, relu, mask)
}

func sumTaps(dst []float32, step, n int, t []float32, ld int, offsets []int) {
	sumTapsGeneric(dst, step, n, t, ld, offsets)
}
