package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor/parallel"
	"github.com/brushgrad/brushgrad/vgg"
)

// shelf is what a library takes in bytes: its photographs, and what it takes more to
// decode the largest of them, one on each thread.
type shelf struct{ photographs, decoding int64 }

// measureLibrary reads the headers of all pictures that loadLibrary decodes. What has none
// is left to that.
func measureLibrary(files []pictureFile) (s shelf) {
	photographs, decoding := make([]int64, len(files)), make([]int64, len(files))
	parallel.For(len(files), func(i int) {
		data, err := picture.Read(files[i].path)
		if err != nil {
			return
		}
		h, err := picture.DecodeHeader(data)
		if err != nil || h.Memory(h.Width, h.Height) > int64(picture.DefaultLimit) {
			return
		}
		reduced := min(1, libraryLongest/float64(max(h.Width, h.Height)))
		pixels := float64(h.Width) * float64(h.Height)
		photographs[i] = int64(4 * 4 / 3.0 * pixels * reduced * reduced)
		decoding[i] = h.Memory(h.Width, h.Height) + int64(4*pixels)
	})
	slices.Sort(decoding)
	for _, bytes := range photographs {
		s.photographs += bytes
	}
	for _, bytes := range decoding[max(0, len(decoding)-runtime.GOMAXPROCS(0)):] {
		s.decoding += bytes
	}
	return s
}

// What does not follow from counting values was measured: the room that a tape has too
// much, and what kernels work on, stacks and code take.
const (
	tapeSlack  = 1.25
	fixedBytes = 32 << 20
)

// need returns the bytes that a training takes at most with pictures of another --crop,
// beside the teacher and the student, which are there.
func (f *flags) need(s shelf, teacher, student *vgg.Network, crop int) (int64, error) {
	pixels := float64(crop) * float64(crop)
	batch := pixels * float64(f.Batch)
	layers := student.Layers()
	supervised := f.supervised()
	targets := 0.0
	walk(student, nil, func(l layer) {
		if slices.Contains(supervised, l.name) {
			targets += l.size
		}
	})
	// The first batch of the teacher, for the scales, is of another size; see load.
	first := max(batch, calibrationBatch*pixels)
	tapes := 4 * first * (forward(teacher, supervised) + targets)
	tapes += 4 * tapeSlack * batch * f.step(student, supervised)
	parameters := 0.0
	walk(student, nil, func(l layer) { parameters += 4 * l.weights })
	ring := 0.0
	if f.Paint > 0 {
		ring = paintingsKept * 12 * 4 * pixels
	}
	square := func(side int) nst.Shapes {
		return nst.Shapes{Height: side, Width: side, Styles: []nst.StyleShape{{Height: side, Width: side}}}
	}
	painting := int64(0)
	if f.Paint > 0 {
		bytes, err := nst.ForecastMemory(student, square(2*crop), nst.Options{Costs: costs(layers, pairBeta), Scales: 1, History: paintingHistory})
		if err != nil {
			return 0, err
		}
		painting = bytes
	}
	pairs, err := nst.ForecastMemory(teacher, square(3*crop), nst.Options{Costs: costs(layers, pairBeta), Scales: 1})
	if err != nil {
		return 0, err
	}
	judge, err := nst.ForecastEvaluation(teacher, square(3*crop), costs(layers, pairBeta))
	if err != nil {
		return 0, err
	}
	pairs += judge + int64(12*12*9*pixels)
	evaluating := int64(2 * testBatches * 12 * batch)
	held := int64(5*parameters+tapes+ring+3*12*batch) + s.photographs + fixedBytes
	bytes := max(s.photographs+s.decoding, held+max(painting, pairs, evaluating))
	return bytes + bytes/20, nil // what the collector is late for
}

// supervised returns the layers of the student that have a loss; see newStudent.
func (f *flags) supervised() (names []string) {
	for i, name := range vgg.LayerNames()[:len(f.Widths)] {
		if slices.Contains(styleTransfer, name) || i == len(f.Widths)-1 {
			names = append(names, name)
		}
	}
	return names
}

// layer is a layer of a network, with the values of its activations for each pixel of the
// picture: as they are, and as they are stored, after a pooling that is part of the layer.
type layer struct {
	name         string
	size, stored float64
	weights      float64 // number of them
}

// walk calls a function for every layer. Layers that are named are not pooled with.
func walk(net *vgg.Network, named []string, visit func(l layer)) {
	scale, in := 1.0, 3
	for _, name := range net.Layers() {
		out := net.Channels(name)
		l := layer{name: name, size: scale * float64(out), weights: float64(out) * float64(9*in+1)}
		l.stored, in = l.size, out
		if vgg.EndsBlock(name) {
			scale /= 4
			if net.PoolsWith(name) && !slices.Contains(named, name) {
				l.stored /= 4
			}
		}
		visit(l)
	}
}

// forward returns the values for each pixel that the tape allocates for the teacher's way
// up to the last of the named layers: in chunks of one and a half of the largest (autodiff's
// buffers).
func forward(net *vgg.Network, named []string) float64 {
	most, largest, before, done := 0.0, 0.0, 3.0, false
	walk(net, named, func(l layer) {
		if done {
			return
		}
		most, largest = max(most, before+l.stored), max(largest, l.stored)
		before, done = l.stored, l.name == named[len(named)-1]
	})
	const chunk, first = 1.5, 1.5 * 3
	return first + chunk*largest*math.Ceil(max(0, most-first)/(chunk*largest))
}

// step returns the values for each pixel that are in use at most in a step of the student:
// what all layers give, for the gradients of their weights, and the gradients around one.
func (f *flags) step(net *vgg.Network, supervised []string) float64 {
	kept, gradients, before := 3.0, 0.0, 3.0
	walk(net, supervised, func(l layer) {
		kept += l.stored * 33 / 32 // with the mask
		if slices.Contains(supervised, l.name) && f.Joint > 0 {
			kept += l.stored // rectified
		}
		around := l.stored + before
		if l.stored < l.size {
			around += l.size // spread by the pooling
		}
		gradients = max(gradients, around)
		before = l.stored
	})
	return kept + gradients
}

// checkMemory returns an error if the training does not fit into the memory that there is,
// and otherwise what it needs; 0 if that is not known.
func (f *flags) checkMemory(files []pictureFile, w *vgg.Weights) (int64, error) {
	if err := f.Check("--widths", 5*studentBytes(f.Widths), nil); err != nil {
		return 0, err
	}
	s := newStudent(rand.New(rand.NewPCG(0, 0)), f.Widths, f.padding(w.Padding), studentInput(w.Input))
	teacher, student := vgg.New(w, vgg.MaxPooling), vgg.New(s.weights(), vgg.MaxPooling)
	library := measureLibrary(files)
	need, err := f.need(library, teacher, student, f.Crop)
	if err != nil {
		return 0, nil // to say what is wrong is left to who uses it
	}
	return need, f.Check("this", need, func(free int64) string {
		const least = 32
		crop := memory.Largest(f.Crop, free, func(crop int) (int64, error) { return f.need(library, teacher, student, crop) })
		if crop < least {
			return "no --crop would fit; fewer pictures, a smaller --batch or fewer --threads may"
		}
		return fmt.Sprintf("--crop %d would fit", crop)
	})
}

// studentBytes returns the bytes of the student's parameters.
func studentBytes(widths []int) (bytes int64) {
	in := 3
	for _, out := range widths {
		bytes += 4 * int64(out) * int64(9*in+1)
		in = out
	}
	return bytes
}
