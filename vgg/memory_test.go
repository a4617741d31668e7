package vgg

import (
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// evaluation is an objective like that of style transfer: distances of Gram
// matrices at five layers and of activations at one.
type evaluation struct {
	net     *Network
	tape    *autodiff.Tape
	layers  []string
	x       *tensor.Tensor
	targets map[string]*tensor.Tensor
	terms   []autodiff.Term
}

func newEvaluation(height, width int) *evaluation {
	e := &evaluation{
		net:  New(Random(16, 1), MaxPooling),
		tape: autodiff.NewTape(), layers: []string{"conv4_2", "conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"},
		x: tensor.New(1, height, width, 3), targets: map[string]*tensor.Tensor{},
	}
	for i := range e.x.Data() {
		e.x.Data()[i] = float32(i * 37 % 256)
	}
	e.net.Visit(e.tape.Constant(tensor.Full(100, 1, height, width, 3)), e.layers, func(name string, a *autodiff.Var) {
		if name != "conv4_2" {
			a = autodiff.Gram(a)
		}
		e.targets[name] = a.Value().Clone()
	})
	return e
}

// run returns the gradient, which is valid until the next run.
func (e *evaluation) run() *tensor.Tensor {
	e.tape.Reset()
	x := e.tape.Leaf(e.x)
	e.terms = e.terms[:0]
	e.net.Visit(x, e.layers, func(name string, a *autodiff.Var) {
		if name != "conv4_2" {
			a = autodiff.Gram(a)
		}
		distance := autodiff.SquaredDistance(a, e.tape.Constant(e.targets[name]))
		e.terms = append(e.terms, autodiff.Term{Of: distance, Weight: 1})
	})
	e.tape.Backward(e.terms...)
	return x.Grad()
}

func BenchmarkEvaluation(b *testing.B) {
	e := newEvaluation(64, 64)
	e.run()
	b.ReportAllocs()
	for b.Loop() {
		e.run()
	}
}

// TestVisit: Visit gives what Features gives, in the order of the layers, and
// gradients do not depend on which of them is used.
func TestVisit(t *testing.T) {
	e := newEvaluation(37, 50)
	got := e.run().Clone()
	tape := autodiff.NewTape()
	x := tape.Leaf(e.x)
	var terms []autodiff.Term
	features := e.net.Features(x, e.layers)
	for i, name := range e.layers {
		a := features[i]
		if name != "conv4_2" {
			a = autodiff.Gram(a)
		}
		terms = append(terms, autodiff.Term{Of: autodiff.SquaredDistance(a, tape.Constant(e.targets[name])), Weight: 1})
	}
	tape.Backward(terms...)
	want := x.Grad()
	if d, norm := tensor.SquaredDistance(got, want), tensor.SquaredNorm(want); !(d <= 1e-10*norm) {
		t.Errorf("the gradients differ by %v, squared, where theirs is %v", d, norm)
	}
}
