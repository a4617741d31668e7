package tensor_test

import (
	"github.com/brushgrad/brushgrad/tensor"
)

// The kernels as their definitions read, one plain loop for each index and
// sums in float64. The fast kernels are tested against them, and a reader who
// wonders what those compute finds the answer here.

// naiveConv2D is a convolution: seven nested loops. The result has the shape
// (N,P,Q,Cout). bias may be nil; all of c's fields must be set.
func naiveConv2D(x, w, bias *tensor.Tensor, c tensor.Conv) []float64 {
	shape := c.OutputShape(x, w)
	N, P, Q, O := shape[0], shape[1], shape[2], shape[3]
	KH, KW, I := w.Dim(1), w.Dim(2), w.Dim(3)
	y := make([]float64, 0, N*P*Q*O)
	for n := range N {
		for p := range P {
			for q := range Q {
				for o := range O {
					sum := 0.0
					if bias != nil {
						sum = float64(bias.At(o))
					}
					firstInput := o / (O / c.Groups) * I
					for kh := range KH {
						for kw := range KW {
							for i := range I {
								row := naivePosition(c.Padding.Mode, p*c.StrideH+kh*c.DilationH-c.Padding.Top, x.Dim(1))
								col := naivePosition(c.Padding.Mode, q*c.StrideW+kw*c.DilationW-c.Padding.Left, x.Dim(2))
								if row >= 0 && col >= 0 {
									sum += float64(x.At(n, row, col, firstInput+i)) * float64(w.At(o, kh, kw, i))
								}
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

// naiveConv2DGrad returns the gradients of the input, the weight and the bias
// of a convolution. It meets every product of naiveConv2D again: where the
// value took y += x w, the gradients take dx += dy w and dw += dy x.
func naiveConv2DGrad(x, w, dy *tensor.Tensor, c tensor.Conv) (dx, dw, db []float64) {
	N, P, Q, O := dy.Dim(0), dy.Dim(1), dy.Dim(2), dy.Dim(3)
	H, W, C := x.Dim(1), x.Dim(2), x.Dim(3)
	KH, KW, I := w.Dim(1), w.Dim(2), w.Dim(3)
	dx, dw, db = make([]float64, x.Len()), make([]float64, w.Len()), make([]float64, O)
	for n := range N {
		for p := range P {
			for q := range Q {
				for o := range O {
					d := float64(dy.At(n, p, q, o))
					db[o] += d
					firstInput := o / (O / c.Groups) * I
					for kh := range KH {
						for kw := range KW {
							for i := range I {
								row := naivePosition(c.Padding.Mode, p*c.StrideH+kh*c.DilationH-c.Padding.Top, H)
								col := naivePosition(c.Padding.Mode, q*c.StrideW+kw*c.DilationW-c.Padding.Left, W)
								if row >= 0 && col >= 0 {
									dx[((n*H+row)*W+col)*C+firstInput+i] += d * float64(w.At(o, kh, kw, i))
									dw[((o*KH+kh)*KW+kw)*I+i] += d * float64(x.At(n, row, col, firstInput+i))
								}
							}
						}
					}
				}
			}
		}
	}
	return dx, dw, db
}

// naivePosition returns which of n pixels stands at position i of a padded
// line; -1 stands for a zero.
func naivePosition(mode tensor.PadMode, i, n int) int {
	inside := i >= 0 && i < n
	switch {
	case mode == tensor.PadZero && !inside:
		return -1
	case mode == tensor.PadReplicate:
		return max(0, min(i, n-1))
	case mode == tensor.PadReflect && i < 0:
		return -i
	case mode == tensor.PadReflect && i >= n:
		return n - 1 - (i - (n - 1))
	}
	return i
}

// naiveMaxPool2D returns the maxima of the windows of x and the tap each came
// from.
func naiveMaxPool2D(x *tensor.Tensor, p tensor.Pool) (y *tensor.Tensor, taps []uint8) {
	if p.StrideH == 0 {
		p.StrideH = p.KH
	}
	if p.StrideW == 0 {
		p.StrideW = p.KW
	}
	P, Q := (x.Dim(1)-p.KH)/p.StrideH+1, (x.Dim(2)-p.KW)/p.StrideW+1
	y = tensor.New(x.Dim(0), P, Q, x.Dim(3))
	for n := range y.Dim(0) {
		for i := range P {
			for j := range Q {
				for c := range y.Dim(3) {
					best, from := x.At(n, i*p.StrideH, j*p.StrideW, c), 0
					for kh := range p.KH {
						for kw := range p.KW {
							if v := x.At(n, i*p.StrideH+kh, j*p.StrideW+kw, c); v > best {
								best, from = v, kh*p.KW+kw
							}
						}
					}
					y.Set(best, n, i, j, c)
					taps = append(taps, uint8(from))
				}
			}
		}
	}
	return y, taps
}

// naiveIndices returns the indices of the element at a position of the data of
// a tensor.
func naiveIndices(position int, shape []int) []int {
	index := make([]int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		index[i] = position % shape[i]
		position /= shape[i]
	}
	return index
}

// naiveBroadcastAt returns the element of x that stands at the given indices
// of the larger shape to which x is repeated.
func naiveBroadcastAt(x *tensor.Tensor, index []int) float32 {
	index = append([]int{}, index[len(index)-x.Rank():]...)
	for i := range index {
		if x.Dim(i) == 1 {
			index[i] = 0
		}
	}
	return x.At(index...)
}
