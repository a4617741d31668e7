package autodiff

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// Normalize brings the channels of x (N,H,W,C) to the mean and standard
// deviation that a network was trained with:
//
//	y[...,c]  = (x[...,c] - mean[c]) / std[c]
//	dx[...,c] = dy[...,c] / std[c]
//
// mean and std have C values each. It panics if they do not.
func Normalize(x *Var, mean, std []float32) *Var {
	s := x.Shape()
	if len(s) == 0 || len(mean) != s[len(s)-1] || len(std) != len(mean) {
		panic(fmt.Sprintf("autodiff: Normalize: %d means and %d deviations for x %v", len(mean), len(std), s))
	}
	std = slices.Clone(std) // back reads it
	y := newVar(s, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.NormalizeGrad(dx, dy, std) })
	}, x).keeps()
	tensor.Normalize(y.value, x.value, mean, std)
	return y
}
