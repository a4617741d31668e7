package tensor

// sumBlock is the number of elements that a partial sum covers.
const sumBlock = 1 << 14

// Sum returns the sum of all elements, accumulated in float64 in an order that
// depends on their number alone.
func Sum(x *Tensor) float64 {
	return blockSums(len(x.data), func(lo, hi int) float64 {
		s := 0.0
		for _, v := range x.data[lo:hi] {
			s += float64(v)
		}
		return s
	})
}

// SquaredDistance returns the sum of (a-b)^2 over all elements of two tensors
// of one shape, accumulated in float64. It panics if the shapes differ.
func SquaredDistance(a, b *Tensor) float64 {
	mustSameShape("SquaredDistance", a, b)
	return blockSums(len(a.data), func(lo, hi int) float64 {
		s := 0.0
		y := b.data[lo:hi]
		for i, v := range a.data[lo:hi] {
			d := float64(v) - float64(y[i])
			s += d * d
		}
		return s
	})
}

// SquaredDistanceGrad stores in da the gradient of scale times SquaredDistance
// with respect to a, 2 scale (a - b), or with accumulate set adds it to da. That
// of b is the same with a and b exchanged. da may be a or b. It panics if the
// shapes differ.
func SquaredDistanceGrad(da, a, b *Tensor, scale float32, accumulate bool) {
	mustSameShape("SquaredDistanceGrad", a, b)
	mustSameShape("SquaredDistanceGrad", da, a)
	scale *= 2
	parallelRange(len(a.data), elementBlock, func(lo, hi int) {
		out, from, to := da.data[lo:hi], a.data[lo:hi], b.data[lo:hi]
		if accumulate {
			for i, v := range from {
				out[i] += scale * (v - to[i])
			}
			return
		}
		for i, v := range from {
			out[i] = scale * (v - to[i])
		}
	})
}

// blockSums adds up f over blocks of [0,n), in order.
func blockSums(n int, f func(lo, hi int) float64) float64 {
	partial := make([]float64, (n+sumBlock-1)/sumBlock)
	parallelRange(n, sumBlock, func(lo, hi int) { partial[lo/sumBlock] = f(lo, hi) })
	total := 0.0
	for _, s := range partial {
		total += s
	}
	return total
}
