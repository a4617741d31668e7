package asm

import "fmt"

// A mask holds one bit for each value of an array, eight to a byte from the
// lowest bit on: value i has bit i&7 of byte i>>3. It is what the gradient of
// a ReLU needs to know of the output, in a thirty-second of the memory.

// BiasReLUMask is BiasReLU that also notes where the result is positive:
//
//	for i, b := range bias {
//		y[i] = max(y[i]+b, 0)
//		if y[i] > 0 {
//			mask[i>>3] |= 1 << (i & 7)
//		} else {
//			mask[i>>3] &^= 1 << (i & 7)
//		}
//	}
//
// A NaN stays a NaN, and its bit is 0. It panics if len(bias) is no multiple
// of 8, or a slice is too short.
func BiasReLUMask(y, bias []float32, mask []uint8) {
	checkMask("BiasReLUMask", len(bias), len(y), len(mask))
	biasReLUMask(y[:len(bias)], bias, mask[:len(bias)/8])
}

// MaskGrad is ReLUGrad that reads a mask instead of the output:
//
//	for i, v := range dy {
//		if mask[i>>3]>>(i&7)&1 == 1 {
//			dst[i] = v
//		} else {
//			dst[i] = 0
//		}
//	}
//
// dst may be dy. It panics if len(dy) is no multiple of 8, or a slice is too
// short.
func MaskGrad(dst, dy []float32, mask []uint8) {
	checkMask("MaskGrad", len(dy), len(dst), len(mask))
	maskGrad(dst[:len(dy)], dy, mask[:len(dy)/8])
}

func checkMask(op string, n, values, bytes int) {
	if n%8 != 0 || values < n || bytes < n/8 {
		panic(fmt.Sprintf("asm: %s: wants a multiple of 8 values and a byte for every 8, not %d with %d and %d bytes", op, n, values, bytes))
	}
}

func biasReLUMaskGeneric(y, bias []float32, mask []uint8) {
	for i := range mask {
		bits := uint8(0)
		for j, b := range bias[8*i:][:8] {
			v := max(y[8*i+j]+b, 0)
			y[8*i+j] = v
			if v > 0 {
				bits |= 1 << j
			}
		}
		mask[i] = bits
	}
}

func maskGradGeneric(dst, dy []float32, mask []uint8) {
	for i, bits := range mask {
		to := dst[8*i:][:8]
		for j, v := range dy[8*i:][:8] {
			if bits>>j&1 == 0 {
				v = 0
			}
			to[j] = v
		}
	}
}
