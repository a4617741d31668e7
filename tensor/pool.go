package tensor

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Pool describes a pooling window. The zero value of a stride means the size
// of the window; rows and columns that do not fill a window are dropped, as
// PyTorch does.
type Pool struct {
	KH, KW           int // window, at least 1 and at most 256 pixels in all
	StrideH, StrideW int // 0 means KH, KW
}

func (p Pool) withDefaults() Pool {
	if p.StrideH == 0 {
		p.StrideH = p.KH
	}
	if p.StrideW == 0 {
		p.StrideW = p.KW
	}
	return p
}

// OutputShape returns the shape (N,P,Q,C) of x (N,H,W,C) after pooling, with
// P = (H-KH)/StrideH + 1 and Q alike. It panics if the window is larger than
// x.
func (p Pool) OutputShape(x *Tensor) []int {
	s := p.outputShape("Pool", x.shape)
	return s[:]
}

func (p Pool) outputShape(op string, x []int) [4]int {
	p = p.withDefaults()
	if len(x) != 4 || p.KH < 1 || p.KW < 1 || p.KH*p.KW > 256 || p.StrideH < 1 || p.StrideW < 1 || x[1] < p.KH || x[2] < p.KW {
		panic(fmt.Sprintf("tensor: %s: a window of %+v does not fit x %v", op, p, x))
	}
	return [4]int{x[0], (x[1]-p.KH)/p.StrideH + 1, (x[2]-p.KW)/p.StrideW + 1, x[3]}
}

// check panics unless y is the pooled shape of x.
func (p Pool) check(op string, y, x *Tensor) Pool {
	if want := p.outputShape(op, x.shape); !slices.Equal(y.shape, want[:]) {
		panic(fmt.Sprintf("tensor: %s: pooling x %v by %+v gives %v, not %v", op, x.shape, p, want, y.shape))
	}
	return p.withDefaults()
}

// forEachWindow calls body for every output position, with the offsets of its
// C values in y and of its window's first pixel in x. Tasks of rowsPerTask
// output rows of one picture run in parallel.
func (p Pool) forEachWindow(y, x *Tensor, rowsPerTask int, body func(out, in int)) {
	rows, width, c := y.shape[1], y.shape[2], y.shape[3]
	h, w := x.shape[1], x.shape[2]
	parallel.Range(y.shape[0]*rows, rowsPerTask, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for q := range width {
				body((r*width+q)*c, ((r/rows*h+r%rows*p.StrideH)*w+q*p.StrideW)*c)
			}
		}
	})
}

// MaxPool2D stores in y (N,P,Q,C) the largest value of each window of x
// (N,H,W,C), and in taps, which has an element per value of y, the tap
// kh*KW+kw it came from: the first one where several are equal. A NaN in the
// window is the largest, and the last of several. It panics if the shapes do
// not fit.
func MaxPool2D(y *Tensor, taps []uint8, x *Tensor, p Pool) {
	p = p.check("MaxPool2D", y, x)
	if len(taps) != len(y.data) {
		panic(fmt.Sprintf("tensor: MaxPool2D: %d taps for y %v", len(taps), y.shape))
	}
	if p.quarters(x) {
		forEachPair(y, x, func(out, n, top, bottom int) {
			asm.MaxPool2x2(y.data[out:][:n], taps[out:][:n], x.data[top:], x.data[bottom:], x.shape[3])
		})
		return
	}
	c, w := x.shape[3], x.shape[2]
	p.forEachWindow(y, x, 1, func(out, in int) {
		best, from := y.data[out:][:c], taps[out:][:c]
		copy(best, x.data[in:])
		clear(from)
		for tap := 1; tap < p.KH*p.KW; tap++ {
			pixel := x.data[in+(tap/p.KW*w+tap%p.KW)*c:][:len(best)]
			for i, v := range pixel {
				if v > best[i] || v != v {
					best[i], from[i] = v, uint8(tap)
				}
			}
		}
	})
}

