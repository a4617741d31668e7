package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// TotalVariation returns the total variation of x (N,H,W,C), the sum of the lengths of
// its gradients, as a scalar computed in float64. With |.| the Euclidean norm over
// channels, and q the up to four neighbours of pixel p,
//
//	g[p]^2 = 1 + 1/2 sum over q of |x[q] - x[p]|^2
//	y      = sum over p of g[p] - 1
//	dx[p]  = dy/2 sum over q of (x[p] - x[q]) (1/g[p] + 1/g[q])
//
// It is the regulariser of Rudin, Osher and Fatemi, "Nonlinear Total Variation Based
// Noise Removal Algorithms" (1992), for all channels together, with differences to all
// sides so that no direction is preferred. A step costs its height, however steep it is,
// so that edges stay while noise goes. The 1, in units of x squared, makes it smooth
// where x is flat. It panics unless x has rank 4.
func TotalVariation(x *Var) *Var {
	return newScalar(tensor.TotalVariation(x.value), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.TotalVariationGrad(dx, x.value, dy.Data()[0]) })
	}, x).keeps(x)
}
