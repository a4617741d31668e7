package autodiff_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// A network of two layers learns the exclusive or, by gradient descent with
// nothing but the tape. The parameters are plain tensors; every step puts them
// on the tape, computes the cost and its gradient, and moves them a little.
func Example_xor() {
	inputs := tensor.FromSlice([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	labels := []int{0, 1, 1, 0}

	rng := rand.New(rand.NewPCG(1, 0))
	random := func(shape ...int) *tensor.Tensor {
		t := tensor.New(shape...)
		for i := range t.Data() {
			t.Data()[i] = float32(rng.NormFloat64())
		}
		return t
	}
	w1, b1 := random(2, 8), tensor.New(8)
	w2, b2 := random(8, 2), tensor.New(2)
	parameters := []*tensor.Tensor{w1, b1, w2, b2}

	network := func(x, w1, b1, w2, b2 *autodiff.Var) *autodiff.Var {
		hidden := autodiff.Tanh(autodiff.Add(autodiff.MatMul(x, w1), b1))
		return autodiff.Add(autodiff.MatMul(hidden, w2), b2)
	}

	tape := autodiff.NewTape()
	for range 500 {
		tape.Reset()
		var p []*autodiff.Var
		for _, t := range parameters {
			p = append(p, tape.Leaf(t))
		}
		scores := network(tape.Constant(inputs), p[0], p[1], p[2], p[3])
		autodiff.CrossEntropy(scores, labels).Backward()
		for i, t := range parameters {
			tensor.AddScaled(t, -0.5, p[i].Grad())
		}
	}

	tape.Reset()
	scores := network(tape.Constant(inputs), tape.Constant(w1), tape.Constant(b1), tape.Constant(w2), tape.Constant(b2))
	for i, p := range autodiff.Softmax(scores).Value().Data() {
		if i%2 == 1 {
			fmt.Printf("%v xor %v: %.1f\n", inputs.Data()[i-1], inputs.Data()[i], p)
		}
	}

	// Output:
	// 0 xor 0: 0.0
	// 0 xor 1: 1.0
	// 1 xor 0: 1.0
	// 1 xor 1: 0.0
}
