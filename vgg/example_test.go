package vgg_test

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// The features of a picture at two layers. A network with trained weights
// comes from [vgg.Load].
func Example() {
	net := vgg.New(vgg.Random(4, 1), vgg.MaxPooling)
	picture := tensor.Full(128, 1, 96, 64, 3) // one grey picture, 96 pixels high

	tape := autodiff.NewTape()
	features := net.Features(tape.Constant(picture), []string{"conv1_1", "conv4_2"})
	for _, f := range features {
		fmt.Println(f.Shape())
	}
	// Output:
	// [1 96 64 16]
	// [1 12 8 128]
}
