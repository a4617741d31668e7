// Package nst paints: it looks for a picture G that shows what a content
// picture C shows, in the manner of a style picture S, by minimising
//
//	J(G) = alpha J_content(C,G) + beta sum_l lambda_l J_style_l(S,G)
//
// over the pixels of G. [Objective] is J and its gradient; [Transfer] minimises
// it. Pictures are tensors (1,H,W,3) of RGB values in 0..255; reading, scaling
// and writing them is left to the caller.
package nst

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Options says how Transfer paints. The zero value means the defaults that its
// fields name.
type Options struct {
	Costs Costs
	// Iterations is the number of steps of the optimiser; 0 means 300.
	Iterations int
	// Optimizer is the method, LBFGS unless set.
	Optimizer Optimizer
	// History is the number of pairs that L-BFGS remembers; 0 means 10. Each
	// takes 24 bytes per pixel.
	History int
	// Start is the picture to start from, of the content's shape; nil means
	// the content itself. It is not changed.
	Start *tensor.Tensor
	// OnEvaluation, if not nil, is called after every evaluation of the cost,
	// which may belong to a trial step that is not taken.
	OnEvaluation func(Progress)
	// OnIteration, if not nil, is called after every iteration with the
	// picture so far, which it must neither change nor keep.
	OnIteration func(p Progress, picture *tensor.Tensor)
}

// Optimizer is a method of optimisation.
type Optimizer int

const (
	LBFGS Optimizer = iota // fewest evaluations
	Adam                   // no line search, less memory; steps of at most about 2 grey levels
)

// adamRate is the learning rate of Adam in grey levels of 0..255: large enough
// to cross the whole range in a hundred steps, small enough not to leave grain.
const adamRate = 2

// Progress says how far a run has come.
type Progress struct {
	Iteration   int // completed
	Iterations  int // wanted
	Evaluations int // of cost and gradient
	Elapsed     time.Duration
	Cost        Cost
}

// Result is what a run ends with.
type Result struct {
	Progress                // its Cost is that of Picture
	Picture  *tensor.Tensor // (1,H,W,3), values around 0..255, not clamped
	Status   optim.Status   // why the run ended
}

// Transfer paints the content picture (1,H,W,3) in the manner of the style
// pictures, which may have other sizes.
//
// When ctx ends, it returns the picture so far with the status
// optim.Cancelled and no error. When the cost stops being a finite number, it
// returns the last good picture together with an error. Otherwise errors are
// those of NewObjective. It panics if Start has another shape than content.
func Transfer(ctx context.Context, net *vgg.Network, content *tensor.Tensor, styles []Style, opt Options) (*Result, error) {
	if opt.Iterations == 0 {
		opt.Iterations = 300
	}
	start := opt.Start
	if start == nil {
		start = content
	}
	if !tensor.SameShape(start, content) {
		panic(fmt.Sprintf("nst: Transfer: start %v has another shape than content %v", start, content))
	}
	if opt.Costs.NormalizeGradients && opt.Optimizer == LBFGS {
		return nil, errNormalizedLBFGS
	}
	objective, err := NewObjective(net, content, styles, opt.Costs)
	if err != nil {
		return nil, err
	}
	r := &run{
		objective: objective,
		opt:       opt,
		picture:   start.Clone(),
		begin:     time.Now(),
	}
	return r.minimize(ctx)
}

// run is one call of Transfer.
type run struct {
	objective *Objective
	opt       Options
	picture   *tensor.Tensor // the accepted one
	iteration int
	begin     time.Time
	last      Cost   // of the latest evaluation
	tried     []Cost // of all evaluations since the picture was accepted
}

func (r *run) minimize(ctx context.Context) (*Result, error) {
	var method optim.Method = &optim.LBFGS{History: r.opt.History}
	if r.opt.Optimizer == Adam {
		method = &optim.Adam{LearningRate: adamRate}
	}
	var accepted Cost
	end, err := optim.Minimize(ctx, r.evaluate, r.picture.Data(), optim.Options{
		Method:        method,
		MaxIterations: r.opt.Iterations,
		OnEvaluation: func(evaluations int, value float64) {
			if r.opt.OnEvaluation != nil {
				r.opt.OnEvaluation(r.progress(r.iteration, evaluations, r.last))
			}
		},
		OnIteration: func(at optim.Result) {
			r.iteration = at.Iterations
			accepted = r.costOf(at.Value)
			r.tried = r.tried[:0]
			if r.opt.OnIteration != nil {
				r.opt.OnIteration(r.progress(at.Iterations, at.Evaluations, accepted), r.picture)
			}
		},
	})
	if end.Iterations == 0 && end.Evaluations > 0 {
		accepted = r.costOf(end.Value)
	}
	if err != nil {
		err = fmt.Errorf("the cost is no longer a finite number: %w", err)
	}
	return &Result{
		Progress: r.progress(end.Iterations, end.Evaluations, accepted),
		Picture:  r.picture,
		Status:   end.Status,
	}, err
}

// evaluate is the objective as the optimiser wants it, on flat slices.
func (r *run) evaluate(x, grad []float32) float64 {
	shape := r.picture.Shape()
	r.last = r.objective.Evaluate(tensor.FromSlice(x, shape...), tensor.FromSlice(grad, shape...))
	r.tried = append(r.tried, r.last)
	return r.last.Total
}

// costOf returns the terms of the accepted cost: a line search may end at
// another point than the one it tried last.
func (r *run) costOf(total float64) Cost {
	for _, c := range r.tried {
		if c.Total == total {
			return c
		}
	}
	return r.last
}

func (r *run) progress(iteration, evaluations int, cost Cost) Progress {
	return Progress{iteration, r.opt.Iterations, evaluations, time.Since(r.begin), cost}
}

// Noise returns a picture (1,height,width,3) of independent random values,
// uniform in 0..255, the same for the same seed: a start that owes nothing to
// the content.
func Noise(height, width int, seed uint64) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 0))
	t := tensor.New(1, height, width, 3)
	for i := range t.Data() {
		t.Data()[i] = 255 * rng.Float32()
	}
	return t
}
