package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// AvgPool2D returns the mean of each window of x (N,H,W,C), channel by
// channel, shape (N,P,Q,C) as [tensor.Pool.OutputShape] says:
//
//	y[n,p,q,c]  = sum of x[n,i,j,c] over the window at (p StrideH, q StrideW) / (KH KW)
//	dx[n,i,j,c] = sum of dy over the windows that hold (i,j) / (KH KW)
//
// It panics if the window does not fit x.
func AvgPool2D(x *Var, p tensor.Pool) *Var {
	y := newVar(p.OutputShape(x.value), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.AvgPool2DGrad(dx, dy, p) })
	}, x).keeps()
	tensor.AvgPool2D(y.value, x.value, p)
	return y
}
