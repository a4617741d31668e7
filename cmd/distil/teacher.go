package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// teacher gives the activations that the student is to reproduce.
type teacher struct {
	net      *vgg.Network
	tape     *autodiff.Tape
	layers   []string
	channels [][]int // of each layer, those that the student has; nil for all
	memory   []*tensor.Tensor
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
			t.channels[layer] = pivotChannels(a.Value(), width)
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
// supervised layer, the student's channels only, divided by its scales. They are
// valid until the next call.
func (t *teacher) targets(batch *tensor.Tensor, scales []float32) []*tensor.Tensor {
	if t.memory == nil {
		t.memory = make([]*tensor.Tensor, len(t.layers))
	}
	i := 0
	t.net.Visit(t.tape.Constant(batch), t.layers, func(_ string, a *autodiff.Var) {
		x := selectChannels(a.Value(), t.channels[i])
		if t.memory[i] == nil || !tensor.SameShape(t.memory[i], x) {
			t.memory[i] = tensor.New(x.Shape()...)
		}
		tensor.Scale(t.memory[i], x, 1/scales[i])
		i++
	})
	t.tape.Reset()
	return t.memory
}

// selectChannels returns the given channels of x (N,H,W,C), or x itself if they
// are nil, for all.
func selectChannels(x *tensor.Tensor, channels []int) *tensor.Tensor {
	if channels == nil {
		return x
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

// pivotChannels returns n channels of x (N,H,W,C), in ascending order, that say most
// about all of them: each is the one with the largest part that is not a linear
// combination of those before. This is Cholesky's factorisation of the Gram
// matrix with pivoting (Golub and Van Loan, Matrix Computations, 4th edition,
// section 4.2.8).
func pivotChannels(x *tensor.Tensor, n int) []int {
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
