package tensor_test

import (
	"fmt"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// BenchmarkWinograd runs shapes of VGG19 for a picture of 256x256, forward and
// backward; GFLOP/s are those of a direct convolution.
func BenchmarkWinograd(b *testing.B) {
	for _, s := range []struct{ size, cin, cout int }{
		{256, 64, 64}, {128, 128, 128}, {64, 256, 256}, {32, 512, 512}, {16, 512, 512},
		{512, 16, 16}, {256, 32, 32}, {128, 64, 64}, {64, 128, 128},
	} {
		rng := newRand(25)
		c := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}
		x, w := tensor.Random(rng, 1, s.size, s.size, s.cin), tensor.Random(rng, s.cout, 3, 3, s.cin)
		y, dx := tensor.New(1, s.size, s.size, s.cout), tensor.New(x.Shape()...)
		mask := make([]uint8, tensor.MaskLen(y.Len()))
		flop := 2 * float64(s.size*s.size) * float64(w.Len())
		for name, run := range map[string]func(){
			"forward":  func() { tensor.Conv2DReLU(y, mask, x, w, nil, c) },
			"backward": func() { tensor.Conv2DReLUGradInput(dx, y, mask, w, c, false) },
		} {
			b.Run(fmt.Sprintf("%d/%dto%d/%s", s.size, s.cin, s.cout, name), func(b *testing.B) {
				for b.Loop() {
					run()
				}
				b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
