package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/asm"
)

// FewChannels, FewForward and FewGradInput make the kernels for few channels
// available to the tests of package tensor_test.
func FewChannels(x, w *Tensor, c Conv) bool {
	g := c.geometry("FewChannels", x.shape, w.shape)
	return g.fewChannels()
}

func FewForward(y *Tensor, mask []uint8, x, w, bias *Tensor, c Conv, relu bool) {
	g := c.geometry("FewForward", x.shape, w.shape)
	var biases []float32
	if bias != nil {
		biases = bias.data
	}
	g.fewForward(y.data, mask, x, w, biases, relu)
}

func FewGradInput(dx, dy *Tensor, mask []uint8, w *Tensor, c Conv) {
	g := c.geometry("FewGradInput", dx.shape, w.shape)
	g.fewGradInput(dx, dy, mask, w)
}

// BenchmarkConvFew covers conv1_1 of VGG19 and of a slim network for a picture
// of 256x256: the kernels for few channels against the products with im2col.
func BenchmarkConvFew(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, cout := range []int{64, 16} {
		c := Conv{Padding: PadAll(1, PadZero)}
		x, w, bias, y := random(rng, 1, 256, 256, 3), random(rng, cout, 3, 3, 3), random(rng, cout), New(1, 256, 256, cout)
		dx, dy := New(x.shape...), random(rng, y.shape...)
		g := c.geometry("Conv2D", x.shape, w.shape)
		mask := make([]uint8, len(y.data)/8)
		forward := product{
			m: g.n * g.p * g.q, n: g.cout, k: g.kh * g.kw * g.cin, a: g.columns(x, 0), b: g.weights(w, 0), transB: true,
			c: y.data, ldc: g.cout, epilogue: func(row []float32, col int) { asm.BiasReLU(row, bias.data[col:][:len(row)]) },
		}
		for _, run := range []struct {
			name string
			f    func()
		}{
			{"forward", func() { g.fewForward(y.data, nil, x, w, bias.data, true) }},
			{"forward/masked", func() { g.fewForward(y.data, mask, x, w, bias.data, true) }},
			{"forward/im2col", forward.run},
			{"gradient", func() { g.fewGradInput(dx, dy, nil, w) }},
			{"gradient/masked", func() { g.fewGradInput(dx, dy, mask, w) }},
			{"gradient/im2col", func() { g.gradProduct(g.gradColumns(dy, 0, 1, g.h, 1, g.w), w, 0, dx.data, g.n*g.h*g.w, false) }},
		} {
			b.Run(fmt.Sprintf("%d/%s", cout, run.name), func(b *testing.B) {
				for range b.N {
					run.f()
				}
			})
		}
	}
}
