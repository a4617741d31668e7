package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// MaskLen returns the number of bytes of a mask for n values, a bit for each.
func MaskLen(n int) int { return (n + 7) / 8 }

func mustHaveMask(op string, mask []uint8, of *Tensor) {
	if len(mask) != MaskLen(len(of.data)) {
		panic(fmt.Sprintf("tensor: %s: a mask for %v has %d bytes, not %d", op, of.shape, MaskLen(len(of.data)), len(mask)))
	}
}

// MaskGrad is the adjoint of ReLU for a mask from [Conv2DReLU]: it stores in dx
// the gradient dy where the mask's bit is set, else 0. dx may be dy. It panics
// if the shapes differ or the mask has another length than [MaskLen].
func MaskGrad(dx, dy *Tensor, mask []uint8) {
	mustSameShape("MaskGrad", dx, dy)
	mustHaveMask("MaskGrad", mask, dy)
	dx.maskFrom(dy, mask)
}

func (t *Tensor) maskFrom(dy *Tensor, mask []uint8) *Tensor {
	parallel.Range(len(t.data), elementBlock, func(lo, hi int) {
		whole := lo + (hi-lo)/8*8
		asm.MaskGrad(t.data[lo:whole], dy.data[lo:whole], mask[lo/8:])
		for i := whole; i < hi; i++ {
			t.data[i] = 0
			if mask[i/8]>>(i%8)&1 != 0 {
				t.data[i] = dy.data[i]
			}
		}
	})
	return t
}

// positiveMask sets the bits of the values that are positive, and clears those
// of the others.
func positiveMask(mask []uint8, y []float32) {
	parallel.Range(len(mask), elementBlock/8, func(lo, hi int) {
		positiveBits(mask[lo:hi], y[lo*8:min(hi*8, len(y))])
	})
}

// positiveBits is positiveMask on one thread, for the first [MaskLen] bytes of
// mask.
func positiveBits(mask []uint8, y []float32) {
	for i := range MaskLen(len(y)) {
		bits := uint8(0)
		for j, v := range y[i*8 : min(i*8+8, len(y))] {
			if v > 0 {
				bits |= 1 << j
			}
		}
		mask[i] = bits
	}
}
