package tensor_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestChannelMoments compares with plain sums of float64, over several blocks,
// where a mean is a hundred thousand times the deviation, too.
func TestChannelMoments(t *testing.T) {
	rng := newRand(1)
	for _, shape := range [][]int{{3, 80, 90, 6}, {70000, 1}, {3, 40000}, {5, 2}, {1, 3}, {4}, {0, 2}, {2, 0}} {
		x := tensor.Random(rng, shape...)
		c := x.Dim(-1)
		for i := range x.Data() {
			if i%c == 1 {
				x.Data()[i] += 1e5
			}
		}
		n := float64(x.Len()) / float64(c)
		mean, variance := make([]float64, c), make([]float64, c)
		for i, v := range x.Data() {
			mean[i%c] += float64(v) / n
		}
		for i, v := range x.Data() {
			variance[i%c] += (float64(v) - mean[i%c]) * (float64(v) - mean[i%c]) / n
		}
		bound := make([]float64, c)
		for i, v := range variance {
			bound[i] = 1e-9*v + 1e-9
		}
		got := tensor.ChannelMoments(x)
		checkWithin(t, "mean", got.Mean, mean, bound)
		checkWithin(t, "variance", got.Variance, variance, bound)
	}
}

// TestBatchNorm compares with the definitions, and the gradient of the input with
// the product of dy and the full matrix of derivatives that they give:
//
//	dy[i]/dx[j] = gamma s ((1 if i = j) - 1/n - x'[i] x'[j]/n)
func TestBatchNorm(t *testing.T) {
	const epsilon = 0.01
	rng := newRand(2)
	for _, shape := range [][]int{{2, 3, 5, 7}, {11, 4}, {2, 1}, {30, 40, 3}, {4, 20000}} {
		x, dy := tensor.Random(rng, shape...), tensor.Random(rng, shape...)
		c := x.Dim(-1)
		gamma, beta := tensor.Random(rng, c), tensor.Random(rng, c)
		m := tensor.ChannelMoments(x)
		n := x.Len() / c
		hat := make([]float64, x.Len()) // x'
		for i, v := range x.Data() {
			hat[i] = (float64(v) - m.Mean[i%c]) / math.Sqrt(m.Variance[i%c]+epsilon)
		}
		wantY, wantDX := make([]float64, x.Len()), make([]float64, x.Len())
		wantGamma, wantBeta := make([]float64, c), make([]float64, c)
		boundY, boundC, boundDX := make([]float64, x.Len()), make([]float64, c), make([]float64, x.Len())
		for i, h := range hat {
			k := i % c
			g, d := float64(gamma.Data()[k]), float64(dy.Data()[i])
			wantY[i] = g*h + float64(beta.Data()[k])
			boundY[i] = 0x1p-24 * math.Abs(wantY[i]) * 1.0001
			wantGamma[k] += d * h
			wantBeta[k] += d
			boundC[k] += 1e-12 * float64(n)
			s := g / math.Sqrt(m.Variance[k]+epsilon)
			for j := k; j < len(hat); j += c {
				v := -1/float64(n) - h*hat[j]/float64(n)
				if i == j {
					v++
				}
				wantDX[j] += d * s * v
				boundDX[j] += 0x1p-24 / float64(n) * math.Abs(d*s*v) // far less than a rounding of the largest term
			}
		}
		for i, v := range wantDX {
			boundDX[i] += 0x1p-24*math.Abs(v)*1.0001 + 1e-12
		}
		y, dx := dirty(shape...), dirty(shape...)
		tensor.BatchNorm(y, x, gamma, beta, m, epsilon)
		checkWithin(t, "y", widen(y), wantY, boundY)
		dgamma, dbeta := tensor.BatchNormGradScale(dy, x, m, epsilon)
		checkWithin(t, "dgamma", dgamma, wantGamma, boundC)
		checkWithin(t, "dbeta", dbeta, wantBeta, boundC)
		tensor.BatchNormGradInput(dx, dy, x, gamma, m, epsilon, dgamma, dbeta)
		checkWithin(t, "dx", widen(dx), wantDX, boundDX)

		tensor.BatchNormGradInput(dy, dy, x, gamma, m, epsilon, dgamma, dbeta)
		checkEqual(t, "dx in place", dy, dx)
		tensor.BatchNorm(x, x, gamma, beta, m, epsilon)
		checkEqual(t, "y in place", x, y)
	}
}
