package asm

import "fmt"

// ConvRow computes a row of outputs of a convolution with stride 1 whose input
// has few channels, six pixels and sixteen outputs at a time:
//
//	for i := range pixels {
//		for o := range outputs {
//			sum := bias[o]
//			for r := range kh {
//				for p := range k {
//					sum += a[r*ld+i*step+p] * b[((o/16*kh+r)*k+p)*16+o%16]
//				}
//			}
//			if relu {
//				sum = max(sum, 0)
//			}
//			c[i*ldc+o] = sum
//			at := i*ldc + o
//			if mask != nil && sum > 0 {
//				mask[at>>3] |= 1 << (at & 7)
//			} else if mask != nil {
//				mask[at>>3] &^= 1 << (at & 7)
//			}
//		}
//	}
//
// For a row of a padded picture, ld is the distance of its rows, step its
// number of channels and k = kw*step: a row of a filter sees that many values
// side by side, and the next pixel the same ones but for the first step. So
// the picture itself serves as the matrix of im2col, and no sum is put down
// before all the rows of a filter have gone into it. b holds the filters in
// panels of sixteen.
//
// A NaN stays a NaN, and its bit is 0. The assembly rounds once per
// multiply-add. It panics if pixels is no multiple of Rows, outputs none of
// Cols or, with a mask, ldc none of 8, or a slice is too short.
func ConvRow(pixels, outputs, kh, k int, a []float32, ld, step int, b, bias, c []float32, ldc int, relu bool, mask []uint8) {
	fail := func(why string) {
		panic(fmt.Sprintf("asm: ConvRow: %s: pixels=%d outputs=%d kh=%d k=%d ld=%d step=%d ldc=%d, len(a)=%d b=%d bias=%d c=%d mask=%d",
			why, pixels, outputs, kh, k, ld, step, ldc, len(a), len(b), len(bias), len(c), len(mask)))
	}
	switch {
	case min(pixels, outputs, ld, step, ldc) < 0 || min(kh, k) < 1:
		fail("negative size, or no taps")
	case pixels%Rows != 0 || outputs%Cols != 0:
		fail("ragged block")
	case pixels == 0 || outputs == 0:
		return
	case len(a) < (kh-1)*ld+(pixels-1)*step+k || len(b) < outputs*kh*k || len(bias) < outputs || len(c) < (pixels-1)*ldc+outputs:
		fail("slice too short")
	case mask != nil && (ldc%8 != 0 || len(mask) < ((pixels-1)*ldc+outputs)/8):
		fail("mask does not fit")
	}
	convRow(pixels, outputs, kh, k, a, ld, step, b, bias, c, ldc, relu, mask)
}

func convRowGeneric(pixels, outputs, kh, k int, a []float32, ld, step int, b, bias, c []float32, ldc int, relu bool, mask []uint8) {
	for i := range pixels {
		for o := 0; o < outputs; o += Cols {
			sum := [Cols]float32(bias[o:])
			for r := range kh {
				panel := b[(o*kh+r*Cols)*k:]
				for p, v := range a[r*ld+i*step:][:k] {
					for j, w := range panel[p*Cols:][:Cols] {
						sum[j] += v * w
					}
				}
			}
			bits := uint16(0)
			for j, s := range sum {
				if relu {
					s = max(s, 0)
				}
				c[i*ldc+o+j] = s
				if s > 0 {
					bits |= 1 << j
				}
			}
			if mask != nil {
				at := (i*ldc + o) / 8
				mask[at], mask[at+1] = uint8(bits), uint8(bits>>8)
			}
		}
	}
}

// SumTaps collects, for a row of pixels of at most four channels, what the
// taps of a filter have left for them: offsets says where in t each tap left
// it for the first pixel, and the places of the next pixel are ld further on.
//
//	for i := range n {
//		for c := range 4 {
//			sum := float32(0)
//			for _, offset := range offsets {
//				sum += t[offset+i*ld+c]
//			}
//			dst[i*step+c] = sum
//		}
//	}
//
// Pixels have step channels. Where these are fewer than four, what a pixel
// writes past them the next one overwrites; only the last needs as much room
// behind it. It panics if step is not 1 to 4, or a slice is too short.
func SumTaps(dst []float32, step, n int, t []float32, ld int, offsets []int) {
	fail := func(why string) {
		panic(fmt.Sprintf("asm: SumTaps: %s: step=%d n=%d ld=%d, %d offsets, len(dst)=%d t=%d", why, step, n, ld, len(offsets), len(dst), len(t)))
	}
	if step < 1 || step > 4 || n < 0 || ld < 0 {
		fail("sizes out of range")
	}
	if n == 0 {
		return
	}
	if len(dst) < (n-1)*step+4 {
		fail("dst is too short")
	}
	for _, offset := range offsets {
		if offset < 0 || offset > len(t)-(n-1)*ld-4 {
			fail("t is too short")
		}
	}
	sumTaps(dst, step, n, t, ld, offsets)
}

func sumTapsGeneric(dst []float32, step, n int, t []float32, ld int, offsets []int) {
	for i := range n {
		var sum [4]float32
		for _, offset := range offsets {
			for c, v := range t[offset+i*ld:][:4] {
				sum[c] += v
			}
		}
		copy(dst[i*step:], sum[:])
	}
}
