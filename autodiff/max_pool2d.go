package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// MaxPool2D returns the largest value of each window of x (N,H,W,C), channel
// by channel, shape (N,P,Q,C) as [tensor.Pool.OutputShape] says:
//
//	y[n,p,q,c]  = max of x[n,i,j,c] over the window at (p StrideH, q StrideW)
//	dx[n,i,j,c] = sum of dy over the windows whose maximum is x[n,i,j,c]
//
// Of equal values the first in row-major order is the maximum and gets all of
// the gradient, as in PyTorch. It panics if the window does not fit x.
func MaxPool2D(x *Var, p tensor.Pool) *Var {
	shape := p.OutputShape(x.value)
	taps := x.tape.bytes.lend(tensor.NumElements(shape))
	y := newVar(shape, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.MaxPool2DGrad(dx, dy, taps, p) })
	}, x).keeps()
	tensor.MaxPool2D(y.value, taps, x.value, p)
	y.keepsBytes(taps)
	return y
}
