package layers

import (
	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Func is a layer without parameters.
type Func func(x *autodiff.Var) *autodiff.Var

// Forward implements [Layer].
func (f Func) Forward(x *autodiff.Var, _ Vars) *autodiff.Var { return f(x) }

// Parameters implements [Layer]: there are none.
func (f Func) Parameters() []Parameter { return nil }

// ReLU returns the layer max(x, 0).
func ReLU() Func { return autodiff.ReLU }

// MaxPool2D returns the layer that takes the largest value of each window of
// its input (N,H,W,C), see [tensor.Pool].
func MaxPool2D(p tensor.Pool) Func {
	return func(x *autodiff.Var) *autodiff.Var { return autodiff.MaxPool2D(x, p) }
}

// AvgPool2D returns the layer that takes the mean of each window of its input
// (N,H,W,C), see [tensor.Pool].
func AvgPool2D(p tensor.Pool) Func {
	return func(x *autodiff.Var) *autodiff.Var { return autodiff.AvgPool2D(x, p) }
}

// Flatten returns the layer that makes one row of each element of a batch: an
// input of shape (N,...) becomes (N,M). It panics for rank 0.
func Flatten() Func {
	return func(x *autodiff.Var) *autodiff.Var {
		s := x.Shape()
		if len(s) == 0 {
			panic("layers: Flatten: wants (N,...), not a value of rank 0")
		}
		return autodiff.Reshape(x, s[0], tensor.NumElements(s[1:]))
	}
}
