package optim

// SGD is gradient descent, stochastic where the gradients come from
// mini-batches, with momentum in the convention of PyTorch and Sutskever et
// al. (2013) without Nesterov's look-ahead:
//
//	v = momentum v + g
//	x = x - rate v
//
// so that a steady gradient moves x by rate/(1-momentum) times itself.
// The fields may be changed between steps.
type SGD struct {
	LearningRate float64 // 0 means 0.01
	Momentum     float64 // in [0, 1); 0 means none

	steps int
	v     [][]float32
	loop  stepLoop
}

// Step changes every element of params[i] by one step, given its gradient in
// grads[i]. The first call fixes the number and lengths of the slices; it
// panics if they are others later, or if params and grads disagree.
func (s *SGD) Step(params, grads [][]float32) {
	checkStep("SGD", params, grads)
	if s.v == nil {
		s.v = zerosLike(params)
	}
	checkState("SGD", params, s.v)
	s.steps++
	rate := orDefault(s.LearningRate, 0.01)
	for i, x := range params {
		v := s.v[i]
		scale(s.Momentum, v)
		axpy(1, grads[i], v)
		axpy(-rate, v, x)
	}
}

func (s *SGD) start(int) {
	s.steps, s.v, s.loop = 0, nil, stepLoop{}
}

func (s *SGD) iterate(r *run) Status { return s.loop.iterate(r, s) }
