package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

func newTestStudent() *student {
	s := newStudent(rand.New(rand.NewPCG(1, 0)), []int{4, 5, 6, 7, 8}, tensor.PadReflect, studentInput(vgg.CaffeInput()))
	s.scales = []float32{100, 0.5, 7}
	for _, c := range s.convs {
		for i := range c.Bias.Data() {
			c.Bias.Data()[i] = 0.1 * float32(i%3-1)
		}
	}
	return s
}

// TestWeights compares the features of the network for style transfer with what
// the student computes in training, times the scales.
func TestWeights(t *testing.T) {
	s := newTestStudent()
	rng := rand.New(rand.NewPCG(2, 0))
	batch := tensor.New(2, 20, 22, 3)
	for i := range batch.Data() {
		batch.Data()[i] = 255 * rng.Float32()
	}
	tape := autodiff.NewTape()
	net := vgg.New(s.weights(), vgg.MaxPooling)
	features := net.Features(tape.Constant(batch), s.supervised)
	x := s.normalise(tape.Constant(batch))
	for i, block := range s.blocks {
		x = autodiff.ReLU(block.Forward(x, layers.Constants(tape, block)))
		want := x.Value().Clone()
		scale(want.Data(), float64(s.scales[i]))
		got := features[i].Value()
		if d := tensor.SquaredDistance(got, want); d > 1e-10*relativeTo(want) || relativeTo(want) < 1 {
			t.Errorf("%s: squared distance %v of %v", s.supervised[i], d, relativeTo(want))
		}
	}
	other := newStudent(rand.New(rand.NewPCG(9, 0)), []int{4, 5, 6, 7, 8}, tensor.PadReflect, s.input)
	other.scales = s.scales
	if err := other.setWeights(s.weights()); err != nil {
		t.Fatal(err)
	}
	for i, c := range other.convs {
		if d := tensor.SquaredDistance(c.Weight, s.convs[i].Weight); d > 1e-12*relativeTo(c.Weight) {
			t.Errorf("%s came back changed", s.names[i])
		}
	}
}

// TestPivotChannels: of channels that repeat or mix others, those are chosen that the
// rest follows from.
func TestPivotChannels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	x := tensor.New(1, 8, 8, 5)
	for i := 0; i < x.Len(); i += 5 {
		a, b, c := 3*rng.Float32(), 2*rng.Float32(), rng.Float32()
		copy(x.Data()[i:], []float32{0.1 * a, a, b, a*0.5 + b*0.2, c})
	}
	if got := pivotChannels(x, 3); !slices.Equal(got, []int{1, 2, 4}) {
		t.Errorf("chose %v, want [1 2 4]", got)
	}
	if got := selectChannels(x, []int{1, 4}); got.At(0, 3, 4, 0) != x.At(0, 3, 4, 1) || got.At(0, 3, 4, 1) != x.At(0, 3, 4, 4) || got.Dim(3) != 2 {
		t.Error("selectChannels took others")
	}
}
