package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestSelfSimilarity compares with its definition in float64. (Its gradient is compared
// with PyTorch's in package autodiff.)
func TestSelfSimilarity(t *testing.T) {
	for _, n := range []int{1, 2, 65, 130} {
		const c = 7
		x := tensor.Random(newRand(uint64(n)), n, c)
		y, u, scales := dirty(n, n), dirty(n, c), dirty(2, n)
		tensor.SelfSimilarity(y, u, scales, x)
		d := make([]float64, n*n)
		for i := range n {
			for j := range n {
				var ij, ii, jj float64
				for k := range c {
					a, b := float64(x.At(i, k)), float64(x.At(j, k))
					ij, ii, jj = ij+a*b, ii+a*a, jj+b*b
				}
				d[i*n+j] = 1 - ij/math.Sqrt((ii+1e-4)*(jj+1e-4))
			}
		}
		for j := range n {
			mean := 0.0
			for i := range n {
				mean += d[i*n+j] / float64(n)
			}
			for i := range n {
				want := d[i*n+j] / (mean + 1e-4)
				if got := float64(y.At(i, j)); !(math.Abs(got-want) <= 2e-6*(1+want)) && n > 2 {
					t.Fatalf("%d positions: %v between %d and %d, want %v", n, got, i, j, want)
				}
			}
		}
	}
}

// TestSelfSimilarityOfOneColour: where all positions are the same, there are numbers, and
// no division by 0.
func TestSelfSimilarityOfOneColour(t *testing.T) {
	for _, v := range []float32{0, 1, 100} {
		x := tensor.Full(v, 30, 4)
		y, u, scales := dirty(30, 30), dirty(30, 4), dirty(2, 30)
		tensor.SelfSimilarity(y, u, scales, x)
		dx := dirty(30, 4)
		tensor.SelfSimilarityGrad(dx, tensor.Full(1, 30, 30), y, u, scales, false)
		for _, s := range []*tensor.Tensor{y, dx} {
			if sum := tensor.Sum(s); sum-sum != 0 {
				t.Errorf("all %v: sum %v", v, sum)
			}
		}
	}
}
