package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// variationRows is the number of picture rows that a task of TotalVariation
// covers.
const variationRows = 16

// TotalVariation returns the sum of the squared differences of all
// neighbouring pixels of x (N,H,W,C), accumulated in float64:
//
//	sum over n,i,j,c of (x[n,i,j+1,c] - x[n,i,j,c])^2 + (x[n,i+1,j,c] - x[n,i,j,c])^2
//
// where a difference counts if both of its pixels are inside the picture. It
// panics unless x has rank 4.
func TotalVariation(x *Tensor) float64 {
	n, h, w, c := variationShape("TotalVariation", x)
	rows, width := n*h, w*c
	return sumInOrder(rows, variationRows, func(lo, hi int) float64 {
		s := 0.0
		for r := lo; r < hi; r++ {
			row := x.data[r*width:][:width]
			if w > 0 {
				s += squaredDistance(row[:width-c], row[c:])
			}
			if r%h < h-1 {
				s += squaredDistance(row, x.data[(r+1)*width:])
			}
		}
		return s
	})
}

// TotalVariationGrad stores in dx the gradient of scale times TotalVariation
// at x: 2 scale times the sum of the differences of each pixel to its up to
// four neighbours. dx must not be x. It panics unless both have one shape of
// rank 4.
func TotalVariationGrad(dx, x *Tensor, scale float32) {
	mustSameShape("TotalVariationGrad", dx, x)
	n, h, w, c := variationShape("TotalVariationGrad", x)
	width := w * c
	parallel.Range(n*h, variationRows, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row, out := x.data[r*width:][:width], dx.data[r*width:][:width]
			clear(out)
			if w > 0 {
				addDifferences(out[c:], row[c:], row)
				addDifferences(out[:width-c], row, row[c:])
			}
			if r%h > 0 {
				addDifferences(out, row, x.data[(r-1)*width:])
			}
			if r%h < h-1 {
				addDifferences(out, row, x.data[(r+1)*width:])
			}
			for i := range out {
				out[i] *= 2 * scale
			}
		}
	})
}

// addDifferences adds x - neighbour to out.
func addDifferences(out, x, neighbour []float32) {
	x, neighbour = x[:len(out)], neighbour[:len(out)]
	for i := range out {
		out[i] += x[i] - neighbour[i]
	}
}

func variationShape(op string, x *Tensor) (n, h, w, c int) {
	if x.Rank() != 4 {
		panic(fmt.Sprintf("tensor: %s: wants (N,H,W,C), not %v", op, x.shape))
	}
	return x.shape[0], x.shape[1], x.shape[2], x.shape[3]
}
