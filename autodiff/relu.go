package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// ReLU returns max(x, 0), the rectified linear unit, element by element:
//
//	y  = max(x, 0)
//	dx = dy where y > 0, else 0
//
// At 0, where there is no derivative, the gradient is 0, as in PyTorch.
func ReLU(x *Var) *Var {
	var y *Var
	y = newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.ReLUGrad(dx, dy, y.value) })
	}, x)
	y.keeps(y)
	tensor.ReLU(y.value, x.value)
	return y
}
