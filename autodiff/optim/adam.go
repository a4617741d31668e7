package optim

import "math"

// Adam is the method of Kingma & Ba, "Adam: A Method for Stochastic
// Optimization" (ICLR 2015), Algorithm 1, with bias correction:
//
//	m = beta1 m + (1-beta1) g        a running mean of the gradient
//	v = beta2 v + (1-beta2) g^2      and of its square
//	x = x - rate * (m / (1-beta1^t)) / (sqrt(v / (1-beta2^t)) + epsilon)
//
// A step changes no element by much more than the rate, however the gradient
// is scaled. The zero value is ready to use; the defaults are the paper's.
// The fields may be changed between steps, as a schedule of the rate does.
type Adam struct {
	LearningRate float64 // 0 means 0.001
	Beta1        float64 // in [0, 1); 0 means 0.9
	Beta2        float64 // in [0, 1); 0 means 0.999
	Epsilon      float64 // 0 means 1e-8

	steps int
	m, v  [][]float32
	loop  stepLoop
}

// Step changes every element of params[i] by one step, given its gradient in
// grads[i]. The first call fixes the number and lengths of the slices; it
// panics if they are others later, or if params and grads disagree.
func (a *Adam) Step(params, grads [][]float32) {
	checkStep("Adam", params, grads)
	if a.m == nil {
		a.m, a.v = zerosLike(params), zerosLike(params)
	}
	checkState("Adam", params, a.m)
	a.steps++
	beta1, beta2 := orDefault(a.Beta1, 0.9), orDefault(a.Beta2, 0.999)
	epsilon := orDefault(a.Epsilon, 1e-8)
	rate := orDefault(a.LearningRate, 0.001) / (1 - math.Pow(beta1, float64(a.steps)))
	correction := 1 / (1 - math.Pow(beta2, float64(a.steps)))
	for i, x := range params {
		m, v := a.m[i], a.v[i]
		for j, g32 := range grads[i] {
			g := float64(g32)
			mj := beta1*float64(m[j]) + (1-beta1)*g
			vj := beta2*float64(v[j]) + (1-beta2)*g*g
			m[j], v[j] = float32(mj), float32(vj)
			x[j] -= float32(rate * mj / (math.Sqrt(vj*correction) + epsilon))
		}
	}
}

func (a *Adam) start() {
	a.steps, a.m, a.v, a.loop = 0, nil, nil, stepLoop{}
}

func (a *Adam) iterate(r *run) Status { return a.loop.iterate(r, a) }
