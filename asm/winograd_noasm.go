//go:build !amd64 || purego

package asm

func winogradInput(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	winogradInputGeneric(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

func winogradOutput(n int, dst []float32, rowStride, pixelStride int, src []float32, freqStride int, bias []float32, mask []uint8, relu, accumulate bool) {
	winogradOutputGeneric(n, dst, rowStride, pixelStride, src, freqStride, bias, mask, relu, accumulate)
}

func winogradFilter(k int, dst []float32, freqStride int, src []float32, row [3]float32) {
	winogradFilterGeneric(k, dst, freqStride, src, row)
}

func winogradOutputGrad(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	winogradOutputGradGeneric(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

func winogradFilterGrad(n int, dst []float32, tapStride int, src []float32, freqStride int) {
	winogradFilterGradGeneric(n, dst, tapStride, src, freqStride)
}
