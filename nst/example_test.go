package nst_test

import (
	"context"
	"fmt"
	"log"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// A content picture with a slope from dark to bright is painted in the style
// of stripes, by a small network of random filters. Trained ones come from
// [vgg.Load].
func ExampleTransfer() {
	content, style := tensor.New(1, 32, 48, 3), tensor.New(1, 32, 32, 3)
	for i := range content.Data() {
		content.Data()[i] = float32(i / 3 % 48 * 5)
	}
	for i := range style.Data() {
		style.Data()[i] = float32(i / 3 % 4 / 2 * 255)
	}
	net := vgg.New(vgg.Random(16, 1), vgg.MaxPooling)

	var first float64
	result, err := nst.Transfer(context.Background(), net, content, []nst.Style{{Picture: style}}, nst.Options{
		Iterations: 10,
		OnEvaluation: func(p nst.Progress) {
			if p.Evaluations == 1 {
				first = p.Cost.Total
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Picture.Shape(), "after", result.Iteration, "iterations:", result.Status)
	fmt.Println("less than half of the cost is left:", result.Cost.Total < first/2)

	// Output:
	// [1 32 48 3] after 10 iterations: maximum of iterations reached
	// less than half of the cost is left: true
}

// The costs of a layer with two positions and two channels, which
// docs/costs.md works by hand, built as Objective builds them.
func Example_costsByHand() {
	layer := func(values ...float32) *tensor.Tensor { return tensor.FromSlice(values, 1, 1, 2, 2) }
	tape := autodiff.NewTape()
	a := tape.Leaf(layer(1, 2, 3, 0)) // of the picture G
	c := tape.Constant(layer(1, 1, 2, 0))
	s := tape.Constant(layer(2, 0, 2, 2))

	content := autodiff.SquaredDistance(a, c)
	style := autodiff.SquaredDistance(autodiff.Gram(a), autodiff.Gram(s))
	const contentScale, styleScale = 1. / (4 * 1 * 2 * 2), 1. / (4 * 2 * 2)
	fmt.Println("Gram     ", autodiff.Gram(a).Value().Data())
	fmt.Println("J_content", contentScale*content.Scalar())
	fmt.Println("J_style  ", styleScale*style.Scalar())

	const alpha, beta = 1, 10
	tape.Backward(
		autodiff.Term{Of: content, Weight: alpha * contentScale},
		autodiff.Term{Of: style, Weight: beta * styleScale})
	fmt.Println("dJ/da    ", a.Grad().Data())

	// Output:
	// Gram      [5 1 1 2]
	// J_content 0.125
	// J_style   0.1875
	// dJ/da     [-1.25 -1.125 3.875 -3.75]
}
