//go:build !purego

package asm

//go:noescape
func winogradInputAVX2(tiles, n int, dst *float32, tileStride, freqStride int, src *float32, rowStride, pixelStride int)

//go:noescape
func winogradOutputAVX2(n int, dst *float32, rowStride, pixelStride int, src *float32, freqStride int, bias *float32, mask *uint8, relu, accumulate bool)

//go:noescape
func winogradFilterAVX2(k int, dst *float32, freqStride int, src *float32, g0, g1, g2 float32)

//go:noescape
func winogradOutputGradAVX2(tiles, n int, dst *float32, tileStride, freqStride int, src *float32, rowStride, pixelStride int)

//go:noescape
func winogradFilterGradAVX2(n int, dst *float32, tapStride int, src *float32, freqStride int)

func winogradInput(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	if haveAVX2 {
		winogradInputAVX2(tiles, n, first(dst), tileStride, freqStride, first(src), rowStride, pixelStride)
		return
	}
	winogradInputGeneric(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

func winogradOutput(n int, dst []float32, rowStride, pixelStride int, src []float32, freqStride int, bias []float32, mask []uint8, relu, accumulate bool) {
	if haveAVX2 {
		var bits *uint8
		if mask != nil {
			bits = &mask[0]
		}
		winogradOutputAVX2(n, first(dst), rowStride, pixelStride, first(src), freqStride, first(bias), bits, relu, accumulate)
		return
	}
	winogradOutputGeneric(n, dst, rowStride, pixelStride, src, freqStride, bias, mask, relu, accumulate)
}

func winogradFilter(k int, dst []float32, freqStride int, src []float32, row [3]float32) {
	if haveAVX2 {
		winogradFilterAVX2(k, first(dst), freqStride, first(src), row[0], row[1], row[2])
		return
	}
	winogradFilterGeneric(k, dst, freqStride, src, row)
}

func winogradOutputGrad(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	if haveAVX2 {
		winogradOutputGradAVX2(tiles, n, first(dst), tileStride, freqStride, first(src), rowStride, pixelStride)
		return
	}
	winogradOutputGradGeneric(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

func winogradFilterGrad(n int, dst []float32, tapStride int, src []float32, freqStride int) {
	if haveAVX2 {
		winogradFilterGradAVX2(n, first(dst), tapStride, first(src), freqStride)
		return
	}
	winogradFilterGradGeneric(n, dst, tapStride, src, freqStride)
}