// MaxPool2DGrad is the adjoint of MaxPool2D: it stores in dx (N,H,W,C) the
// gradient dy (N,P,Q,C) at the places that taps names, and zeros elsewhere.
// Where windows overlap, gradients add up. It panics if the shapes do not fit.
func MaxPool2DGrad(dx, dy *Tensor, taps []uint8, p Pool) {
	p = p.check("MaxPool2DGrad", dy, dx)
	if len(taps) != len(dy.data) {
		panic(fmt.Sprintf("tensor: MaxPool2DGrad: %d taps for dy %v", len(taps), dy.shape))
	}
	if p.quarters(dx) {
		forEachPair(dy, dx, func(out, n, top, bottom int) {
			asm.MaxPool2x2Grad(dx.data[top:], dx.data[bottom:], dy.data[out:][:n], taps[out:][:n], dx.shape[3])
		})
		clearOutsidePairs(dx)
		return
	}
	c, w := dx.shape[3], dx.shape[2]
	p.scatter(dy, dx, func(out, in int) {
		from := taps[out:][:c]
		for i, v := range dy.data[out:][:c] {
			tap := int(from[i])
			dx.data[in+(tap/p.KW*w+tap%p.KW)*c+i] += v
		}
	})
}

// scatter clears dx and runs body for every window. Windows that overlap
// across rows stay with one goroutine.
func (p Pool) scatter(dy, dx *Tensor, body func(out, in int)) {
	parallel.Range(len(dx.data), elementBlock, func(lo, hi int) { clear(dx.data[lo:hi]) })
	rowsPerTask := 1
	if p.StrideH < p.KH {
		rowsPerTask = dy.shape[1]
	}
	p.forEachWindow(dy, dx, rowsPerTask, body)
}

// AvgPool2D stores in y (N,P,Q,C) the mean of each window of x (N,H,W,C). It
// panics if the shapes do not fit.
func AvgPool2D(y, x *Tensor, p Pool) {
	p = p.check("AvgPool2D", y, x)
	if p.quarters(x) {
		forEachPair(y, x, func(out, n, top, bottom int) {
			asm.MeanPool2x2(y.data[out:][:n], x.data[top:], x.data[bottom:], x.shape[3])
		})
		return
	}
	c, w := x.shape[3], x.shape[2]
	scale := 1 / float32(p.KH*p.KW)
	p.forEachWindow(y, x, 1, func(out, in int) {
		sum := y.data[out:][:c]
		copy(sum, x.data[in:])
		for tap := 1; tap < p.KH*p.KW; tap++ {
			for i, v := range x.data[in+(tap/p.KW*w+tap%p.KW)*c:][:len(sum)] {
				sum[i] += v
			}
		}
		for i := range sum {
			sum[i] *= scale
		}
	})
}

// AvgPool2DGrad is the adjoint of AvgPool2D: every pixel of a window gets an
// equal share of its gradient dy (N,P,Q,C), pixels outside all windows get
// zero. It panics if the shapes do not fit.
func AvgPool2DGrad(dx, dy *Tensor, p Pool) {
	p = p.check("AvgPool2DGrad", dy, dx)
	if p.quarters(dx) {
		forEachPair(dy, dx, func(out, n, top, bottom int) {
			asm.MeanPool2x2Grad(dx.data[top:], dx.data[bottom:], dy.data[out:][:n], dx.shape[3])
		})
		clearOutsidePairs(dx)
		return
	}
	c, w := dx.shape[3], dx.shape[2]
	scale := 1 / float32(p.KH*p.KW)
	p.scatter(dy, dx, func(out, in int) {
		grad := dy.data[out:][:c]
		for tap := range p.KH * p.KW {
			to := dx.data[in+(tap/p.KW*w+tap%p.KW)*c:][:c]
			for i, v := range grad {
				to[i] += v * scale
			}
		}
	})
}
