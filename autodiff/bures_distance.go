package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// BuresDistance returns the squared Bures distance of two covariance matrices
// (C,C), x and one that is given by its symmetric square root, as a scalar
// computed in float64:
//
//	y  = tr x + tr b - 2 tr (root x root)^(1/2),   b = root root
//	dx = dy (1 - root (root x root)^(-1/2) root)
//
// Together with the squared distance of the means it is the squared Wasserstein
// distance of two normal distributions; [tensor.BuresDistance] has the source.
// x has to be symmetric, without negative eigenvalues. Where an eigenvalue of
// root x root comes close to 0, its square root is steep: add a small multiple of
// the identity to both matrices. It panics if the shapes do not fit.
func BuresDistance(x *Var, root *tensor.Tensor) *Var {
	var grad *tensor.Tensor
	if x.NeedsGrad() {
		grad = tensor.New(x.Shape()...)
	}
	return newScalar(tensor.BuresDistance(grad, x.value, root), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Scale(dx, grad, dy.Data()[0]) })
	}, x).keeps()
}
