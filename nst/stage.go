package nst

import (
	"context"
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
)

// stage is the painting at one scale of a pyramid.
type stage struct {
	pyramid   *pyramid
	objective *Objective
	picture   *tensor.Tensor // the accepted one
	parts     *parts         // the order in which the optimiser sees it; nil for that of the picture
	average   *average       // nil for none
	iteration int
	last      Cost   // of the latest evaluation
	tried     []Cost // of all evaluations since the picture was accepted
}

// paint minimises the objective and returns the picture in the size of its
// scale, and with it the progress of the whole pyramid.
func (s *stage) paint(ctx context.Context) (*Result, error) {
	p := s.pyramid
	if p.opt.Optimizer == Adam && p.opt.AverageDecay > 0 {
		s.average = newAverage(s.picture, p.opt.AverageDecay)
	}
	method, x := p.opt.method(), s.picture.Data()
	if lbfgs, ok := method.(*optim.LBFGS); ok {
		if s.parts = newParts(s.objective.regions, s.picture.Dim(1), s.picture.Dim(2)); s.parts != nil {
			lbfgs.Parts = s.parts.lengths
			x = make([]float32, len(x))
			s.parts.gather(x, s.picture)
		}
	}
	var accepted Cost
	end, err := optim.Minimize(ctx, s.evaluate, x, optim.Options{
		Method:        method,
		MaxIterations: p.scales[p.at].iterations,
		OnEvaluation: func(evaluations int, value float64) {
			if p.opt.OnEvaluation != nil {
				p.opt.OnEvaluation(p.progress(s.iteration, evaluations, s.last))
			}
		},
		OnIteration: func(at optim.Result) {
			s.iteration = at.Iterations
			accepted = s.costOf(at.Value)
			s.tried = s.tried[:0]
			if s.parts != nil {
				s.parts.scatter(s.picture, x)
			}
			if s.average != nil {
				s.average.add(s.picture)
			}
			if p.opt.OnIteration != nil {
				p.opt.OnIteration(p.progress(at.Iterations, at.Evaluations, accepted), s.shown())
			}
		},
	})
	if s.parts != nil {
		s.parts.scatter(s.picture, x)
	}
	if end.Evaluations > 0 && (end.Iterations == 0 || end.Value != accepted.Total) { // a line search was cut short
		accepted = s.costOf(end.Value)
	}
	picture := s.shown()
	if s.average != nil && end.Iterations > 0 {
		accepted = s.objective.Evaluate(picture, nil)
	}
	if err != nil {
		err = fmt.Errorf("the cost is no longer a finite number: %w", err)
	}
	return &Result{
		Progress: p.progress(end.Iterations, end.Evaluations, accepted),
		Picture:  picture,
		Status:   end.Status,
	}, err
}

// shown returns the picture that a person is to see: the average if there is one.
func (s *stage) shown() *tensor.Tensor {
	if s.average != nil {
		return s.average.picture()
	}
	return s.picture
}

// evaluate is the objective as the optimiser wants it, on flat slices.
func (s *stage) evaluate(x, grad []float32) float64 {
	if p := s.parts; p != nil {
		p.scatter(p.picture, x)
		s.last = s.objective.Evaluate(p.picture, p.grad)
		p.gather(grad, p.grad)
	} else {
		shape := s.picture.Shape()
		s.last = s.objective.Evaluate(tensor.FromSlice(x, shape...), tensor.FromSlice(grad, shape...))
	}
	s.tried = append(s.tried, s.last)
	return s.last.Total
}

// costOf returns the terms of the accepted cost: a line search may end at
// another point than the one it tried last.
func (s *stage) costOf(total float64) Cost {
	for _, c := range s.tried {
		if c.Total == total {
			return c
		}
	}
	return s.last
}
