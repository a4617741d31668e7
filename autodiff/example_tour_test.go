package autodiff_test

import (
	"context"
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
)

// The example that docs/autodiff.md works by hand: a and b are each used more
// than once, directly or through u.
func Example_byHand() {
	tape := autodiff.NewTape()
	a, b := tape.Leaf(tensor.Scalar(2)), tape.Leaf(tensor.Scalar(3))

	u := autodiff.Mul(a, b) // 6
	v := autodiff.Add(u, b) // 9
	j := autodiff.Mul(u, v) // 54
	j.Backward()

	fmt.Println("J =", j.Scalar())
	fmt.Println("dJ/da =", a.Grad().At())
	fmt.Println("dJ/db =", b.Grad().At())

	// Output:
	// J = 54
	// dJ/da = 45
	// dJ/db = 36
}

// The convolution that docs/convolution.md works by hand, with its gradients
// for the output's gradient 1 0 / 0 2.
func Example_convolutionByHand() {
	tape := autodiff.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1))
	w := tape.Leaf(tensor.FromSlice([]float32{1, 2, 3, 4}, 1, 2, 2, 1))
	b := tape.Leaf(tensor.New(1))
	dy := tape.Constant(tensor.FromSlice([]float32{1, 0, 0, 2}, 1, 2, 2, 1))

	y := autodiff.Conv2D(x, w, b, tensor.Conv{})
	autodiff.Sum(autodiff.Mul(y, dy)).Backward() // J = y . dy, so dJ/dy = dy

	fmt.Println("y ", y.Value().Data())
	fmt.Println("dx", x.Grad().Data())
	fmt.Println("dw", w.Grad().Data())
	fmt.Println("db", b.Grad().Data())

	// Output:
	// y  [37 47 67 77]
	// dx [1 2 0 3 6 4 0 6 8]
	// dw [11 14 20 23]
	// db [3]
}

// The batch normalisation that docs/training.md works by hand: gamma = 2, and the
// output's gradient is 1 for the first of four values.
func Example_batchNormByHand() {
	tape := autodiff.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{1, 1, 3, 3}, 4, 1))
	gamma, beta := tape.Leaf(tensor.Full(2, 1)), tape.Leaf(tensor.New(1))
	dy := tape.Constant(tensor.FromSlice([]float32{1, 0, 0, 0}, 4, 1))

	y, moments := autodiff.BatchNorm(x, gamma, beta, 0)
	autodiff.Sum(autodiff.Mul(y, dy)).Backward()

	fmt.Println("mean", moments.Mean, "variance", moments.Variance)
	fmt.Println("y     ", y.Value().Data())
	fmt.Println("dx    ", x.Grad().Data())
	fmt.Println("dgamma", gamma.Grad().Data())
	fmt.Println("dbeta ", beta.Grad().Data())

	// Output:
	// mean [2] variance [1]
	// y      [-2 -2 2 2]
	// dx     [1 -1 0 0]
	// dgamma [-1]
	// dbeta  [1]
}

// The run of L-BFGS that docs/lbfgs.md works by hand.
func Example_lbfgsByHand() {
	bowl := func(x, grad []float32) float64 {
		a, b := float64(x[0]), float64(x[1])
		grad[0], grad[1] = x[0], 4*x[1]
		value := (a*a + 4*b*b) / 2
		fmt.Printf("f(%v, %v) = %v\n", rounded(a), rounded(b), rounded(value))
		return value
	}
	_, err := optim.Minimize(context.Background(), bowl, []float32{8, 1}, optim.Options{MaxIterations: 2})
	if err != nil {
		fmt.Println(err)
	}

	// Output:
	// f(8, 1) = 34
	// f(0, -3) = 18
	// f(0, 0) = 0
}

// The valley of docs/lbfgs.md, a hundred times as steep across as along. What
// steepest descent does there with the best step along each line stands
// beside it.
func Example_valley() {
	descent := []float64{10, 1}
	_, err := optim.Minimize(context.Background(), func(x, grad []float32) float64 {
		a, b := float64(x[0]), float64(x[1])
		grad[0], grad[1] = x[0], 100*x[1]
		return (a*a + 100*b*b) / 2
	}, []float32{10, 1}, optim.Options{
		MaxIterations: 3,
		OnIteration: func(at optim.Result) {
			a, b := descent[0], 100*descent[1] // the gradient
			t := (a*a + b*b) / (a*a + 100*b*b)
			descent[0] -= t * a
			descent[1] -= t * b
			f := (descent[0]*descent[0] + 100*descent[1]*descent[1]) / 2
			fmt.Printf("%d iterations, %d evaluations: %.2f, steepest descent %.2f\n", at.Iterations, at.Evaluations, at.Value, f)
		},
	})
	if err != nil {
		fmt.Println(err)
	}

	// Output:
	// 1 iterations, 3 evaluations: 49.00, steepest descent 49.00
	// 2 iterations, 5 evaluations: 1.51, steepest descent 24.01
	// 3 iterations, 6 evaluations: 0.00, steepest descent 11.76
}

// rounded drops what the order of roundings may change.
func rounded(v float64) float64 { return math.Round(v*1000)/1000 + 0 } // + 0 makes -0 a 0
