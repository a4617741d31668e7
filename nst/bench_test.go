package nst

import (
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// BenchmarkEvaluate is an evaluation of cost and gradient, at 256x256 on VGG19
// at full width and at a quarter of it, with random filters.
func BenchmarkEvaluate(b *testing.B) {
	for name, divisor := range map[string]int{"full": 1, "quarter": 4} {
		b.Run(name, func(b *testing.B) {
			weights := vgg.Random(divisor, 1)
			weights.Padding = tensor.PadZero
			const size = 256
			o, err := NewObjective(vgg.New(weights, vgg.MaxPooling), Noise(size, size, 1), Noise(size, size, 2), Costs{})
			if err != nil {
				b.Fatal(err)
			}
			x, grad := Noise(size, size, 3), tensor.New(1, size, size, 3)
			o.Evaluate(x, grad)
			b.ReportAllocs()
			for b.Loop() {
				o.Evaluate(x, grad)
			}
		})
	}
}
