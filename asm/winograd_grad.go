package asm

import "fmt"

// The gradient of the filter. In the tile that [WinogradOutput] computes,
// y = A^T [ (G g G^T) . (B^T d B) ] A, every step is linear in g, and the adjoint
// goes through the steps backwards, with each matrix transposed:
//
//	dg = G^T [ (A dy A^T) . (B^T d B) ] G
//
// The sum over tiles can be taken inside the brackets, so that the last step
// happens once for a filter.

// WinogradOutputGrad is the adjoint of what WinogradOutput does to its products,
// for tiles that stand side by side, n channels each:
//
//	for t := range tiles {
//		for c := range n {
//			var dy mat4x4
//			for i := range 4 {
//				for j := range 4 {
//					dy[i][j] = src[i*rowStride+(4*t+j)*pixelStride+c]
//				}
//			}
//			e := A dy A^T
//			for i := range 6 {
//				for j := range 6 {
//					dst[(6*i+j)*freqStride+t*tileStride+c] = e[i][j]
//				}
//			}
//		}
//	}
//
// It panics if n is not a multiple of 8 or a slice is too short.
func WinogradOutputGrad(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	if tiles <= 0 || n <= 0 {
		return
	}
	last := 35*freqStride + (tiles-1)*tileStride + n
	from := 3*rowStride + (4*tiles-1)*pixelStride + n
	if n%8 != 0 || min(tileStride, freqStride, rowStride, pixelStride) < 0 || len(dst) < last || len(src) < from {
		panic(fmt.Sprintf("asm: WinogradOutputGrad: %d tiles of %d channels want %d and %d values, not %d and %d, and channels by the eight", tiles, n, last, from, len(dst), len(src)))
	}
	winogradOutputGrad(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

// WinogradFilterGrad is the adjoint of WinogradFilter, for n filters side by
// side:
//
//	for c := range n {
//		var e mat6x6
//		for i := range 6 {
//			for j := range 6 {
//				e[i][j] = src[(6*i+j)*freqStride+c]
//			}
//		}
//		dg := G^T e G
//		for tap := range 9 {
//			dst[tap*tapStride+c] = dg[tap/3][tap%3]
//		}
//	}
//
// It panics if n is not a multiple of 8 or a slice is too short.
func WinogradFilterGrad(n int, dst []float32, tapStride int, src []float32, freqStride int) {
	if n <= 0 {
		return
	}
	to, from := 8*tapStride+n, 35*freqStride+n
	if n%8 != 0 || min(tapStride, freqStride) < 0 || len(dst) < to || len(src) < from {
		panic(fmt.Sprintf("asm: WinogradFilterGrad: %d filters want %d and %d values, not %d and %d, and filters by the eight", n, to, from, len(dst), len(src)))
	}
	winogradFilterGrad(n, dst, tapStride, src, freqStride)
}
