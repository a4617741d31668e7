package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// TotalVariation returns the total variation of x (N,H,W,C), the sum of the lengths of
// its gradients, as a scalar computed in float64. With |.| the Euclidean norm over
// channels, and differences of 0 beyond the edges,
//
//	g[n,i,j]  = sqrt(1 + |x[n,i,j+1] - x[n,i,j]|^2 + |x[n,i+1,j] - x[n,i,j]|^2)
//	y         = sum of g[n,i,j] - 1
//	dx[n,i,j] = dy ( (x[n,i,j] - x[n,i,j-1])/g[n,i,j-1] + (x[n,i,j] - x[n,i-1,j])/g[n,i-1,j]
//	               - (x[n,i,j+1] - x[n,i,j])/g[n,i,j]   - (x[n,i+1,j] - x[n,i,j])/g[n,i,j] )
//
// It is the regulariser of Rudin, Osher and Fatemi, "Nonlinear Total Variation Based
// Noise Removal Algorithms" (1992), for all channels together. A step costs its height,
// however steep it is, so that edges stay while noise goes. The 1 under the root, in
// units of x squared, gives it a gradient where x is flat. It panics unless x has rank 4.
func TotalVariation(x *Var) *Var {
	return newScalar(tensor.TotalVariation(x.value), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.TotalVariationGrad(dx, x.value, dy.Data()[0]) })
	}, x).keeps(x)
}
