package tensor

import "github.com/brushgrad/brushgrad/tensor/parallel"

// Windows of 2x2 pixels side by side, the pooling of almost every network,
// have kernels of their own, which take two rows of x to one row of y. The
// results are those of the general loops to the bit.

// quarters reports whether p, with its defaults, is that pooling. A picture
// without channels has nothing for the kernels.
func (p Pool) quarters(x *Tensor) bool {
	return p == Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2} && x.shape[3] > 0
}

// forEachPair calls body for the rows of y, or parts of long ones, so that a
// kernel is done well below a millisecond: with the offset and the number of
// its values in y, and where the two rows of pixels begin in x.
func forEachPair(y, x *Tensor, body func(out, n, top, bottom int)) {
	rows, n := y.shape[1], y.shape[2]*y.shape[3]
	h, line := x.shape[1], x.shape[2]*x.shape[3]
	parallel.Range(y.shape[0]*rows, max(1, elementBlock/(2*line)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			top := (r/rows*h + r%rows*2) * line
			part := max(1, elementBlock/y.shape[3]) * y.shape[3]
			for at := 0; at < n; at += part {
				body(r*n+at, min(part, n-at), top+2*at, top+line+2*at)
			}
		}
	})
}

// clearOutsidePairs clears the last row and the last column of every picture
// that has an odd number of them: no window reaches there, and whatever is in
// a window is overwritten, so that nothing else needs clearing.
func clearOutsidePairs(dx *Tensor) {
	h, w, c := dx.shape[1], dx.shape[2], dx.shape[3]
	for r := range dx.shape[0] * h {
		row := dx.data[r*w*c:][:w*c]
		if r%h == h-1 && h%2 == 1 {
			clear(row)
		}
		if w%2 == 1 {
			clear(row[(w-1)*c:])
		}
	}
}
