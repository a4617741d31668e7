package vgg_test

import (
	"fmt"
	"log"

	"github.com/brushgrad/brushgrad/vgg"
)

// The network in testdata ends early and is very slim; one with all layers in
// full width loads in the same way.
func ExampleLoad() {
	w, err := vgg.Load("testdata/folder")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s padding, %s input\n", w.Name, w.Padding, w.Input.Channels)
	for _, c := range w.Convs {
		fmt.Println(c.Name, c.Weight.Shape(), c.Bias.Shape())
	}
	// Output:
	// tiny: reflect padding, RGB input
	// conv1_1 [4 3 3 3] [4]
	// conv1_2 [2 3 3 4] [2]
	// conv2_1 [3 3 3 2] [3]
}
