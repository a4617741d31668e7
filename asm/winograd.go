package asm

import "fmt"

// The three linear maps of Winograd's convolution F(4x4,3x3), which computes a
// 4x4 tile of a 3x3 convolution from a 6x6 patch with 36 multiplications
// instead of 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", CVPR 2016, equation 12):
//
//	Y = A^T [ (G g G^T) . (B^T d B) ] A
//
// with d the patch, g the filter and . the product element by element. A 1-D
// convolution multiplies polynomials; they are multiplied by evaluating both
// at six points and interpolating. The points here are 0, a, -a, b, -b and
// infinity with a = sqrt(1/2) and b = sqrt(2): the textbook's 0, 1, -1, 2, -2
// give rounder numbers, and twice the rounding error.
//
//	      1   0   -5/2   0    1   0           1      0      0
//	      0  -2a   -2    a    1   0         -2/3  -2a/3   -1/3          1  1   1    1    1    0
//	B^T = 0   2a   -2   -a    1   0     G = -2/3   2a/3   -1/3    A^T = 0  a  -a    b   -b    0
//	      0 -b/2  -1/2   b    1   0          1/6    b/6    1/3          0 1/2 1/2   2    2    0
//	      0  b/2  -1/2  -b    1   0          1/6   -b/6    1/3          0 a/2 -a/2  2b  -2b   1
//	      0   1     0  -5/2   0   1           0      0      1
const (
	winogradA = 0.70710678118654752440 // sqrt(1/2)
	winogradB = 1.41421356237309504880 // sqrt(2)
)

// Sizes of F(4x4,3x3).
const (
	WinogradTile  = 4                             // side of the tile that is computed
	WinogradPatch = 6                             // side of the patch that is read for it
	WinogradSize  = WinogradPatch * WinogradPatch // products of a tile
)

// winogradG is the matrix G.
var winogradG = [6][3]float32{
	{1, 0, 0},
	{-2.0 / 3, -2 * winogradA / 3, -1.0 / 3},
	{-2.0 / 3, 2 * winogradA / 3, -1.0 / 3},
	{1.0 / 6, winogradB / 6, 1.0 / 3},
	{1.0 / 6, -winogradB / 6, 1.0 / 3},
	{0, 0, 1},
}

// WinogradInput transforms the patches of tiles that stand side by side, n
// channels each:
//
//	for t := range tiles {
//		for c := range n {
//			var d mat6x6
//			for i := range 6 {
//				for j := range 6 {
//					d[i][j] = src[i*rowStride+(4*t+j)*pixelStride+c]
//				}
//			}
//			e := B^T d B
//			for i := range 6 {
//				for j := range 6 {
//					dst[(6*i+j)*freqStride+t*tileStride+c] = e[i][j]
//				}
//			}
//		}
//	}
//
// It panics if n is not a multiple of 8 or a slice is too short.
func WinogradInput(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	if tiles <= 0 || n <= 0 {
		return
	}
	last := 35*freqStride + (tiles-1)*tileStride + n
	from := 5*rowStride + (4*tiles+1)*pixelStride + n
	if n%8 != 0 || min(tileStride, freqStride, rowStride, pixelStride) < 0 || len(dst) < last || len(src) < from {
		panic(fmt.Sprintf("asm: WinogradInput: %d tiles of %d channels want %d and %d values, not %d and %d, and channels by the eight", tiles, n, last, from, len(dst), len(src)))
	}
	winogradInput(tiles, n, dst, tileStride, freqStride, src, rowStride, pixelStride)
}

// WinogradOutput transforms the products of one tile back to its 4x4 pixels, n
// channels each, and does what comes after a convolution while the values are
// in registers:
//
//	for c := range n {
//		var e mat6x6
//		for i := range 6 {
//			for j := range 6 {
//				e[i][j] = src[(6*i+j)*freqStride+c]
//			}
//		}
//		y := A^T e A
//		for i := range 4 {
//			for j := range 4 {
//				at := i*rowStride + j*pixelStride + c
//				v := y[i][j]
//				if accumulate {
//					v += dst[at]
//				}
//				if bias != nil {
//					v += bias[c]
//				}
//				if relu {
//					v = max(v, 0)
//				}
//				if mask != nil {
//					set bit at%8 of mask[at/8] to v > 0
//				}
//				dst[at] = v
//			}
//		}
//	}
//
// A NaN stays a NaN. It panics if n or, with a mask, a stride is not a multiple
// of 8, or a slice is too short.
func WinogradOutput(n int, dst []float32, rowStride, pixelStride int, src []float32, freqStride int, bias []float32, mask []uint8, relu, accumulate bool) {
	if n <= 0 {
		return
	}
	to := 3*rowStride + 3*pixelStride + n
	from := 35*freqStride + n
	if n%8 != 0 || min(rowStride, pixelStride, freqStride) < 0 || len(dst) < to || len(src) < from || bias != nil && len(bias) < n {
		panic(fmt.Sprintf("asm: WinogradOutput: %d channels want %d and %d values, not %d and %d, as many biases, not %d, and channels by the eight", n, to, from, len(dst), len(src), len(bias)))
	}
	if mask != nil && (len(mask) < to/8 || rowStride%8 != 0 || pixelStride%8 != 0) {
		panic(fmt.Sprintf("asm: WinogradOutput: a mask of %d bytes is too short for %d values, or strides %d and %d are not by the eight", len(mask), to, rowStride, pixelStride))
	}
	winogradOutput(n, dst, rowStride, pixelStride, src, freqStride, bias, mask, relu, accumulate)
}

// WinogradFilter transforms k rows of 16 filters each, and stores one row i of
// the six rows of the result:
//
//	for p := range k {
//		for c := range 16 {
//			var g mat3x3
//			for tap := range 9 {
//				g[tap/3][tap%3] = src[(tap*k+p)*16+c]
//			}
//			e := G g G^T
//			for j := range 6 {
//				dst[j*freqStride+p*16+c] = e[i][j]
//			}
//		}
//	}
//
// It panics if i is not one of 0 to 5 or a slice is too short.
func WinogradFilter(k, i int, dst []float32, freqStride int, src []float32) {
	if k <= 0 {
		return
	}
	if uint(i) >= 6 || freqStride < 0 || len(dst) < 5*freqStride+16*k || len(src) < 9*16*k {
		panic(fmt.Sprintf("asm: WinogradFilter: row %d of %d filters wants %d and %d values, not %d and %d", i, k, 5*freqStride+16*k, 9*16*k, len(dst), len(src)))
	}
	winogradFilter(k, dst, freqStride, src, winogradG[i])
}
