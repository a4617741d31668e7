package autodiff_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestFullMaskIsNoMask: a mask of ones gives the value of Gram and its gradient
// to the bit, and a mask of zeros and ones those of the positions inside.
func TestFullMaskIsNoMask(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	x := random(rng, 1, 300, 150, 24) // several bands
	evaluate := func(f func(x *autodiff.Var) *autodiff.Var, x *tensor.Tensor) []*tensor.Tensor {
		tape := autodiff.NewTape()
		leaf := tape.Leaf(x)
		y := f(leaf)
		value := y.Value().Clone()
		autodiff.Sum(autodiff.Mul(y, tape.Constant(outputGradient(y.Shape())))).Backward()
		return []*tensor.Tensor{value, leaf.Grad().Clone()}
	}
	ones := tensor.Full(1, 1, 300, 150, 1)
	want := evaluate(autodiff.Gram, x)
	got := evaluate(func(x *autodiff.Var) *autodiff.Var { return autodiff.GuidedGram(x, ones) }, x)
	wantSameBits(t, "value", got[0], want[0])
	wantSameBits(t, "gradient", got[1], want[1])

	const inside = 180 * 150 * 24
	half := ones.Clone()
	clear(half.Data()[180*150:])
	part := tensor.FromSlice(x.Data()[:inside], 1, 180, 150, 24)
	for name, f := range map[string]func(x *autodiff.Var, mask *tensor.Tensor) *autodiff.Var{
		"gram": autodiff.GuidedGram, "covariance": autodiff.Covariance,
		"mean":     func(x *autodiff.Var, mask *tensor.Tensor) *autodiff.Var { m, _ := autodiff.Moments(x, mask); return m },
		"variance": func(x *autodiff.Var, mask *tensor.Tensor) *autodiff.Var { _, v := autodiff.Moments(x, mask); return v },
	} {
		got := evaluate(func(x *autodiff.Var) *autodiff.Var { return f(x, half) }, x)
		want := evaluate(func(x *autodiff.Var) *autodiff.Var {
			if name == "gram" {
				return autodiff.Gram(x)
			}
			return f(x, nil)
		}, part)
		for i, w := range want {
			g := got[i]
			if i == 1 {
				if tensor.SumAbs(tensor.FromSlice(g.Data()[inside:], g.Len()-inside)) != 0 {
					t.Errorf("%s: positions outside the region have a gradient", name)
				}
				g = tensor.FromSlice(g.Data()[:inside], w.Shape()...)
			}
			size := tensor.SquaredNorm(w)
			if d := tensor.SquaredDistance(g, w); !(d <= 1e-10*size) {
				t.Errorf("%s: result %d differs from that of the region alone by %v, squared, of %v", name, i, d, size)
			}
		}
	}
}

// TestRegionsOfAnActivationComputedAgain: the gradient of a region's statistics is the
// same on any number of threads, and nearly so if the first layer's activations
// are computed again, some rows at a time, instead of kept.
func TestRegionsOfAnActivationComputedAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	picture, weight, bias := random(rng, 1, 450, 170, 3), random(rng, 8, 3, 3, 3), random(rng, 8)
	mask := random(rng, 1, 450, 170, 1)
	gradient := func(keep bool, threads int) *tensor.Tensor {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		tape := autodiff.NewTape()
		tape.Poison()
		x := tape.Leaf(picture)
		y := autodiff.Conv2DReLU(x, tape.Constant(weight), tape.Constant(bias), tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)})
		of := autodiff.NormalizeGradient(y, 3)
		if keep {
			of = autodiff.Reshape(of, y.Shape()...)
		}
		mean, variance := autodiff.Moments(of, mask)
		terms := []autodiff.Term{
			{Of: autodiff.Sum(autodiff.GuidedGram(of, mask)), Weight: 1},
			{Of: autodiff.Sum(autodiff.Covariance(of, mask)), Weight: 2},
			{Of: autodiff.Sum(autodiff.Covariance(of, nil)), Weight: 3},
			{Of: autodiff.Sum(autodiff.Mul(mean, variance)), Weight: 1},
		}
		of.Release()
		y.Release()
		tape.Backward(terms...)
		return x.Grad().Clone()
	}
	want := gradient(false, 1)
	for _, threads := range []int{2, 5} {
		wantSameBits(t, fmt.Sprint(threads, " threads"), gradient(false, threads), want)
	}
	size := tensor.SquaredNorm(want)
	if d := tensor.SquaredDistance(gradient(true, 2), want); !(d <= 1e-10*size) || size == 0 {
		t.Errorf("the gradient with the activations kept differs by %v, squared, of %v", d, size)
	}
}

// TestRegionsOfNothing: a picture without pixels has no statistics, but an empty
// gradient.
func TestRegionsOfNothing(t *testing.T) {
	for _, shape := range [][]int{{1, 3, 0, 2}, {1, 0, 3, 2}} {
		tape := autodiff.NewTape()
		x, mask := tape.Leaf(tensor.New(shape...)), tensor.New(1, shape[1], shape[2], 1)
		mean, variance := autodiff.Moments(x, mask)
		var terms []autodiff.Term
		for _, v := range []*autodiff.Var{autodiff.Gram(x), autodiff.GuidedGram(x, mask), autodiff.Covariance(x, nil), mean, variance} {
			terms = append(terms, autodiff.Term{Of: autodiff.Sum(v), Weight: 1})
		}
		tape.Backward(terms...)
		if got := x.Grad().Len(); got != 0 {
			t.Errorf("gradient of %v has %d elements", shape, got)
		}
	}
}
