package main

import (
	"fmt"
	"math"
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

// teacher gives the activations that the student is to reproduce.
type teacher struct {
	net      *vgg.Network
	tape     *autodiff.Tape
	layers   []string
	channels [][]int // of each layer, those that the student has; nil for all
}

// newTeacher returns a teacher for the student's supervised layers. Where the
// student is narrower than the teacher, it reproduces those of the teacher's
// channels that say most about the others, on a batch of pictures. The
// student's scales become the root mean square of the layers on that batch.
func newTeacher(w *vgg.Weights, s *student, batch *tensor.Tensor) (*teacher, error) {
	t := &teacher{net: vgg.New(w, vgg.MaxPooling), tape: autodiff.NewTape(), layers: s.supervised}
	if err := t.net.Check(t.layers, batch.Dim(1), batch.Dim(2)); err != nil {
		return nil, err
	}
	t.channels = make([][]int, len(t.layers))
	var err error
	layer := 0
	t.net.Visit(t.tape.Constant(batch), t.layers, func(name string, a *autodiff.Var) {
		width, has := s.convs[slices.Index(s.names, name)].Bias.Len(), a.Value().Dim(3)
		switch {
		case width > has && err == nil:
			err = fmt.Errorf("%s has %d channels, fewer than the %d of --widths", name, has, width)
		case width < has:
			t.channels[layer] = telling(a.Value(), width)
		}
		layer++
	})
	t.tape.Reset()
	if err != nil {
		return nil, err
	}
	for i, target := range t.targets(batch, s.scales) {
		s.scales[i] = float32(math.Sqrt(relativeTo(target) / float64(target.Len())))
	}
	return t, nil
}

// targets returns the activations (N,H/s,W/s,C) of a batch (N,H,W,3) at each
// supervised layer, the student's channels only, divided by its scales.
func (t *teacher) targets(batch *tensor.Tensor, scales []float32) []*tensor.Tensor {
	targets := make([]*tensor.Tensor, 0, len(t.layers))
	t.net.Visit(t.tape.Constant(batch), t.layers, func(_ string, a *autodiff.Var) {
		target := selectChannels(a.Value(), t.channels[len(targets)])
		scale(target.Data(), 1/float64(scales[len(targets)]))
		targets = append(targets, target)
	})
	t.tape.Reset()
	return targets
}

// selectChannels returns a copy of the given channels of x (N,H,W,C), nil for
// all.
func selectChannels(x *tensor.Tensor, channels []int) *tensor.Tensor {
	if channels == nil {
		return x.Clone()
	}
	y := tensor.New(x.Dim(0), x.Dim(1), x.Dim(2), len(channels))
	in, out := x.Data(), y.Data()
	for c := x.Dim(3); len(in) > 0; in, out = in[c:], out[len(channels):] {
		for i, from := range channels {
			out[i] = in[from]
		}
	}
	return y
}

// telling returns n channels of x (N,H,W,C), in ascending order, that say most
// about all of them: each is the one with the largest part that is not a linear
// combination of those before. This is Cholesky's factorisation of the Gram
// matrix with pivoting (Golub and Van Loan, Matrix Computations, 4th edition,
// section 4.2.8).
func telling(x *tensor.Tensor, n int) []int {
	c := x.Dim(3)
	rest := gramMatrix(x)
	var chosen []int
	for range n {
		best := -1
		for i := range c {
			if !slices.Contains(chosen, i) && (best < 0 || rest[i*c+i] > rest[best*c+best]) {
				best = i
			}
		}
		chosen = append(chosen, best)
		pivot := rest[best*c+best]
		if pivot <= 0 {
			continue // all that is left is explained
		}
		row := slices.Clone(rest[best*c:][:c])
		for i := range c {
			for j := range c {
				rest[i*c+j] -= row[i] * row[j] / pivot
			}
		}
	}
	slices.Sort(chosen)
	return chosen
}

// gramMatrix returns the products of every pair of channels of x (N,H,W,C),
// summed over all positions, C x C.
func gramMatrix(x *tensor.Tensor) []float64 {
	c := x.Dim(3)
	a := tensor.FromSlice(x.Data(), x.Len()/c, c)
	product := tensor.New(c, c)
	tensor.MatMul(product, a, a, true, false, false)
	g := make([]float64, c*c)
	for i, v := range product.Data() {
		g[i] = float64(v)
	}
	return g
}
