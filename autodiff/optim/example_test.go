package optim_test

import (
	"context"
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// The banana-shaped valley of Rosenbrock, from the classic start.
func Example() {
	banana := func(x, grad []float32) float64 {
		a, b := float64(x[0]), float64(x[1])
		grad[0] = float32(-400*a*(b-a*a) - 2*(1-a))
		grad[1] = float32(200 * (b - a*a))
		return 100*(b-a*a)*(b-a*a) + (1-a)*(1-a)
	}
	x := []float32{-1.2, 1}
	result, err := optim.Minimize(context.Background(), banana, x, optim.Options{GradientTolerance: 1e-3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Status)
	fmt.Printf("x = (%.3f, %.3f)\n", x[0], x[1])
	// Output:
	// converged
	// x = (1.000, 1.000)
}

// A run that reports its progress and ends after ten evaluations. The variable
// is fitted to a target, like a picture to its features.
func ExampleMinimize() {
	target := []float32{3, 1, 4, 1, 5, 9, 2, 6}
	cost := func(x, grad []float32) float64 {
		sum := 0.0
		for i, v := range x {
			d := float64(v*v - target[i])
			sum += d * d
			grad[i] = float32(4 * d * float64(v))
		}
		return sum
	}
	x := []float32{1, 1, 1, 1, 1, 1, 1, 1}
	first := 0.0
	result, err := optim.Minimize(context.Background(), cost, x, optim.Options{
		Method:         &optim.LBFGS{History: 5},
		MaxEvaluations: 10,
		OnEvaluation: func(evaluations int, value float64) {
			if evaluations == 1 {
				first = value
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Status, "after", result.Evaluations)
	fmt.Println("a thousandth of the cost is left or less:", result.Value <= first/1000)
	// Output:
	// maximum of evaluations reached after 10
	// a thousandth of the cost is left or less: true
}

// A line through noisy points, a few of them at a time. There is no single
// function to minimise, so the loop is written out.
func ExampleAdam_Step() {
	slope, offset := []float32{0}, []float32{0}
	dSlope, dOffset := []float32{0}, []float32{0}
	adam := &optim.Adam{LearningRate: 0.05}
	for step := range 600 {
		dSlope[0], dOffset[0] = 0, 0
		for i := range 8 { // the mini-batch: points near y = 2x - 1
			x := float32((step*8+i)%50)/25 - 1
			y := 2*x - 1 + 0.1*float32(math.Sin(float64(7*(step+i))))
			d := slope[0]*x + offset[0] - y
			dSlope[0] += d * x / 8
			dOffset[0] += d / 8
		}
		adam.Step([][]float32{slope, offset}, [][]float32{dSlope, dOffset})
	}
	fmt.Printf("y = %.1f x + %.1f\n", slope[0], offset[0])
	// Output:
	// y = 2.0 x + -1.0
}

// The rate of a training of 100 steps, the first 10 of which warm up.
func ExampleCosine() {
	schedule := optim.Cosine{Peak: 0.01, Final: 0.0001, Warmup: 10, Steps: 100}
	for _, step := range []int{0, 4, 9, 10, 55, 99, 100} {
		fmt.Printf("step %3d: %.5f\n", step, schedule.Rate(step))
	}
	// Output:
	// step   0: 0.00100
	// step   4: 0.00500
	// step   9: 0.01000
	// step  10: 0.01000
	// step  55: 0.00505
	// step  99: 0.00010
	// step 100: 0.00010
}

// A run that stops half-way and is taken up by another optimiser, as after a
// program's restart.
func ExampleState() {
	train := func(adam *optim.Adam, x []float32, steps int) {
		for range steps {
			grad := []float32{x[0] - 3, 100 * (x[1] + 1)} // of a parabola around (3, -1)
			optim.ClipNorm([][]float32{grad}, 10)
			adam.Step([][]float32{x}, [][]float32{grad})
		}
	}
	x, adam := []float32{0, 0}, &optim.Adam{LearningRate: 0.1}
	train(adam, x, 20)

	y, resumed := []float32{0, 0}, &optim.Adam{LearningRate: 0.1}
	train(resumed, y, 10)
	state := resumed.State()

	resumed = &optim.Adam{LearningRate: 0.1}
	if err := resumed.SetState(state); err != nil {
		fmt.Println(err)
		return
	}
	train(resumed, y, 10)
	fmt.Println("steps:", resumed.State().Steps)
	fmt.Println("the same bits:", x[0] == y[0] && x[1] == y[1])
	// Output:
	// steps: 20
	// the same bits: true
}
