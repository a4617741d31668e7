package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// LogSoftmax returns the logarithms of the probabilities of [Softmax]:
//
//	y[i]  = x[i] - log(sum over j of exp(x[j]))
//	dx[i] = dy[i] - exp(y[i]) sum over j of dy[j]
//
// Values of any size are safe, see [tensor.LogSoftmax]. It panics for rank 0.
func LogSoftmax(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.LogSoftmaxGrad(dx, dy, y.value) })
	}, x)
	y.keeps(y)
	tensor.LogSoftmax(y.value, x.value)
	return y
}
