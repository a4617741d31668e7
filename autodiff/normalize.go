package autodiff

import (
	"fmt"

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
	c := len(mean)
	y := newVar(s, func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) {
			in, out := dy.Data(), dx.Data()
			for i := 0; i < len(in); i += c {
				for j, s := range std {
					out[i+j] = in[i+j] / s
				}
			}
		})
	}, x).keeps()
	in, out := x.value.Data(), y.value.Data()
	for i := 0; i < len(in); i += c {
		for j, s := range std {
			out[i+j] = (in[i+j] - mean[j]) / s
		}
	}
	return y
}
