package nst

import (
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Shapes are the sizes, in pixels, of the pictures of a run. The memory of a run
// depends on nothing else of them, so that it can be told before they are decoded.
type Shapes struct {
	Height, Width int // of the content and the result
	Styles        []StyleShape
}

// StyleShape is the size of a style picture, and which masks the style has.
type StyleShape struct {
	Height, Width          int
	ContentMask, StyleMask bool
}

// ShapesOf returns the shapes of pictures.
func ShapesOf(content *tensor.Tensor, styles []Style) Shapes {
	shapes := Shapes{Height: content.Dim(1), Width: content.Dim(2)}
	for _, s := range styles {
		shapes.Styles = append(shapes.Styles, StyleShape{s.Picture.Dim(1), s.Picture.Dim(2), s.ContentMask != nil, s.StyleMask != nil})
	}
	return shapes
}

// ForecastMemory returns the memory in bytes that Transfer takes at most, at its
// largest scale: what is in use at once, with what a garbage collector needs that is
// told of the limit (debug.SetMemoryLimit). Where memory is plenty the collector is in
// no hurry and lets garbage stand beside it, up to as much again. The network and the
// pictures that the caller holds are not counted. It is arithmetic, and takes no memory
// itself.
//
// For a style cost of another package it assumes that a copy of every activation is
// made while it is measured, and that it is kept. Errors are those of Costs.Check; it
// panics if an option is out of its range or a layer is not in the network.
func ForecastMemory(net *vgg.Network, shapes Shapes, opt Options) (int64, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return 0, err
	}
	return memoryOf(net, shapes, opt), nil
}

// What does not follow from counting values was measured: docs/performance.md has the
// table.
const (
	vectorBytes = 12 // per pixel of one vector: three channels of float32

	// chunk is how many times larger than a value the memory is that the tape allocates
	// for it (autodiff's buffers).
	chunk = 1.5
	// slack is what the collector and the system take beside what is in use.
	slack = 1.08
	// picturesHeld counts the vectors besides those of the optimiser: the picture, the
	// start at this scale and the one before, and copies while they are resampled.
	picturesHeld = 5
	// fixedBytes is for what does not depend on the pictures, such as stacks and code
	// that is touched for the first time, and blockBytes, for each channel of the widest
	// layer, for the blocks that kernels work on (tensor's winogradShared tiles of 36
	// values, half as much again for the rest).
	fixedBytes = 8 << 20
	blockBytes = 1.5 * 144 * 36 * 4
)

// memoryOf is ForecastMemory for options with their defaults.
func memoryOf(net *vgg.Network, shapes Shapes, opt Options) int64 {
	margin := opt.margin(shapes.Height, shapes.Width)
	shapes.Height, shapes.Width = shapes.Height+2*margin, shapes.Width+2*margin
	pixels := float64(shapes.Height) * float64(shapes.Width)
	m := newObjectiveMemory(net, shapes, opt.Costs)
	vectors := opt.vectors()
	if margin > 0 {
		vectors += 3 // content and start with the margin, the picture without
	}
	m.held += pixels * picturesHeld * vectorBytes
	if masks := shapes.masks(); masks > 0 {
		vectors += 3             // the picture in the order of its parts, there and back, and its gradient
		m.held += pixels * 4 * 3 // the order of pixels, and the part of each
	}
	m.evaluating += pixels * vectors * vectorBytes
	return m.bytes()
}

// ForecastEvaluation is ForecastMemory for an [Objective] and one evaluation of it, with
// the gradient, which is counted, and without an optimiser. The picture itself is not
// counted.
func ForecastEvaluation(net *vgg.Network, shapes Shapes, costs Costs) (int64, error) {
	costs, err := costs.resolved()
	if err != nil {
		return 0, err
	}
	m := newObjectiveMemory(net, shapes, costs)
	pixels := float64(shapes.Height) * float64(shapes.Width)
	m.evaluating = pixels * (newWalk(net, costs, shapes.masks() > 0).evaluationAlone(pixels) + vectorBytes)
	return m.bytes(), nil
}

// masks returns how many styles have a content mask.
func (s Shapes) masks() (n int) {
	for _, style := range s.Styles {
		if style.ContentMask {
			n++
		}
	}
	return n
}

// objectiveMemory is what an Objective takes in bytes: whatever the size of the pictures,
// all the time, and while it is made or evaluated.
type objectiveMemory struct {
	fixed                       int64
	held, measuring, evaluating float64
}

// bytes returns what an objective takes at most.
func (m *objectiveMemory) bytes() int64 {
	return m.fixed + int64(slack*(m.held+max(m.measuring, m.evaluating)))
}

// newObjectiveMemory counts for costs that are resolved.
func newObjectiveMemory(net *vgg.Network, shapes Shapes, costs Costs) *objectiveMemory {
	pixels := float64(shapes.Height) * float64(shapes.Width)
	masks := shapes.masks()
	walk := newWalk(net, costs, masks > 0)
	var tapes []float64 // of the style pictures that are measured on one of their own
	for _, s := range shapes.Styles {
		n := float64(s.Height) * float64(s.Width)
		if s.Height == shapes.Height && s.Width == shapes.Width && !s.StyleMask {
			continue // the tape of the objective serves
		}
		styled := newWalk(net, costs, s.StyleMask)
		bytes := n * styled.forward()
		if s.StyleMask {
			bytes += 2 * 4 * n
		}
		tapes = append(tapes, bytes)
	}
	// A tape is there until the collector has been round: another one may be needed by
	// then.
	slices.Sort(tapes)
	measuring := pixels * walk.forward()
	for _, bytes := range tapes[max(0, len(tapes)-2):] {
		measuring += bytes
	}
	held := walk.targets()
	if masks > 0 {
		held += 4 * 1.4 * float64(masks+1) // the masks at all layers
	}
	return &objectiveMemory{
		fixed:      fixedBytes + int64(walk.widest()*blockBytes) + walk.matrices(len(shapes.Styles)),
		held:       pixels * held,
		measuring:  measuring,
		evaluating: pixels * walk.evaluation(pixels),
	}
}

// vectors is how many vectors the optimiser holds.
func (o Options) vectors() float64 {
	if o.Optimizer == Adam {
		return 7 // gradient, two moments, the step before, the average and its sum
	}
	return float64(2*o.History + 5)
}
