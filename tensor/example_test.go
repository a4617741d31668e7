package tensor_test

import (
	"fmt"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
)

// Kernels write into a tensor that the caller has made, so that a loop can use
// the same memory again and again.
func Example_matrixProduct() {
	a := tensor.FromSlice([]float32{
		1, 2, 3,
		4, 5, 6,
	}, 2, 3)

	gram := tensor.New(3, 3)
	tensor.MatMul(gram, a, a, true, false, false) // a^T a

	for i := range 3 {
		fmt.Println(gram.Data()[i*3:][:3])
	}
	// Output:
	// [17 22 27]
	// [22 29 36]
	// [27 36 45]
}

// A convolution finds the edges of a square. Two filters by Sobel see the
// changes from left to right and from top to bottom; the sum of their
// magnitudes is large where there is an edge of either kind.
func Example_edges() {
	// A picture (N,H,W,C) of one channel, dark, with a bright square.
	const size = 8
	x := tensor.New(1, size, size, 1)
	for row := 2; row < 6; row++ {
		for col := 2; col < 6; col++ {
			x.Set(1, 0, row, col, 0)
		}
	}

	// Two filters (Cout,KH,KW,Cin), one after the other.
	w := tensor.FromSlice([]float32{
		-1, 0, 1,
		-2, 0, 2,
		-1, 0, 1,

		-1, -2, -1,
		0, 0, 0,
		1, 2, 1,
	}, 2, 3, 3, 1)

	c := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadReplicate)}
	y := tensor.New(c.OutputShape(x, w)...)
	tensor.Conv2D(y, x, w, nil, c)

	for row := range size {
		var line strings.Builder
		for col := range size {
			across, down := y.At(0, row, col, 0), y.At(0, row, col, 1)
			if max(across, -across)+max(down, -down) >= 4 {
				line.WriteString("# ")
			} else {
				line.WriteString(". ")
			}
		}
		fmt.Println(strings.TrimSpace(line.String()))
	}
	// Output:
	// . . . . . . . .
	// . . # # # # . .
	// . # # # # # # .
	// . # # . . # # .
	// . # # . . # # .
	// . # # # # # # .
	// . . # # # # . .
	// . . . . . . . .
}

// Shapes are aligned at the last dimension, and a dimension of 1, or a missing
// one, is repeated: one value for each channel goes to every pixel. The
// gradient of such a value is the sum over its copies.
func Example_broadcasting() {
	pixels := tensor.FromSlice([]float32{ // (H,W,C)
		10, 20, 30,
		11, 21, 31,
	}, 2, 1, 3)
	mean := tensor.FromSlice([]float32{10, 20, 30}, 3) // (C)

	centred := tensor.New(2, 1, 3)
	tensor.Sub(centred, pixels, mean)
	fmt.Println(centred)

	gradient := tensor.New(3)
	tensor.SumTo(gradient, centred)
	fmt.Println(gradient)
	// Output:
	// tensor[2 1 3][0 0 0 1 1 1]
	// tensor[3][1 1 1]
}

// Ink on paper and a soft gradient have the same mean and variance, but not the same
// distribution.
func ExampleQuantileDistance() {
	ink := tensor.FromSlice([]float32{-1, 1, 1, -1}, 1, 4)
	picture := tensor.FromSlice([]float32{-1.342, -0.447, 0.447, 1.342}, 1, 4)
	quantiles, gradient := tensor.New(1, 4), tensor.New(1, 4)
	tensor.Quantiles(quantiles, ink, nil)
	y := tensor.QuantileDistance(gradient, picture, quantiles, nil)
	fmt.Printf("%.1f and %.1f\n", tensor.SquaredNorm(ink)/4, tensor.SquaredNorm(picture)/4)
	fmt.Printf("%.2f\n", y)
	fmt.Printf("%.2f\n", gradient.Data())
	// Output:
	// 1.0 and 1.0
	// 0.21
	// [-0.17 0.28 -0.28 0.17]
}
