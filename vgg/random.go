package vgg

import (
	"fmt"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

// Random returns weights for the topology of VGG19 with every width divided by
// divisor (1 for the full width), drawn from a normal distribution of variance
// 2/fan-in, which keeps the scale of the activations through ReLU layers (He
// et al., "Delving Deep into Rectifiers", 2015, equation 10); biases are zero.
// They are the same for the same seed. Such a network has the cost of a real
// one, for measuring speed and for tests, but it was never trained: pictures it
// paints have the style's palette and grain rather than its strokes. Random panics
// unless divisor divides 64.
func Random(divisor int, seed uint64) *Weights {
	if divisor < 1 || blocks[0].width%divisor != 0 {
		panic(fmt.Sprintf("vgg: Random: divisor %d does not divide %d", divisor, blocks[0].width))
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	w := &Weights{
		Name:    "random filters",
		License: "none needed",
		Source:  fmt.Sprintf("seeded random numbers, seed %d", seed),
		Padding: tensor.PadReflect,
		Input:   CaffeInput(),
	}
	in := 3
	for i, width := range widths() {
		out := width / divisor
		w.Convs = append(w.Convs, Conv{layerNames[i], layers.HeNormal(rng, 9*in, out, 3, 3, in), tensor.New(out)})
		in = out
	}
	return w
}
