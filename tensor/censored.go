package tensor

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// CensoredSquaredDistance returns the sum of the squared distances of a from
// targets b that say "at most 0" where they are 0, as results of a ReLU do:
//
//	sum over b != 0 of (a - b)^2  +  sum over b = 0 of max(a, 0)^2
//
// accumulated in float64. It panics if the shapes differ.
func CensoredSquaredDistance(a, b *Tensor) float64 {
	mustSameShape("CensoredSquaredDistance", a, b)
	return sumInOrder(len(a.data), sumBlock, func(lo, hi int) float64 {
		s := 0.0
		target := b.data[lo:hi]
		for i, v := range a.data[lo:hi] {
			d := censoredResidual(v, target[i])
			s += float64(d) * float64(d)
		}
		return s
	})
}

// CensoredSquaredDistanceGrad stores in da the gradient of scale times
// CensoredSquaredDistance with respect to a: 2 scale (a - b), but 0 where a < 0
// and b = 0. da may be a. It panics if the shapes differ.
func CensoredSquaredDistanceGrad(da, a, b *Tensor, scale float32) {
	mustSameShape("CensoredSquaredDistanceGrad", a, b)
	mustSameShape("CensoredSquaredDistanceGrad", da, a)
	parallel.Range(len(a.data), elementBlock, func(lo, hi int) {
		out, target := da.data[lo:hi], b.data[lo:hi]
		for i, v := range a.data[lo:hi] {
			out[i] = 2 * scale * censoredResidual(v, target[i])
		}
	})
}

// censoredResidual returns a - b, but 0 where b = 0 and a < 0. Signs and zeros
// come in no order that a processor could predict, so it branches nowhere: it
// clears the bits of the difference.
func censoredResidual(a, b float32) float32 {
	nonzero := int32(math.Float32bits(b) << 1) // without the sign: -0 is 0
	nonzero = (nonzero | -nonzero) >> 31       // all ones unless b = 0
	negative := int32(math.Float32bits(a)) >> 31
	return math.Float32frombits(math.Float32bits(a-b) & uint32(nonzero|^negative))
}
