package layers_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

const size = 12 // of the pictures, in pixels

// inside says for each class whether a point belongs to the shape, of radius r
// and with its centre at (0,0).
var inside = []func(y, x, r float64) bool{
	func(y, x, r float64) bool { return y*y+x*x <= r*r },                            // disc
	func(y, x, r float64) bool { d := y*y + x*x; return d <= r*r && d > r*r/3 },     // ring
	func(y, x, r float64) bool { return min(y*y, x*x) < 1 && max(y*y, x*x) <= r*r }, // cross
}

// draw returns n pictures (n,size,size,1) of shapes of random kind, place, size
// and brightness, with noise, and the kinds.
func draw(rng *rand.Rand, n int) (pictures *tensor.Tensor, kinds []int) {
	pictures = tensor.New(n, size, size, 1)
	for i := range n {
		kind := rng.IntN(len(inside))
		kinds = append(kinds, kind)
		r := 3 + rng.Float64()
		cy, cx := r+rng.Float64()*(size-1-2*r), r+rng.Float64()*(size-1-2*r)
		brightness := 0.6 + 0.6*rng.Float64()
		for row := range size {
			for col := range size {
				v := 0.15 * rng.NormFloat64()
				if inside[kind](float64(row)-cy, float64(col)-cx, r) {
					v += brightness
				}
				pictures.Set(float32(v), i, row, col, 0)
			}
		}
	}
	return pictures, kinds
}

// A small convolutional network learns to tell discs, rings and crosses apart.
func Example() {
	rng := rand.New(rand.NewPCG(1, 0))
	same := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}
	half := tensor.Pool{KH: 2, KW: 2}
	net := layers.Sequential{
		{"conv1", layers.NewConv2D(rng, 8, 3, 3, 1, same)},
		{"relu1", layers.ReLU()},
		{"pool1", layers.MaxPool2D(half)},
		{"conv2", layers.NewConv2D(rng, 16, 3, 3, 8, same)},
		{"relu2", layers.ReLU()},
		{"pool2", layers.MaxPool2D(half)},
		{"flatten", layers.Flatten()},
		{"classify", layers.NewLinear(rng, size/4*size/4*16, len(inside))},
	}

	tape := autodiff.NewTape()
	optimizer := &optim.Adam{LearningRate: 0.005}
	for range 200 {
		pictures, kinds := draw(rng, 16)
		vars := layers.Leaves(tape, net)
		loss := autodiff.CrossEntropy(net.Forward(tape.Constant(pictures), vars), kinds)
		loss.Backward()
		optimizer.Step(vars.ValuesAndGradients(net))
		tape.Reset()
	}

	// Pictures that it has not seen. Nothing is differentiated here.
	const tests = 500
	pictures, kinds := draw(rng, tests)
	tape = autodiff.NewTape()
	scores := net.Forward(tape.Constant(pictures), layers.Vars{}).Value()
	right := 0
	for i, kind := range kinds {
		row := scores.Data()[i*len(inside):][:len(inside)]
		if slices.Index(row, slices.Max(row)) == kind {
			right++
		}
	}
	fmt.Println("more than 95 % right:", right > tests*95/100)
	// Output:
	// more than 95 % right: true
}
