package main

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// A pair is a content and a style picture, painted with teacher and student.
type pair struct {
	content, style, teacher, student *tensor.Tensor
	// The style cost that is left of the content picture's, as the teacher
	// values it: the geometric mean over the style layers.
	teacherLeft, studentLeft float64
}

// pairBeta is the weight of the style in these paintings.
const pairBeta = 40

// paintPairs paints pictures that were held out.
func (t *training) paintPairs(student *vgg.Weights) ([]pair, error) {
	const pairs = 3
	rng := rand.New(rand.NewPCG(2, 0))
	c := costs(student.Layers(), pairBeta)
	size := 3 * t.flags.Crop
	var done []pair
	for range pairs {
		crop := func() *tensor.Tensor {
			return tensor.FromSlice(t.test.crop(rng, size), 1, size, size, 3)
		}
		p := pair{content: crop(), style: crop()}
		styles := []nst.Style{{Picture: p.style}}
		judge, err := nst.NewObjective(t.trainer.teacher.net, p.content, styles, c)
		if err != nil {
			return nil, err
		}
		paint := func(net *vgg.Network) (painted *tensor.Tensor, left float64, err error) {
			result, err := nst.Transfer(context.Background(), net, p.content, styles, nst.Options{Costs: c, Iterations: t.flags.Report, Scales: 1})
			if err != nil {
				return nil, 0, err
			}
			before, after := judge.Evaluate(p.content, nil), judge.Evaluate(result.Picture, nil)
			for i, l := range after.Layers {
				left += math.Log(l.Value/before.Layers[i].Value) / float64(len(after.Layers))
			}
			return result.Picture, math.Exp(left), nil
		}
		if p.teacher, p.teacherLeft, err = paint(t.trainer.teacher.net); err != nil {
			return nil, err
		}
		if p.student, p.studentLeft, err = paint(vgg.New(student, vgg.MaxPooling)); err != nil {
			return nil, err
		}
		done = append(done, p)
	}
	return done, nil
}

// sheet lays the pictures of the pairs out in rows.
func sheet(pairs []pair) *tensor.Tensor {
	const gap = 8
	size := pairs[0].content.Dim(1)
	s := tensor.Full(255, 1, len(pairs)*(size+gap)-gap, 4*(size+gap)-gap, 3)
	for i, p := range pairs {
		for k, tile := range []*tensor.Tensor{p.content, p.style, p.teacher, p.student} {
			for y := range size {
				to := ((i*(size+gap)+y)*s.Dim(2) + k*(size+gap)) * 3
				copy(s.Data()[to:], tile.Data()[y*size*3:][:size*3])
			}
		}
	}
	return s
}
