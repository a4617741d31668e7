package optim

import (
	"context"
	"fmt"
	"math"
)

// Func returns the value of the objective at x and writes its gradient there
// into grad, which has the length of x and undefined contents. It must neither
// change x nor keep either slice: they are buffers that the caller uses again.
type Func func(x, grad []float32) float64

// Method decides how to get from one point to the next. It is one of *LBFGS,
// *Adam and *SGD. A Method belongs to one run at a time.
type Method interface {
	// start forgets everything about earlier runs, before one with n variables. It
	// panics if an option is out of its range.
	start(n int)
	// iterate moves r to its next point: one iteration. It returns Running,
	// or why no further one is possible, leaving r at its last good point.
	iterate(r *run) Status
}

// Options says how Minimize works. The zero value is ready to use.
type Options struct {
	// Method is the algorithm; nil means &LBFGS{}.
	Method Method
	// MaxIterations ends the run after so many iterations; 0 means 1000.
	MaxIterations int
	// MaxEvaluations ends the run after so many calls of the objective, the
	// one at the starting point included; 0 means no limit of their own.
	MaxEvaluations int
	// GradientTolerance ends the run where no component of the gradient is
	// larger in magnitude. It is absolute, in units of the objective per unit
	// of x. With 0, the default, only a gradient of zero ends the run.
	GradientTolerance float64
	// OnEvaluation, if not nil, is called after every evaluation with their
	// number so far, from 1, and the value, which may be NaN or infinite and
	// may belong to a trial point that is not going to be accepted.
	OnEvaluation func(evaluations int, value float64)
	// OnIteration, if not nil, is called after every iteration. At that time
	// the slice that was given to Minimize holds the accepted point.
	OnIteration func(Result)
}

// Status says where a run stands.
type Status int

const (
	Running          Status = iota // only seen by OnIteration
	Converged                      // the gradient is within the tolerance
	MaxIterations                  // Options.MaxIterations were made
	MaxEvaluations                 // Options.MaxEvaluations were made
	LineSearchFailed               // no lower value along the steepest descent: usually the precision of float32 is exhausted
	Cancelled                      // the context ended
	NotFinite                      // the value or the gradient became NaN or infinite; comes with an error
)

// String returns the status in words.
func (s Status) String() string {
	switch s {
	case Running:
		return "running"
	case Converged:
		return "converged"
	case MaxIterations:
		return "maximum of iterations reached"
	case MaxEvaluations:
		return "maximum of evaluations reached"
	case LineSearchFailed:
		return "line search failed"
	case Cancelled:
		return "cancelled"
	case NotFinite:
		return "not finite"
	}
	return fmt.Sprintf("Status(%d)", int(s))
}

// Result describes the point a run has reached.
type Result struct {
	Status      Status
	Iterations  int // completed
	Evaluations int // calls of the objective
	// Accepted is the number of the evaluation at x, from 1, as OnEvaluation
	// counts. It is less than Evaluations where trial points after it were
	// refused, and 0 if no point was accepted, not even the start.
	Accepted int
	Value    float64 // of the objective at x; NaN if Accepted is 0
	// GradientNorm is the largest magnitude of a component of the gradient
	// at x; NaN if Accepted is 0.
	GradientNorm float64
}

// Minimize starts at x and looks for a point where f is smaller. On return x
// holds the accepted point with the value Result.Value, never a trial point.
// LBFGS accepts only lower values than the one before; Adam and SGD accept
// every step.
//
// When ctx ends, the run stops with the status Cancelled and no error. An
// evaluation during which that happens is ignored, so f may watch ctx as well
// and return early, with any value.
//
// A value or gradient that is NaN or infinite and cannot be avoided by a
// shorter step ends the run with the status NotFinite and an error; x is the
// last point that was in order, or unchanged.
func Minimize(ctx context.Context, f Func, x []float32, o Options) (Result, error) {
	if o.MaxIterations < 0 || o.MaxEvaluations < 0 || o.GradientTolerance < 0 {
		panic(fmt.Sprintf("optim: Minimize: negative option: MaxIterations %d, MaxEvaluations %d, GradientTolerance %g",
			o.MaxIterations, o.MaxEvaluations, o.GradientTolerance))
	}
	if o.Method == nil {
		o.Method = &LBFGS{}
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = 1000
	}
	o.Method.start(len(x))
	r := &run{ctx: ctx, f: f, options: o, x: x, grad: make([]float32, len(x))}
	r.Value, r.GradientNorm = math.NaN(), math.NaN()
	r.Status = r.minimize()
	if r.Status == NotFinite {
		return r.Result, fmt.Errorf("optim: value %g with largest gradient component %g in evaluation %d: not finite; x is left at the last good point, with value %g",
			r.bad.Value, r.bad.GradientNorm, r.bad.Evaluations, r.Value)
	}
	return r.Result, nil
}

// run is one call of Minimize. The Result in it, x and grad describe the last
// accepted point.
type run struct {
	Result
	ctx     context.Context
	f       Func
	options Options
	x, grad []float32
	bad     Result // the last evaluation that was not finite
}

func (r *run) minimize() Status {
	value, status := r.evaluate(r.x, r.grad)
	if status != Running {
		return status
	}
	if !r.accept(value, r.Evaluations) {
		return NotFinite
	}
	for {
		if r.GradientNorm <= r.options.GradientTolerance {
			return Converged
		}
		if r.Iterations >= r.options.MaxIterations {
			return MaxIterations
		}
		if status := r.options.Method.iterate(r); status != Running {
			return status
		}
		r.Iterations++
		if r.options.OnIteration != nil {
			r.options.OnIteration(r.Result)
		}
	}
}

// evaluate calls the objective at x. The status is Running unless the run has
// to stop; the value and grad mean nothing then.
func (r *run) evaluate(x, grad []float32) (float64, Status) {
	if r.ctx.Err() != nil {
		return 0, Cancelled
	}
	if n := r.options.MaxEvaluations; n > 0 && r.Evaluations >= n {
		return 0, MaxEvaluations
	}
	value := r.f(x, grad)
	if r.ctx.Err() != nil {
		return 0, Cancelled
	}
	r.Evaluations++
	if r.options.OnEvaluation != nil {
		r.options.OnEvaluation(r.Evaluations, value)
	}
	return value, Running
}

// accept makes r.x the accepted point; its value and its gradient, in r.grad, are
// those of the evaluation of the given number. If value or gradient are not
// finite it notes them and returns false.
func (r *run) accept(value float64, evaluation int) bool {
	norm := maxAbs(r.grad)
	if !finite(value) || !finite(norm) {
		r.bad = Result{Evaluations: evaluation, Value: value, GradientNorm: norm}
		return false
	}
	r.Accepted, r.Value, r.GradientNorm = evaluation, value, norm
	return true
}
