package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// TotalVariation returns the sum of the squared differences of all
// neighbouring pixels of x (N,H,W,C), as a scalar computed in float64. A
// difference counts where both pixels are inside the picture:
//
//	y           = sum of (x[n,i,j+1,c] - x[n,i,j,c])^2 + (x[n,i+1,j,c] - x[n,i,j,c])^2
//	dx[n,i,j,c] = 2 dy sum of x[n,i,j,c] - x[n,k,l,c] over the up to four neighbours (k,l) of (i,j)
//
// It is the regulariser of Mahendran and Vedaldi, "Understanding Deep Image
// Representations by Inverting Them" (CVPR 2015), with beta = 2: a picture
// pays for noise and steps alike. It panics unless x has rank 4.
func TotalVariation(x *Var) *Var {
	return newScalar(tensor.TotalVariation(x.value), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.TotalVariationGrad(dx, x.value, dy.Data()[0]) })
	}, x).keeps(x)
}
