package autodiff

import (
	"github.com/brushgrad/brushgrad/tensor"
)

// Conv2D returns the convolution of x (N,H,W,Cin) with w (Cout,KH,KW,
// Cin/groups) plus bias (Cout), which may be nil, as [tensor.Conv] defines it:
//
//	y[n,p,q,o] = b[o] + sum over kh,kw,i of x[n, p+kh, q+kw, i] * w[o,kh,kw,i]      (stride 1, no padding)
//
// It is linear in x, in w and in b, so each gradient is again a sum of
// products: dx of dy and w, dw of dy and x, db of dy alone. A gradient that is
// not needed is not computed, and with frozen weights nothing but w is kept.
// It panics if the shapes do not fit.
func Conv2D(x, w, bias *Var, c tensor.Conv) *Var { return conv2D(x, w, bias, c, false) }

// Conv2DReLU returns ReLU(Conv2D(x, w, bias, c)) without the memory for the
// value in between. ReLU's gradient needs no more than the sign of the result,
// a bit each, and the mask of these bits is applied as the gradient of the
// convolution reads.
func Conv2DReLU(x, w, bias *Var, c tensor.Conv) *Var { return conv2D(x, w, bias, c, true) }

func conv2D(x, w, bias *Var, c tensor.Conv, relu bool) *Var {
	var mask []uint8
	y := newConv(c.OutputShape(x.value, w.value), x, w, bias, c, func(dy *tensor.Tensor) *tensor.Tensor {
		if mask != nil {
			tensor.MaskGrad(dy, dy, mask)
		}
		return dy
	}, func(dx, dy *tensor.Tensor, add bool) {
		if mask != nil {
			tensor.Conv2DReLUGradInput(dx, dy, mask, w.value, c, add)
		} else {
			tensor.Conv2DGradInput(dx, dy, w.value, c, add)
		}
	})
	if !relu {
		tensor.Conv2D(y.value, x.value, w.value, bias.valueOrNil(), c)
		return y
	}
	mask = x.tape.bytes.lend(tensor.MaskLen(y.value.Len()))
	tensor.Conv2DReLU(y.value, mask, x.value, w.value, bias.valueOrNil(), c)
	if y.back != nil && c.FewChannels(x.value, w.value) {
		if bias != nil {
			y.keeps(x, w, bias)
		} else {
			y.keeps(x, w)
		}
		y.again = func(rows *tensor.Tensor, lo, hi int) {
			tensor.Conv2DReLURows(rows, lo, hi, x.value, w.value, bias.valueOrNil(), c)
		}
	}
	y.keepsBytes(mask)
	return y
}

// newConv is newVar for a convolution and what follows it. before returns the
// gradient of the convolution's own result, given that of y, which it may
// overwrite or replace by one that the tape has lent; gradInput goes from that of y to that of x in one step, which is
// all that frozen weights want.
func newConv(shape []int, x, w, bias *Var, c tensor.Conv, before func(dy *tensor.Tensor) *tensor.Tensor, gradInput func(dx, dy *tensor.Tensor, add bool)) *Var {
	inputs := []*Var{x, w}
	if bias != nil {
		inputs = append(inputs, bias)
	}
	y := newVar(shape, func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) { gradInput(dx, dy, add) })
		if !w.NeedsGrad() && (bias == nil || !bias.NeedsGrad()) {
			return
		}
		full := before(dy)
		w.addGrad(func(dw *tensor.Tensor) { tensor.Conv2DGradWeight(dw, x.value, full, c) })
		if bias != nil {
			bias.addGrad(func(db *tensor.Tensor) { tensor.Conv2DGradBias(db, full) })
		}
		if full != dy {
			x.tape.giveBack(full)
		}
	}, inputs...)
	switch {
	case x.NeedsGrad() && w.NeedsGrad():
		return y.keeps(x, w)
	case w.NeedsGrad():
		return y.keeps(x)
	}
	return y.keeps(w)
}

// valueOrNil returns the value of an operand that may be missing.
func (v *Var) valueOrNil() *tensor.Tensor {
	if v == nil {
		return nil
	}
	return v.value
}
