package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// paintings are pictures that the student painted while it was learning: the
// last of a fixed number. Whoever paints looks for a picture of low cost, and
// finds first those whose cost the student gets wrong. So these are the pictures
// to learn from: the student paints, and the teacher says what it should have
// seen. Training on what the learner's own behaviour leads to is DAgger (Ross,
// Gordon and Bagnell, "A Reduction of Imitation Learning and Structured
// Prediction to No-Regret Online Learning", AISTATS 2011).
type paintings struct {
	size  int // of a side in pixels
	ring  [][]float32
	drawn int // pictures drawn so far; the next one replaces ring[drawn%len(ring)]
}

// paintingsKept is how many pictures there are once the ring is full.
const paintingsKept = 64

// paintingHistory is the history of L-BFGS for these pictures.
const paintingHistory = 10

func newPaintings(size int) *paintings {
	return &paintings{size: size, ring: make([][]float32, paintingsKept)}
}

// count returns the number of pictures there are.
func (p *paintings) count() int { return min(p.drawn, len(p.ring)) }

// crop returns size x size pixels (size,size,3) of a random picture.
func (p *paintings) crop(rng *rand.Rand, size int) []float32 {
	from := p.ring[rng.IntN(p.count())]
	x, y := rng.IntN(p.size-size+1), rng.IntN(p.size-size+1)
	out := make([]float32, 0, size*size*3)
	for row := range size {
		out = append(out, from[((y+row)*p.size+x)*3:][:size*3]...)
	}
	return out
}

// paint lets a student paint one photograph in the style of a painting, of
// another photograph or of a texture, and keeps a picture from the beginning of
// that run and one from its end.
func (p *paintings) paint(rng *rand.Rand, student *vgg.Weights, photographs, styles library) error {
	content := tensor.FromSlice(photographs.crop(rng, p.size), 1, p.size, p.size, 3)
	if len(styles) == 0 || rng.IntN(2) == 0 {
		styles = photographs
	}
	style := styles.crop(rng, p.size)
	if rng.IntN(2) == 0 {
		add(style, 1, noise(rng, p.size))
	}
	recolour(rng, style)
	iterations := 20 + rng.IntN(60)
	early := 1 + rng.IntN(iterations/2)
	result, err := nst.Transfer(context.Background(), vgg.New(student, vgg.MaxPooling), content,
		[]nst.Style{{Picture: tensor.FromSlice(style, 1, p.size, p.size, 3)}}, nst.Options{
			Costs:      costs(student.Layers(), 10*math.Pow(100, rng.Float64())), // beta 10 to 1000
			Iterations: iterations, Scales: 1, History: paintingHistory,
			OnIteration: func(at nst.Progress, picture *tensor.Tensor) {
				if at.Iteration == early {
					p.keep(picture)
				}
			},
		})
	if err != nil {
		return fmt.Errorf("painting with the student: %w", err)
	}
	p.keep(result.Picture)
	return nil
}

// costs returns the costs of style transfer with a network of these layers, which may end early:
// the content is compared at conv4_2 or else the last layer.
func costs(names []string, beta float64) nst.Costs {
	c := nst.Costs{Alpha: 10, Beta: beta}
	c.ContentLayers = []nst.Layer{{Name: names[len(names)-1], Weight: 1}}
	for _, name := range styleTransfer {
		switch {
		case !slices.Contains(names, name):
		case name == "conv4_2":
			c.ContentLayers[0].Name = name
		default:
			c.StyleLayers = append(c.StyleLayers, nst.Layer{Name: name, Weight: 1})
		}
	}
	return c
}

func (p *paintings) keep(picture *tensor.Tensor) {
	p.ring[p.drawn%len(p.ring)] = picture.Clone().Data()
	p.drawn++
}
