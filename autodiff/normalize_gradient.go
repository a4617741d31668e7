package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// NormalizeGradient returns x, and scales the gradient that flows back so that
// the absolute values of its elements add up to norm:
//
//	y  = x
//	dx = norm dy / sum |dy|,   0 where dy is 0
//
// What is computed from y alone then pulls at x with a fixed strength, however
// far it is from its goal. (This is -normalize_gradients of Johnson's
// "neural-style", 2015, where 1e-8 is added to the sum.) Such a dx is the
// gradient of no function: a method of optimisation that compares values cannot
// go by it. The value is a view of x's memory, not a copy.
func NormalizeGradient(x *Var, norm float64) *Var {
	y := newView(x.value, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			sum := tensor.SumAbs(dy)
			if sum == 0 {
				dx.Fill(0)
				return
			}
			tensor.Scale(dx, dy, float32(norm/sum))
		})
	}, x)
	y.again = x.again
	return y
}
