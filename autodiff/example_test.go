package autodiff_test

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// The gradient of y = sum of x^2 + 3x is 2x + 3.
func Example() {
	tape := autodiff.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{1, 2, 3}, 3))

	y := autodiff.Sum(autodiff.Add(autodiff.Mul(x, x), autodiff.Scale(x, 3)))
	y.Backward()

	fmt.Println("y  =", y.Scalar())
	fmt.Println("dx =", x.Grad())

	// Output:
	// y  = 32
	// dx = tensor[3][5 7 9]
}

// An operand that was repeated to fit gets the sum over its copies.
func ExampleAdd() {
	tape := autodiff.NewTape()
	x := tape.Constant(tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 3, 2))
	bias := tape.Leaf(tensor.FromSlice([]float32{10, 20}, 2))

	y := autodiff.Add(x, bias)
	autodiff.Sum(y).Backward()

	fmt.Println(y.Value())
	fmt.Println(bias.Grad())

	// Output:
	// tensor[3 2][11 22 13 24 15 26]
	// tensor[2][3 3]
}

// A weighted sum of several costs takes one sweep. Two terms pull x to 0 and
// to the target.
func ExampleTape_Backward() {
	tape := autodiff.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{3, -1}, 2))
	target := tape.Constant(tensor.FromSlice([]float32{5, 1}, 2))

	size := autodiff.Sum(autodiff.Mul(x, x))
	distance := autodiff.SquaredDistance(x, target)
	tape.Backward(autodiff.Term{Of: size, Weight: 0.5}, autodiff.Term{Of: distance, Weight: 10})

	fmt.Println(0.5*size.Scalar() + 10*distance.Scalar())
	fmt.Println(x.Grad())

	// Output:
	// 85
	// tensor[2][-37 -41]
}
