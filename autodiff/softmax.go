package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// Softmax turns each row of x, its last dimension, into probabilities:
//
//	y[i]  = exp(x[i]) / sum over j of exp(x[j])
//	dx[i] = y[i] (dy[i] - sum over j of dy[j] y[j])
//
// Values of any size are safe, see [tensor.Softmax]. It panics for rank 0.
func Softmax(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.SoftmaxGrad(dx, dy, y.value) })
	}, x)
	y.keeps(y)
	tensor.Softmax(y.value, x.value)
	return y
}
