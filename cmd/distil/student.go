package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// styleTransfer are the layers that style transfer compares pictures at: the
// ones that the student is to reproduce.
var styleTransfer = []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv4_2", "conv5_1"}

// student is the network in training. Its convolutions form blocks, each from
// one supervised layer to the next. A block ends before the ReLU of its last
// layer: the loss says what that should be, see autodiff.CensoredSquaredDistance.
//
// The teacher's activations have any scale, some of them of hundreds. The
// student learns them divided by the root mean square of their layer, so that
// every layer has values, gradients and useful rates of one size; a scale moves
// through a ReLU unchanged, which lets weights take it back in the end.
type student struct {
	names      []string // of the convolutions
	convs      []*layers.Conv2D
	blocks     []layers.Sequential
	supervised []string  // the last layer of each block
	scales     []float32 // what each of these is divided by
	padding    tensor.PadMode
	input      vgg.Input
}

// newStudent returns a student of the given widths, with weights by He, and for
// scales 1.
func newStudent(rng *rand.Rand, widths []int, padding tensor.PadMode, input vgg.Input) *student {
	s := &student{padding: padding, input: input}
	s.names = vgg.LayerNames()[:len(widths)]
	var block layers.Sequential
	in := 3
	for i, width := range widths {
		name := s.names[i]
		conv := layers.NewConv2D(rng, width, 3, 3, in, tensor.Conv{Padding: tensor.PadAll(1, padding)})
		in = width
		s.convs = append(s.convs, conv)
		block = append(block, layers.Named{Name: name, Layer: conv})
		if slices.Contains(styleTransfer, name) || i == len(widths)-1 {
			s.supervised = append(s.supervised, name)
			s.scales = append(s.scales, 1)
			s.blocks = append(s.blocks, block)
			block = nil
		} else {
			conv.ReLU = true
			conv.MaxPool = vgg.EndsBlock(name)
		}
	}
	return s
}

// net returns all blocks as one network.
func (s *student) net() layers.Sequential {
	var net layers.Sequential
	for _, block := range s.blocks {
		net = append(net, block...)
	}
	return net
}

// normalise brings pictures (N,H,W,3) of RGB values 0..255 to what the first
// block wants.
func (s *student) normalise(x *autodiff.Var) *autodiff.Var {
	return autodiff.Normalize(x, s.input.Mean[:], s.input.Std[:])
}

// weights returns the student as weights for style transfer, with the
// activations of the teacher's scale. They share no memory with the student.
func (s *student) weights() *vgg.Weights {
	w := &vgg.Weights{Padding: s.padding, Input: s.input}
	in, block := 1.0, 0
	for i, conv := range s.convs {
		out := 1.0
		if s.names[i] == s.supervised[block] {
			out = float64(s.scales[block])
			block++
		}
		c := vgg.Conv{Name: s.names[i], Weight: conv.Weight.Clone(), Bias: conv.Bias.Clone()}
		scale(c.Weight.Data(), out/in)
		scale(c.Bias.Data(), out)
		w.Convs = append(w.Convs, c)
		in = out
	}
	return w
}

// setWeights is the inverse of weights: it gives the student the weights of a
// network of the same shape, or returns an error that says what differs.
func (s *student) setWeights(w *vgg.Weights) error {
	if !slices.Equal(w.Layers(), s.names) {
		return fmt.Errorf("has the layers %s, but the student %s", strings.Join(w.Layers(), ", "), strings.Join(s.names, ", "))
	}
	if w.Padding != s.padding || w.Input != s.input {
		return fmt.Errorf("pads by %v and takes %v, but the student pads by %v and takes %v", w.Padding, w.Input, s.padding, s.input)
	}
	in, block := 1.0, 0
	for i, conv := range s.convs {
		c := w.Convs[i]
		if !tensor.SameShape(c.Weight, conv.Weight) {
			return fmt.Errorf("%s has weights of shape %v, but the student %v", c.Name, c.Weight.Shape(), conv.Weight.Shape())
		}
		out := 1.0
		if s.names[i] == s.supervised[block] {
			out = float64(s.scales[block])
			block++
		}
		conv.Weight.CopyFrom(c.Weight)
		conv.Bias.CopyFrom(c.Bias)
		scale(conv.Weight.Data(), in/out)
		scale(conv.Bias.Data(), 1/out)
		in = out
	}
	return nil
}

func scale(x []float32, by float64) {
	for i, v := range x {
		x[i] = float32(float64(v) * by)
	}
}

// studentInput is how the student takes pictures: the mean colour of the
// teacher, so that a padding of zeros is the same colour for both, and a
// deviation of 64 grey levels.
func studentInput(teacher vgg.Input) vgg.Input {
	in := vgg.Input{Channels: "RGB", Scale: 255, Std: [3]float32{64, 64, 64}}
	for c := range 3 {
		from := c
		if teacher.Channels == "BGR" {
			from = 2 - c
		}
		in.Mean[c] = teacher.Mean[from] * 255 / teacher.Scale
	}
	return in
}
