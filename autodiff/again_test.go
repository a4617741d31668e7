package autodiff_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestGramOfAnActivationComputedAgain: the gradient of a Gram matrix is the same
// whether the first layer's activations are kept or, some rows at a time,
// computed again; in memory that is poisoned when it is given back, on any
// number of threads, and with several bands.
func TestGramOfAnActivationComputedAgain(t *testing.T) {
	for _, size := range [][2]int{{450, 170}, {3, 40000}, {129, 128}} {
		for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
			rng := rand.New(rand.NewPCG(1, 2))
			picture, weight, bias := random(rng, 1, size[0], size[1], 3), random(rng, 8, 3, 3, 3), random(rng, 8)
			gradients := func(keep bool, threads int) []*tensor.Tensor {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				tape := autodiff.NewTape()
				tape.Poison()
				x, w, b := tape.Leaf(picture), tape.Leaf(weight), tape.Leaf(bias)
				input := autodiff.Scale(x, 1)
				y := autodiff.Conv2DReLU(input, w, b, tensor.Conv{Padding: tensor.PadAll(1, mode)})
				input.Release()
				of := y
				if keep { // a view does not know how to compute itself
					of = autodiff.Reshape(y, y.Shape()...)
				}
				first, second := autodiff.Sum(autodiff.Mul(autodiff.Gram(of), autodiff.Gram(of))), autodiff.Sum(autodiff.Gram(y))
				of.Release()
				y.Release()
				tape.Backward(autodiff.Term{Of: first, Weight: 1}, autodiff.Term{Of: second, Weight: 2})
				return []*tensor.Tensor{x.Grad().Clone(), w.Grad().Clone(), b.Grad().Clone()}
			}
			again, kept, parallel := gradients(false, 1), gradients(true, 1), gradients(false, 4)
			for i, g := range again {
				wantSameBits(t, "four threads", parallel[i], g)
				norm := tensor.SquaredNorm(kept[i])
				if d := tensor.SquaredDistance(g, kept[i]); !(d <= 1e-10*norm) {
					t.Errorf("%v, padding %v: gradient %d differs by %v, squared, of %v", size, mode, i, d, norm)
				}
			}
		}
	}
}
