package gradcheck_test

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/gradcheck"
	"github.com/brushgrad/brushgrad/tensor"
)

// A function of one's own, right and with one factor kept out of the gradient.
func ExampleCheck() {
	x := tensor.FromSlice([]float32{0.5, -1, 2, 1}, 2, 2)

	swish := func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
		return autodiff.Mul(in[0], autodiff.Sigmoid(in[0]))
	}
	fmt.Println(gradcheck.Check(swish, []*tensor.Tensor{x}, gradcheck.Options{}))

	wrong := func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
		return autodiff.Mul(in[0], tape.Constant(autodiff.Sigmoid(in[0]).Value()))
	}
	fmt.Println(gradcheck.Check(wrong, []*tensor.Tensor{x}, gradcheck.Options{}) != nil)

	// Output:
	// <nil>
	// true
}
