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
	inputs := []*Var{x, w}
	var b *tensor.Tensor
	if bias != nil {
		inputs, b = append(inputs, bias), bias.value
	}
	var mask []uint8
	y := newVar(c.OutputShape(x.value, w.value), func(dy *tensor.Tensor) {
		if mask != nil && !w.NeedsGrad() && (bias == nil || !bias.NeedsGrad()) {
			x.addGrad(func(dx *tensor.Tensor) { tensor.Conv2DReLUGradInput(dx, dy, mask, w.value, c, false) })
			return
		}
		if mask != nil {
			tensor.MaskGrad(dy, dy, mask)
		}
		x.addGrad(func(dx *tensor.Tensor) { tensor.Conv2DGradInput(dx, dy, w.value, c, false) })
		w.addGrad(func(dw *tensor.Tensor) { tensor.Conv2DGradWeight(dw, x.value, dy, c) })
		if bias != nil {
			bias.addGrad(func(db *tensor.Tensor) { tensor.Conv2DGradBias(db, dy) })
		}
	}, inputs...)
	if !relu {
		tensor.Conv2D(y.value, x.value, w.value, b, c)
		return y
	}
	if y.NeedsGrad() {
		mask = x.tape.taps.keep(tensor.MaskLen(y.value.Len()))
	}
	tensor.Conv2DReLU(y.value, mask, x.value, w.value, b, c)
	return y
}
