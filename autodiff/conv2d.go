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
// value in between: the sign of the result is all that ReLU's gradient needs.
func Conv2DReLU(x, w, bias *Var, c tensor.Conv) *Var { return conv2D(x, w, bias, c, true) }

func conv2D(x, w, bias *Var, c tensor.Conv, relu bool) *Var {
	inputs := []*Var{x, w}
	var b *tensor.Tensor
	if bias != nil {
		inputs, b = append(inputs, bias), bias.value
	}
	var y *Var
	y = newVar(c.OutputShape(x.value, w.value), func(dy *tensor.Tensor) {
		if relu {
			tensor.ReLUGrad(dy, dy, y.value)
		}
		x.addGrad(func(dx *tensor.Tensor) { tensor.Conv2DGradInput(dx, dy, w.value, c) })
		w.addGrad(func(dw *tensor.Tensor) { tensor.Conv2DGradWeight(dw, x.value, dy, c) })
		if bias != nil {
			bias.addGrad(func(db *tensor.Tensor) { tensor.Conv2DGradBias(db, dy) })
		}
	}, inputs...)
	tensor.Conv2D(y.value, x.value, w.value, b, c, relu)
	return y
}
