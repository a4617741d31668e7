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
//	sum over n,i,j of sqrt(1 + |x[n,i,j+1] - x[n,i,j]|^2 + |x[n,i+1,j] - x[n,i,j]|^2) - 1
//
// where |.| is the Euclidean norm over channels, and a difference beyond the edge of
// the picture is 0. The 1 under the root makes it smooth at 0: differences far below
// 1 count by half of their square, those far above by their length. It panics unless x
// has rank 4.
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
// with g the root in the sum, and for each channel,
//
//	dx[n,i,j] = scale ( (x[n,i,j] - x[n,i,j-1])/g[n,i,j-1] + (x[n,i,j] - x[n,i-1,j])/g[n,i-1,j]
//	                  - (x[n,i,j+1] - x[n,i,j])/g[n,i,j]   - (x[n,i+1,j] - x[n,i,j])/g[n,i,j] )
//
// dx must not be x. It panics unless both have one shape of rank 4.
func TotalVariationGrad(dx, x *Tensor, scale float32) {
	mustSameShape("TotalVariationGrad", dx, x)
	n, h, w, c := variationShape("TotalVariationGrad", x)
	width := w * c
	parallel.Range(n*h, variationRows, func(lo, hi int) {
		above, here := make([]float32, w), make([]float32, w)
		if lo%h > 0 {
			slopes(above, x, lo-1)
		}
		for r := lo; r < hi; r++ {
			slopes(here, x, r)
			row, out := x.data[r*width:][:width], dx.data[r*width:][:width]
			clear(out)
			if w > 0 {
				addSlopes(out[c:], row[c:], row, here, c)
				addSlopes(out[:width-c], row, row[c:], here, c)
			}
			if r%h > 0 {
				addSlopes(out, row, x.data[(r-1)*width:], above, c)
			}
			if r%h < h-1 {
				addSlopes(out, row, x.data[(r+1)*width:], here, c)
			}
			for i := range out {
				out[i] *= scale
			}
			above, here = here, above
		}
	})
}

// slopes stores in lengths (W) the roots that TotalVariation sums for row r of all
// rows of x.
func slopes(lengths []float32, x *Tensor, r int) {
	h, w, c := x.shape[1], x.shape[2], x.shape[3]
	width := w * c
	row := x.data[r*width:][:width]
	below := row // at the lower edge, where the differences are 0
	if r%h < h-1 {
		below = x.data[(r+1)*width:][:width]
	}
	for j := range lengths {
		pixel, under := row[j*c:][:c], below[j*c:][:c]
		right := pixel
		if j < w-1 {
			right = row[(j+1)*c:][:c]
		}
		s := float32(1)
		for k, v := range pixel {
			across, down := right[k]-v, under[k]-v
			s += float32(across*across) + float32(down*down)
		}
		lengths[j] = float32(math.Sqrt(float64(s)))
	}
}

// addSlopes adds (x - neighbour) / length to out, where a length belongs to a pixel of
// c channels.
func addSlopes(out, x, neighbour, lengths []float32, c int) {
	for j := range len(out) / c {
		by := 1 / lengths[j]
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
