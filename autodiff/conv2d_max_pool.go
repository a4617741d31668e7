package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Conv2DReLUMaxPool returns MaxPool2D(Conv2DReLU(x, w, bias, c)) for windows of
// 2x2 pixels, shape (N,P/2,Q/2,Cout):
//
//	y  = the largest of each four of max(conv(x, w) + b, 0)
//	dx = the gradient of conv for dy at the pixels the maxima came from, where y > 0, and 0 elsewhere
//
// With frozen weights, and where Winograd's method applies, the activation before
// the pooling, four times as large as y, is stored neither here nor in Backward.
// It panics if the shapes do not fit.
func Conv2DReLUMaxPool(x, w, bias *Var, c tensor.Conv) *Var {
	o := &convolution{x: x, w: w, bias: bias, conv: c}
	full := c.OutputShape(x.value, w.value)
	y := o.newVar([]int{full[0], full[1] / 2, full[2] / 2, full[3]})
	n := y.value.Len()
	bytes := x.tape.bytes.lend(tensor.TapsLen(n) + tensor.MaskLen(n))
	o.taps, o.mask = bytes[:tensor.TapsLen(n)], bytes[tensor.TapsLen(n):]
	tensor.Conv2DReLUMaxPool(y.value, o.taps, o.mask, x.value, w.value, bias.valueOrNil(), c)
	y.keepsBytes(bytes)
	return y
}
