package optim

import (
	"math"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Adam is the method of Kingma & Ba, "Adam: A Method for Stochastic
// Optimization" (ICLR 2015), Algorithm 1, with bias correction:
//
//	m = beta1 m + (1-beta1) g        a running mean of the gradient
//	v = beta2 v + (1-beta2) g^2      and of its square
//	x = x - rate * (m / (1-beta1^t)) / (sqrt(v / (1-beta2^t)) + epsilon)
//
// A step changes no element by much more than the rate, however the gradient
// is scaled. With a WeightDecay it is AdamW: before each step
//
//	x = x - rate * decay * x
//
// which, unlike a penalty |x|^2 in the objective, is not divided by sqrt(v)
// (I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR
// 2019, Algorithm 2, where rate*decay is called eta*lambda).
//
// The zero value is ready to use; the defaults are the first paper's. The
// fields may be changed between steps, as a schedule of the rate does.
type Adam struct {
	LearningRate float64 // 0 means 0.001
	Beta1        float64 // in [0, 1); 0 means 0.9
	Beta2        float64 // in [0, 1); 0 means 0.999
	Epsilon      float64 // 0 means 1e-8
	WeightDecay  float64 // >= 0, per step and unit of the rate; 0 means none

	steps  int
	m, v   [][]float32
	pieces []piece
	loop   stepLoop
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
	if a.pieces == nil {
		a.pieces = split(params)
	}
	a.steps++
	step := a.coefficients()
	if len(a.pieces) == 1 { // without the allocation of a closure, as in vector.go
		i := a.pieces[0].param
		step.apply(params[i], grads[i], a.m[i], a.v[i])
		return
	}
	parallel.For(len(a.pieces), func(k int) {
		p := a.pieces[k]
		i, lo, hi := p.param, p.lo, p.hi
		step.apply(params[i][lo:hi], grads[i][lo:hi], a.m[i][lo:hi], a.v[i][lo:hi])
	})
}

// adamStep is what the elements of one step have in common. Once computed, in
// float64, it is rounded to the float32 of the elements. The corrections are
// drawn out of the quotient and the root:
//
//	x - decay x - rate m / (sqrt(v) + epsilon)
//
// with rate and epsilon multiplied by sqrt(1-beta2^t), the rate also divided
// by 1-beta1^t.
type adamStep struct {
	beta1, rest1, beta2, rest2 float32 // rest is 1-beta
	rate, epsilon, decay       float32
}

func (a *Adam) coefficients() adamStep {
	beta1, beta2 := orDefault(a.Beta1, 0.9), orDefault(a.Beta2, 0.999)
	rate, epsilon := orDefault(a.LearningRate, 0.001), orDefault(a.Epsilon, 1e-8)
	correction1 := 1 - math.Pow(beta1, float64(a.steps))
	correction2 := math.Sqrt(1 - math.Pow(beta2, float64(a.steps)))
	return adamStep{
		float32(beta1), float32(1 - beta1), float32(beta2), float32(1 - beta2),
		float32(rate * correction2 / correction1),
		// Where m and v are 0, the quotient must be 0 and not NaN.
		max(float32(epsilon*correction2), math.SmallestNonzeroFloat32),
		float32(rate * a.WeightDecay),
	}
}

func (s adamStep) apply(x, grad, m, v []float32) {
	grad, m, v = grad[:len(x)], m[:len(x)], v[:len(x)] // spares the loop its checks
	for j, g := range grad {
		mj := s.beta1*m[j] + s.rest1*g
		vj := s.beta2*v[j] + s.rest2*g*g
		m[j], v[j] = mj, vj
		root := float32(math.Sqrt(float64(vj))) // one instruction for float32
		x[j] -= s.decay*x[j] + s.rate*mj/(root+s.epsilon)
	}
}

func (a *Adam) start(int) {
	a.steps, a.m, a.v, a.pieces, a.loop = 0, nil, nil, nil, stepLoop{}
}

func (a *Adam) iterate(r *run) Status { return a.loop.iterate(r, a) }
