package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Pad returns x (N,H,W,C) with borders of zeros or of repeated pixels, shape
// (N, Top+H+Bottom, Left+W+Right, C):
//
//	y[n,p,q,c]  = x[n,i,j,c], where pixel (i,j) is what position (p,q) shows, or 0
//	dx[n,i,j,c] = sum of dy[n,p,q,c] over the positions that show (i,j)
//
// It panics if x is not of rank 4 or the padding does not fit, see
// [tensor.Padding].
func Pad(x *Var, p tensor.Padding) *Var {
	s := x.Shape()
	if len(s) != 4 || min(p.Top, p.Bottom, p.Left, p.Right) < 0 {
		panic(fmt.Sprintf("autodiff: Pad: wants (N,H,W,C) and a padding of at least 0, not %v and %+v", s, p))
	}
	y := newVar([]int{s[0], p.Top + s[1] + p.Bottom, p.Left + s[2] + p.Right, s[3]}, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.PadGrad(dx, dy, p) })
	}, x).keeps()
	tensor.Pad(y.value, x.value, p)
	return y
}
