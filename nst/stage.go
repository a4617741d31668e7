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
	picture   *tensor.Tensor // the accepted one, with the margin
	parts     *parts         // the order in which the optimiser sees it; nil for that of the picture
	average   *average       // nil for none
	iteration int
	cost      Cost   // of the picture
	settled   int    // the number of evaluations up to the last iteration
	tried     []Cost // of those since then
}

// minimize lowers the objective and returns the picture in the size of its
// scale, and with it the progress of the whole pyramid.
func (s *stage) minimize(ctx context.Context) (*Result, error) {
	p := s.pyramid
	if p.opt.Optimizer == Adam && p.opt.AverageDecay > 0 {
		s.average = newAverage(s.picture, p.opt.AverageDecay)
	}
	method, x := p.opt.method(), s.picture.Data()
	if lbfgs, ok := method.(*optim.LBFGS); ok {
		if s.parts = newParts(s.objective.sizes[0], s.picture.Dim(1), s.picture.Dim(2)); s.parts != nil {
			lbfgs.Parts = s.parts.lengths
			x = make([]float32, len(x))
			s.parts.gather(x, s.picture)
		}
	}
	end, err := optim.Minimize(ctx, s.evaluate, x, optim.Options{
		Method:        method,
		MaxIterations: p.scales[p.at].iterations,
		OnEvaluation: func(evaluations int, _ float64) {
			if p.opt.OnEvaluation != nil {
				p.opt.OnEvaluation(p.progress(s.iteration, evaluations, s.tried[len(s.tried)-1]))
			}
		},
		OnIteration: func(at optim.Result) {
			s.iteration = at.Iterations
			s.settle(at)
			if s.parts != nil {
				s.parts.scatter(s.picture, x)
			}
			if s.average != nil {
				s.average.add(s.picture)
			}
			if p.opt.OnIteration != nil {
				p.opt.OnIteration(p.progress(at.Iterations, at.Evaluations, s.cost), cutMargin(s.shown(), p.scales[p.at].margin))
			}
		},
	})
	if s.parts != nil {
		s.parts.scatter(s.picture, x)
	}
	s.settle(end)
	picture := s.shown()
	if s.average != nil && end.Iterations > 0 {
		s.cost = s.objective.Evaluate(picture, nil)
	}
	if err != nil {
		err = fmt.Errorf("the cost is no longer a finite number: %w", err)
	}
	return &Result{
		Progress: p.progress(end.Iterations, end.Evaluations, s.cost),
		Picture:  cutMargin(picture, p.scales[p.at].margin),
		Status:   end.Status,
	}, err
}

// shown returns the picture that a person is to see, with the margin: the average if
// there is one.
func (s *stage) shown() *tensor.Tensor {
	if s.average != nil {
		return s.average.picture()
	}
	return s.picture
}

// evaluate is the objective as the optimiser wants it, on flat slices.
func (s *stage) evaluate(x, grad []float32) float64 {
	var cost Cost
	if p := s.parts; p != nil {
		p.scatter(p.picture, x)
		cost = s.objective.Evaluate(p.picture, p.grad)
		p.gather(grad, p.grad)
	} else {
		shape := s.picture.Shape()
		cost = s.objective.Evaluate(tensor.FromSlice(x, shape...), tensor.FromSlice(grad, shape...))
	}
	s.tried = append(s.tried, cost)
	return cost.Total
}

// settle makes the cost of the accepted evaluation that of the picture, and
// forgets the others: those of a single iteration are stored at a time. Evaluation
// 1 is of the start, which is the picture even if its cost is refused because it is
// not finite. If there was no evaluation since the last iteration, or all were
// refused, the cost stays.
func (s *stage) settle(at optim.Result) {
	number := max(at.Accepted, min(1, at.Evaluations))
	if number > s.settled {
		s.cost = s.tried[number-s.settled-1]
	}
	s.settled, s.tried = at.Evaluations, s.tried[:0]
}
