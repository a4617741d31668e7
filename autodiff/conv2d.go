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
// not needed is not computed, and with frozen weights nothing but w is kept
// (and, of up to four channels, x: with it, [Gram] computes y again). It panics
// if the shapes do not fit.
func Conv2D(x, w, bias *Var, c tensor.Conv) *Var { return conv2D(x, w, bias, c, false) }

// Conv2DReLU returns ReLU(Conv2D(x, w, bias, c)) without the memory for the
// value in between. ReLU's gradient needs no more than the sign of the result,
// a bit each, and the mask of these bits is applied as the gradient of the
// convolution reads.
func Conv2DReLU(x, w, bias *Var, c tensor.Conv) *Var { return conv2D(x, w, bias, c, true) }

func conv2D(x, w, bias *Var, c tensor.Conv, relu bool) *Var {
	o := &convolution{x: x, w: w, bias: bias, conv: c}
	y := o.newVar(c.OutputShape(x.value, w.value))
	if !relu {
		tensor.Conv2D(y.value, x.value, w.value, bias.valueOrNil(), c)
		return y
	}
	o.mask = x.tape.bytes.lend(tensor.MaskLen(y.value.Len()))
	tensor.Conv2DReLU(y.value, o.mask, x.value, w.value, bias.valueOrNil(), c)
	if y.back != nil && c.FewChannels(x.value, w.value) {
		if bias != nil {
			y.keeps(x, w, bias)
		} else {
			y.keeps(x, w)
		}
		y.again = o.rows
	}
	y.keepsBytes(o.mask)
	return y
}

// convolution is a convolution on the tape, with the ReLU and the max pooling
// that may follow it.
type convolution struct {
	x, w, bias *Var // bias may be nil
	conv       tensor.Conv
	mask, taps []uint8 // of ReLU and of the pooling; nil where there is none
}

// newVar is newVar for the result of the convolution, of the given shape.
func (o *convolution) newVar(shape []int) *Var {
	inputs := [3]*Var{o.x, o.w, o.bias}
	n := 3
	if o.bias == nil {
		n = 2
	}
	y := newVar(shape, o.back, inputs[:n]...)
	switch {
	case o.x.NeedsGrad() && o.w.NeedsGrad():
		return y.keeps(o.x, o.w)
	case o.w.NeedsGrad():
		return y.keeps(o.x)
	}
	return y.keeps(o.w)
}

// back is the gradient. The masks are applied as the gradient of the input
// reads dy; those of trained weights get an array of what is left.
func (o *convolution) back(dy *tensor.Tensor) {
	x, w := o.x.value, o.w.value
	o.x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
		switch {
		case o.taps != nil:
			tensor.Conv2DReLUMaxPoolGradInput(dx, dy, o.taps, o.mask, w, o.conv, add)
		case o.mask != nil:
			tensor.Conv2DReLUGradInput(dx, dy, o.mask, w, o.conv, add)
		default:
			tensor.Conv2DGradInput(dx, dy, w, o.conv, add)
		}
	})
	if !o.w.NeedsGrad() && (o.bias == nil || !o.bias.NeedsGrad()) {
		return
	}
	switch {
	case o.taps != nil:
		full := o.x.tape.lend(o.conv.OutputShape(x, w))
		defer o.x.tape.giveBack(full)
		tensor.ReLUMaxPool2DGrad(full, dy, o.taps, o.mask)
		dy = full
	case o.mask != nil:
		tensor.MaskGrad(dy, dy, o.mask)
	}
	o.w.addGrad(func(dw *tensor.Tensor) { tensor.Conv2DGradWeight(dw, x, dy, o.conv) })
	if o.bias != nil {
		o.bias.addGrad(func(db *tensor.Tensor) { tensor.Conv2DGradBias(db, dy) })
	}
}

// rows computes rows of the rectified result again.
func (o *convolution) rows(y *tensor.Tensor, lo, hi int) {
	tensor.Conv2DReLURows(y, lo, hi, o.x.value, o.w.value, o.bias.valueOrNil(), o.conv)
}

// valueOrNil returns the value of an operand that may be missing.
func (v *Var) valueOrNil() *tensor.Tensor {
	if v == nil {
		return nil
	}
	return v.value
}
