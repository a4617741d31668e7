package autodiff_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/gradcheck"
	"github.com/brushgrad/brushgrad/tensor"
)

// censoredPair returns values of both signs, none near 0, and targets of which
// half are censored.
func censoredPair(shape ...int) (x, target *tensor.Tensor) {
	rng := rand.New(rand.NewPCG(3, 0))
	x, target = tensor.New(shape...), tensor.New(shape...)
	for i := range x.Data() {
		x.Data()[i] = float32((0.1 + rng.Float64()) * float64(1-2*rng.IntN(2)))
		target.Data()[i] = max(0, float32(rng.NormFloat64()))
	}
	return x, target
}

func TestCensoredSquaredDistance(t *testing.T) {
	x, target := censoredPair(3, 40, 50, 7) // several blocks of a sum
	want, naiveGrad := 0.0, make([]float64, x.Len())
	for i, v := range x.Data() {
		r := float64(v) - float64(target.Data()[i])
		if target.Data()[i] == 0 && v < 0 {
			r = 0
		}
		want += r * r
		naiveGrad[i] = 2 * 3 * r
	}
	tape := autodiff.NewTape()
	leaf := tape.Leaf(x)
	y := autodiff.CensoredSquaredDistance(leaf, target)
	if got := y.Scalar(); !(math.Abs(got-want) <= 1e-6*want) {
		t.Errorf("%v, want %v", got, want)
	}
	tape.Backward(autodiff.Term{Of: y, Weight: 3})
	for i, got := range leaf.Grad().Data() {
		if !(math.Abs(float64(got)-naiveGrad[i]) <= 1e-5) {
			t.Fatalf("gradient %d: %v, want %v", i, got, naiveGrad[i])
		}
	}
	if d := tensor.SquaredDistance(rectified(x), target); d >= want {
		t.Errorf("the distance of ReLU(x) is %v, not below the censored one, %v", d, want)
	}
	if d, want := tensor.CensoredSquaredDistance(rectified(x), target), tensor.SquaredDistance(rectified(x), target); !(math.Abs(d-want) <= 1e-6*want) {
		t.Errorf("%v for ReLU(x), whose squared distance is %v", d, want)
	}
}

func rectified(x *tensor.Tensor) *tensor.Tensor {
	y := x.Clone()
	tensor.Map(y, y, func(v float32) float32 { return max(v, 0) })
	return y
}

func TestCensoredSquaredDistanceGradient(t *testing.T) {
	x, target := censoredPair(2, 3, 4, 5)
	f := func(_ *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
		return autodiff.CensoredSquaredDistance(in[0], target)
	}
	// Steps of at most 0.06 leave no value on the other side of 0.
	if err := gradcheck.Check(f, []*tensor.Tensor{x}, gradcheck.Options{Step: 1.0 / 16}); err != nil {
		t.Error(err)
	}
}
