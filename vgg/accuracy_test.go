package vgg

import (
	"math"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestLayerAccuracy compares each convolution up to conv5_1, on the activations
// it gets in the network, with sums in float64: its error is to be at most twice
// that of direct sums in float32. Activations are not negative, and a direct sum
// of many of them loses more than Winograd's products do.
func TestLayerAccuracy(t *testing.T) {
	distilled, err := Load("distilled/weights")
	if err != nil {
		t.Fatal(err)
	}
	networks := map[string]*Weights{"distilled": distilled, "quarter": Random(4, 3)}
	if !testing.Short() {
		networks["full"] = Random(1, 3)
	}
	const height, width = 66, 98
	picture := tensor.New(1, height, width, 3)
	for i := range picture.Data() { // waves of several lengths, in three colours
		y, x, c := float64(i/3/width), float64(i/3%width), float64(i%3)
		picture.Data()[i] = float32(128 + 50*math.Sin(y/9+c) + 40*math.Sin(x/5+y/7) + 30*math.Sin(1.1*x-0.7*y+2*c))
	}
	for name, w := range networks {
		net := New(w, MaxPooling)
		var input *tensor.Tensor
		net.Visit(autodiff.NewTape().Constant(picture), net.Layers()[:13], func(layer string, a *autodiff.Var) {
			conv := w.Convs[slices.Index(layerNames, layer)]
			if input != nil {
				fast, direct := relativeErrors(input, conv.Weight, w.Padding)
				t.Logf("%s, %s, %d -> %d channels: relative error %.2g, direct %.2g", name, layer, conv.Weight.Dim(3), conv.Weight.Dim(0), fast, direct)
				if !(fast <= 2*direct) {
					t.Errorf("%s, %s: relative error %.2g, direct %.2g", name, layer, fast, direct)
				}
			}
			input = a.Value().Clone()
			if EndsBlock(layer) {
				pool := tensor.Pool{KH: 2, KW: 2}
				pooled := tensor.New(pool.OutputShape(input)...)
				tensor.MaxPool2D(pooled, make([]uint8, pooled.Len()), input, pool)
				input = pooled
			}
		})
	}
}

// relativeErrors returns those of Conv2D and of direct sums in float32, over the
// pixels off the border and some of the outputs.
func relativeErrors(x, w *tensor.Tensor, mode tensor.PadMode) (fast, direct float64) {
	c := tensor.Conv{Padding: tensor.PadAll(1, mode)}
	y := tensor.New(c.OutputShape(x, w)...)
	tensor.Conv2D(y, x, w, nil, c)
	cin, cout, width := x.Dim(3), y.Dim(3), y.Dim(2)
	norm := 0.0
	for p := 1; p < y.Dim(1)-1; p++ {
		for q := 1; q < width-1; q++ {
			for o := p % 7; o < cout; o += 1 + cout/16 {
				want, sum := 0.0, float32(0)
				for tap := range 9 {
					pixel := x.Data()[((p+tap/3-1)*width+q+tap%3-1)*cin:][:cin]
					for i, v := range w.Data()[(o*9+tap)*cin:][:cin] {
						want += float64(v) * float64(pixel[i])
						sum += float32(v * pixel[i])
					}
				}
				got := float64(y.Data()[(p*width+q)*cout+o])
				fast += (got - want) * (got - want)
				direct += (float64(sum) - want) * (float64(sum) - want)
				norm += want * want
			}
		}
	}
	return math.Sqrt(fast / norm), math.Sqrt(direct / norm)
}
