package tensor

import (
	"math"
	"slices"
	"sync"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// sumBlock is the number of elements that a partial sum covers.
const sumBlock = 1 << 14

// Sum returns the sum of all elements, accumulated in float64 in an order that
// depends on their number alone.
func Sum(x *Tensor) float64 {
	return sumInOrder(len(x.data), sumBlock, func(lo, hi int) float64 {
		s := 0.0
		for _, v := range x.data[lo:hi] {
			s += float64(v)
		}
		return s
	})
}

// SquaredNorm returns the sum of the squares of all elements, accumulated in
// float64.
func SquaredNorm(x *Tensor) float64 {
	return sumInOrder(len(x.data), sumBlock, func(lo, hi int) float64 { return asm.Dot(x.data[lo:hi], x.data[lo:hi]) })
}

// SquaredDistance returns the sum of (a-b)^2 over all elements of two tensors
// of one shape, accumulated in float64. It panics if the shapes differ.
func SquaredDistance(a, b *Tensor) float64 {
	mustSameShape("SquaredDistance", a, b)
	if len(a.data) <= sumBlock { // without the closure's allocation
		return squaredDistance(a.data, b.data)
	}
	return sumInOrder(len(a.data), sumBlock, func(lo, hi int) float64 { return squaredDistance(a.data[lo:hi], b.data[lo:hi]) })
}

// squaredDistance is SquaredDistance of a and as many values of b, in one run.
func squaredDistance(a, b []float32) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, v := range a {
		d := float64(v) - float64(b[i])
		s += d * d
	}
	return s
}

// SquaredDistanceGrad stores in da the gradient of scale times SquaredDistance
// with respect to a, 2 scale (a - b), or with accumulate set adds it to da. That
// of b is the same with a and b exchanged. da may be a or b. It panics if the
// shapes differ.
func SquaredDistanceGrad(da, a, b *Tensor, scale float32, accumulate bool) {
	mustSameShape("SquaredDistanceGrad", a, b)
	mustSameShape("SquaredDistanceGrad", da, a)
	scale *= 2
	if len(a.data) <= elementBlock {
		squaredDistanceGrad(da.data, a.data, b.data, scale, accumulate)
		return
	}
	parallel.Range(len(a.data), elementBlock, func(lo, hi int) {
		squaredDistanceGrad(da.data[lo:hi], a.data[lo:hi], b.data[lo:hi], scale, accumulate)
	})
}

func squaredDistanceGrad(da, a, b []float32, scale float32, accumulate bool) {
	da, b = da[:len(a)], b[:len(a)]
	if accumulate {
		for i, v := range a {
			da[i] += scale * (v - b[i])
		}
		return
	}
	for i, v := range a {
		da[i] = scale * (v - b[i])
	}
}

// partialSums holds slices of partial sums that are not in use.
var partialSums = sync.Pool{New: func() any { return new([]float64) }}

// sumInOrder adds up f over blocks of [0,n) of the given size, in order.
func sumInOrder(n, block int, f func(lo, hi int) float64) float64 {
	p := partialSums.Get().(*[]float64)
	defer partialSums.Put(p)
	*p = slices.Grow((*p)[:0], (n+block-1)/block)[:(n+block-1)/block]
	partial := *p
	parallel.Range(n, block, func(lo, hi int) { partial[lo/block] = f(lo, hi) })
	total := 0.0
	for _, s := range partial {
		total += s
	}
	return total
}

// SumAbs returns the sum of |x| over all elements, accumulated like [Sum].
func SumAbs(x *Tensor) float64 {
	return sumInOrder(len(x.data), sumBlock, func(lo, hi int) float64 {
		s := 0.0
		for _, v := range x.data[lo:hi] {
			s += math.Abs(float64(v))
		}
		return s
	})
}

// sumRows stores in dst the sum of the rows of x, each as long as dst.
func sumRows(dst, x []float32) {
	// Rows are added in float32 a few at a time, and those sums in float64.
	const few = 32
	c := len(dst)
	if c == 0 {
		return
	}
	block := few * max(1, sumBlock/(few*c)) * c
	blocks := (len(x) + block - 1) / block
	partial := make([]float64, blocks*c)
	parallel.Range(len(x), block, func(lo, hi int) {
		sums := partial[lo/block*c:][:c]
		s := getScratch(c)
		defer s.put()
		for ; lo < hi; lo += few * c {
			clear(s.data)
			for at := lo; at < min(hi, lo+few*c); at += c {
				asm.Axpy(1, x[at:at+c], s.data)
			}
			for i, v := range s.data {
				sums[i] += float64(v)
			}
		}
	})
	for i := range dst {
		total := 0.0
		for b := range blocks {
			total += partial[b*c+i]
		}
		dst[i] = float32(total)
	}
}
