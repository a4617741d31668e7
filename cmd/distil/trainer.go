package main

import (
	"fmt"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

// clip bounds the norm of the gradient of all parameters together: a batch that
// is unlike any other must not throw the student off course.
const clip = 1

// trainer brings a student closer to its teacher, a batch at a time.
type trainer struct {
	student *student
	net     layers.Sequential // the student's blocks in one
	teacher *teacher
	adam    optim.Adam
	tape    *autodiff.Tape
}

func newTrainer(s *student, t *teacher) *trainer {
	return &trainer{student: s, net: s.net(), teacher: t, tape: autodiff.NewTape()}
}

// step makes one step at the given rate. It returns the losses of the supervised
// layers on the batch before the step.
//
// While the blocks are trained apart, each is given what the teacher has in its
// place, and so all learn at once, none from what another does not know yet.
// Jointly, each is given what the one before makes of the picture, as later in
// use, and learns to make up for its faults.
func (t *trainer) step(batch *tensor.Tensor, rate float64, joint bool) ([]float64, error) {
	vars := layers.Leaves(t.tape, t.net)
	losses, terms := t.losses(batch, vars, joint)
	t.tape.Backward(terms...)
	values, gradients := vars.ValuesAndGradients(t.net)
	norm := optim.ClipNorm(gradients, clip)
	if norm-norm != 0 {
		return nil, fmt.Errorf("the gradient of step %d is no longer finite; a lower rate may help", t.adam.State().Steps+1)
	}
	t.adam.LearningRate = rate
	t.adam.Step(values, gradients)
	t.tape.Reset()
	return losses, nil
}

// losses returns the loss of every supervised layer on a batch, its squared
// distance from the teacher's relative to that one's squared norm, and the terms
// on the tape that add up to the sum of these. The distance is the censored one:
// no filter of the student can die.
func (t *trainer) losses(batch *tensor.Tensor, vars layers.Vars, joint bool) ([]float64, []autodiff.Term) {
	targets := t.teacher.targets(batch, t.student.scales)
	losses := make([]float64, len(targets))
	terms := make([]autodiff.Term, len(targets))
	x := t.student.normalise(t.tape.Constant(batch))
	for i, block := range t.student.blocks {
		y := block.Forward(x, vars)
		distance := autodiff.CensoredSquaredDistance(y, targets[i])
		norm := relativeTo(targets[i])
		losses[i] = distance.Scalar() / norm
		terms[i] = autodiff.Term{Of: distance, Weight: 1 / norm}
		if joint {
			x = autodiff.ReLU(y)
		} else {
			x = t.tape.Constant(targets[i])
		}
	}
	return losses, terms
}

// relativeTo returns what the distance from a target is divided by: its squared
// norm, or a small number for one of zeros.
func relativeTo(target *tensor.Tensor) float64 {
	return max(tensor.SquaredNorm(target), 1e-6*float64(target.Len()))
}

// evaluate returns the relative squared error of every supervised layer,
//
//	sum (student - teacher)^2 / sum teacher^2,
//
// of the student as a whole on batches that it does not learn from: the mean
// over the batches.
func (t *trainer) evaluate(batches []*tensor.Tensor) []float64 {
	mean := make([]float64, len(t.student.supervised))
	for _, batch := range batches {
		targets := t.teacher.targets(batch, t.student.scales)
		x := t.student.normalise(t.tape.Constant(batch))
		for i, block := range t.student.blocks {
			x = autodiff.ReLU(block.Forward(x, layers.Constants(t.tape, block)))
			mean[i] += tensor.SquaredDistance(x.Value(), targets[i]) / relativeTo(targets[i]) / float64(len(batches))
		}
		t.tape.Reset()
	}
	return mean
}
