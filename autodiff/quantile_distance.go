package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// QuantileDistance returns the squared Wasserstein distance of order 2 from the
// distribution of the elements of each row of x (K,N) to the one with the quantile
// function in the same row of quantiles (K,Q), averaged over rows, as a scalar computed
// in float64. With x_k(u) the sorted row, q_k(u) the quantiles, and T the mean of q_k over
// the part of an element, with the weights (N) that are divided by their sum (nil for equal
// ones):
//
//	y       = 1/K sum over k of the integral of (x_k(u) - q_k(u))^2, u = 0..1
//	dx[k,i] = 2/K w[i] (x[k,i] - T[k,i]) dy
//
// [tensor.QuantileDistance] has the details and the source. The gradient is that of y
// wherever no two elements of a row are equal. It panics if a shape does not fit.
func QuantileDistance(x *Var, quantiles, weights *tensor.Tensor) *Var {
	if !x.NeedsGrad() {
		return newScalar(tensor.QuantileDistance(nil, x.value, quantiles, weights), nil, x)
	}
	grad := x.tape.lend(x.Shape())
	y := tensor.QuantileDistance(grad, x.value, quantiles, weights)
	return newScalar(y, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Scale(dx, grad, dy.Data()[0]) })
		x.tape.giveBack(grad)
	}, x).keeps()
}
