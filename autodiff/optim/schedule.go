package optim

import (
	"fmt"
	"math"
)

// Cosine is a schedule of the learning rate: a linear warm-up, then half a
// period of a cosine (I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient
// Descent with Warm Restarts", ICLR 2017, equation 5, without a restart). A
// loop of training sets the rate before each step:
//
//	for step := range schedule.Steps {
//		adam.LearningRate = schedule.Rate(step)
//		...
//		adam.Step(params, grads)
//	}
type Cosine struct {
	Peak   float64 // the highest rate, > 0
	Final  float64 // the rate from step Steps on, >= 0
	Warmup int     // steps of the warm-up, >= 0
	Steps  int     // where the cosine ends, warm-up included; >= Warmup
}

// Rate returns the rate of a step, counted from 0. With s = step, W = Warmup
// and N = Steps it is
//
//	Peak (s+1)/W                                                for s < W
//	Final + (Peak-Final) (1 + cos(pi (s-W)/(N-W))) / 2          for W <= s < N
//	Final                                                       for s >= N
//
// so that N steps never take a rate of 0, even where Final is 0. Beyond them
// one had better stop in that case: to Adam and SGD, a rate of 0 means their
// default. Rate panics if a field is out of its range or not finite, or if step
// is negative.
func (c Cosine) Rate(step int) float64 {
	if !(c.Peak > 0 && finite(c.Peak) && c.Final >= 0 && finite(c.Final)) {
		panic(fmt.Sprintf("optim: Cosine: Peak %g and Final %g: wants finite rates, Peak > 0 and Final >= 0", c.Peak, c.Final))
	}
	if c.Warmup < 0 || c.Steps < c.Warmup || step < 0 {
		panic(fmt.Sprintf("optim: Cosine: step %d with Warmup %d and Steps %d: wants step >= 0 and Steps >= Warmup >= 0", step, c.Warmup, c.Steps))
	}
	switch {
	case step < c.Warmup:
		return c.Peak * float64(step+1) / float64(c.Warmup)
	case step < c.Steps:
		progress := float64(step-c.Warmup) / float64(c.Steps-c.Warmup)
		return c.Final + (c.Peak-c.Final)*(1+math.Cos(math.Pi*progress))/2
	}
	return c.Final
}
