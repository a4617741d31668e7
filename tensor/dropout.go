package tensor

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// DropoutMask sets each of the n bits of a mask independently with probability
// 1-p, as far as a probability is a multiple of 2^-32. The mask follows from n, p
// and seed alone. It panics unless p is in [0,1) and the mask has [MaskLen]
// bytes.
//
// Bits 2k and 2k+1 come from the k-th number of SplitMix64 (Steele, Lea and Flood,
// "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, figure 17), which
// needs none of those before it.
func DropoutMask(mask []uint8, n int, p float64, seed uint64) {
	mustBeDropProbability("DropoutMask", p)
	if len(mask) != MaskLen(n) {
		panic(fmt.Sprintf("tensor: DropoutMask: a mask for %d values has %d bytes, not %d", n, MaskLen(n), len(mask)))
	}
	least := uint64(math.Round(p * (1 << 32))) // that keeps a value
	parallel.Range(len(mask), elementBlock/8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			bits := uint8(0)
			for k := range 4 {
				r := splitMix64(seed, uint64(i*4+k))
				bits >>= 2
				if r&math.MaxUint32 >= least {
					bits |= 1 << 6
				}
				if r>>32 >= least {
					bits |= 1 << 7
				}
			}
			mask[i] = bits
		}
	})
}

// splitMix64 returns the k-th number of the sequence for a seed.
func splitMix64(seed, k uint64) uint64 {
	z := seed + (k+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Dropout stores x/(1-p) in y where the mask's bit is set, else 0. y may be x.
// It is its own adjoint: for gradients call it with dx and dy. It panics if the
// shapes differ, if the mask has another length than [MaskLen], and unless p is
// in [0,1).
func Dropout(y, x *Tensor, mask []uint8, p float64) {
	mustSameShape("Dropout", y, x)
	mustHaveMask("Dropout", mask, x)
	mustBeDropProbability("Dropout", p)
	scale := float32(1 / (1 - p))
	parallel.Range(len(x.data), elementBlock, func(lo, hi int) {
		whole := lo + (hi-lo)/8*8
		asm.MaskGrad(y.data[lo:whole], x.data[lo:whole], mask[lo/8:])
		for i := whole; i < hi; i++ {
			v := float32(0)
			if mask[i/8]>>(i%8)&1 != 0 {
				v = x.data[i]
			}
			y.data[i] = v
		}
		for i, v := range y.data[lo:hi] {
			y.data[lo+i] = scale * v
		}
	})
}

func mustBeDropProbability(op string, p float64) {
	if !(p >= 0 && p < 1) {
		panic(fmt.Sprintf("tensor: %s: the probability %v is not in [0,1)", op, p))
	}
}
