package tensor

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// variationRows is the number of picture rows that a task of TotalVariation
// covers.
const variationRows = 16

// TotalVariation returns the total variation of x (N,H,W,C), the sum of the lengths
// of its gradients, accumulated in float64:
//
//	y      = sum over pixels p of g[p] - 1
//	g[p]^2 = 1 + 1/2 sum over the neighbours q of p of |x[q] - x[p]|^2
//
// where |.| is the Euclidean norm over channels, and q runs over the up to four pixels
// beside p, above and below. (The half, because a slope shows on both sides of a pixel.)
// The 1 makes it smooth where x is flat: slopes far below 1 count by half of their
// square, those far above by their length. It panics unless x has rank 4.
func TotalVariation(x *Tensor) float64 {
	n, h, _, _ := variationShape("TotalVariation", x)
	return sumInOrder(n*h, variationRows, func(lo, hi int) float64 {
		lengths := make([]float32, x.shape[2])
		s := 0.0
		for r := lo; r < hi; r++ {
			slopes(lengths, x, r)
			for _, v := range lengths {
				s += float64(v) - 1
			}
		}
		return s
	})
}

// TotalVariationGrad stores in dx the gradient of scale times TotalVariation at x:
//
//	dx[p] = scale/2 sum over the neighbours q of p of (x[p] - x[q]) (1/g[p] + 1/g[q])
//
// dx must not be x. It panics unless both have one shape of rank 4.
func TotalVariationGrad(dx, x *Tensor, scale float32) {
	mustSameShape("TotalVariationGrad", dx, x)
	n, h, w, c := variationShape("TotalVariationGrad", x)
	width := w * c
	parallel.Range(n*h, variationRows, func(lo, hi int) {
		above, here, below := make([]float32, w), make([]float32, w), make([]float32, w)
		slopes(here, x, lo)
		if lo%h > 0 {
			slopes(above, x, lo-1)
		}
		for r := lo; r < hi; r++ {
			if r%h < h-1 || r < hi-1 {
				slopes(below, x, r+1)
			}
			row, out := x.data[r*width:][:width], dx.data[r*width:][:width]
			clear(out)
			if w > 0 {
				addSlopes(out[c:], row[c:], row, here[1:], here, c)
				addSlopes(out[:width-c], row, row[c:], here, here[1:], c)
			}
			if r%h > 0 {
				addSlopes(out, row, x.data[(r-1)*width:], here, above, c)
			}
			if r%h < h-1 {
				addSlopes(out, row, x.data[(r+1)*width:], here, below, c)
			}
			for i := range out {
				out[i] *= scale / 2
			}
			above, here, below = here, below, above
		}
	})
}

// slopes stores in g (W) what TotalVariation calls so, for row r of all rows of x.
func slopes(g []float32, x *Tensor, r int) {
	h, w, c := x.shape[1], x.shape[2], x.shape[3]
	width := w * c
	row := x.data[r*width:][:width]
	above, below := row, row // at the edge, where the difference is 0
	if r%h > 0 {
		above = x.data[(r-1)*width:][:width]
	}
	if r%h < h-1 {
		below = x.data[(r+1)*width:][:width]
	}
	for j := range g {
		at := j * c
		left, right := max(at-c, 0), min(at+c, width-c)
		s := float32(0)
		for k := range c {
			v := row[at+k]
			for _, other := range [4]float32{row[left+k], row[right+k], above[at+k], below[at+k]} {
				d := other - v
				s += float32(d * d)
			}
		}
		g[j] = float32(math.Sqrt(float64(1 + s/2)))
	}
}

// addSlopes adds (x - neighbour) (1/g + 1/gNeighbour) to out, where a g belongs to a
// pixel of c channels.
func addSlopes(out, x, neighbour, g, gNeighbour []float32, c int) {
	for j := range len(out) / c {
		by := 1/g[j] + 1/gNeighbour[j]
		to, at, other := out[j*c:][:c], x[j*c:][:c], neighbour[j*c:][:c]
		for k := range to {
			to[k] += float32((at[k] - other[k]) * by)
		}
	}
}

func variationShape(op string, x *Tensor) (n, h, w, c int) {
	if x.Rank() != 4 {
		panic(fmt.Sprintf("tensor: %s: wants (N,H,W,C), not %v", op, x.shape))
	}
	return x.shape[0], x.shape[1], x.shape[2], x.shape[3]
}
