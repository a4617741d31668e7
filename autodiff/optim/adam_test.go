package optim_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// TestAdamOnManySlices compares slices of several blocks, and of next to
// nothing, with the formulas in float64.
func TestAdamOnManySlices(t *testing.T) {
	lengths := []int{70_000, 3, 0, 32_768, 32_769}
	params := waves(lengths, 0)
	var want, m, v [][]float64
	for _, p := range params {
		x := make([]float64, len(p))
		for j, value := range p {
			x[j] = float64(value)
		}
		want, m, v = append(want, x), append(m, make([]float64, len(p))), append(v, make([]float64, len(p)))
	}
	const rate, decay, beta1, beta2, epsilon = 0.01, 0.3, 0.9, 0.999, 1e-8
	adam := &optim.Adam{LearningRate: rate, WeightDecay: decay}
	for step := 1; step <= 4; step++ {
		grads := waves(lengths, step)
		adam.Step(params, grads)
		for i, x := range want {
			for j := range x {
				g := float64(grads[i][j])
				m[i][j] = beta1*m[i][j] + (1-beta1)*g
				v[i][j] = beta2*v[i][j] + (1-beta2)*g*g
				mean, square := m[i][j]/(1-math.Pow(beta1, float64(step))), v[i][j]/(1-math.Pow(beta2, float64(step)))
				x[j] = x[j]*(1-rate*decay) - rate*mean/(math.Sqrt(square)+epsilon)
			}
		}
	}
	for i, x := range want {
		for j := range x {
			if !(math.Abs(float64(params[i][j])-x[j]) <= 1e-6) {
				t.Fatalf("parameter %d element %d is %v, wants %v", i, j, params[i][j], x[j])
			}
		}
	}
}

// TestAdamTinyEpsilon: an element whose gradients have all been 0 stays where
// it is even if epsilon is no float32.
func TestAdamTinyEpsilon(t *testing.T) {
	x, adam := [][]float32{{1, 2}}, &optim.Adam{Epsilon: 1e-60}
	adam.Step(x, [][]float32{{0, 3}})
	if x[0][0] != 1 || !(math.Abs(float64(x[0][1])-1.999) <= 1e-6) {
		t.Errorf("moves to %v, wants [1 1.999]", x[0])
	}
}
