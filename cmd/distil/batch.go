package main

import (
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// source makes the pictures of the training. Style transfer shows a network
// pictures that no camera takes: half painted, noisy, with strong texture
// everywhere. The student must agree with its teacher on those, so photographs
// alone will not do.
type source struct {
	photographs library
	styles      library // paintings by others; may be empty
	paintings   *paintings
	seed        uint64
	size, count int // of a batch: side of a picture in pixels, number of pictures
}

// batch returns the pictures (count,size,size,3) of a step, RGB values around
// 0..255. It depends on nothing but the seed, the step and the paintings.
func (s *source) batch(step int) *tensor.Tensor {
	b := tensor.New(s.count, s.size, s.size, 3)
	parallel.For(s.count, func(i int) {
		rng := rand.New(rand.NewPCG(s.seed, uint64(step)*uint64(s.count)+uint64(i)))
		copy(b.Data()[i*s.size*s.size*3:], s.picture(rng))
	})
	return b
}

// picture returns one picture (size,size,3).
func (s *source) picture(rng *rand.Rand) []float32 {
	kind := rng.Float64()
	if kind < 0.3 && s.paintings.count() > 0 {
		return flip(rng, s.paintings.crop(rng, s.size), s.size)
	}
	from := s.photographs
	if len(s.styles) > 0 && rng.IntN(5) == 0 {
		from = s.styles
	}
	p := from.crop(rng, s.size)
	switch kind = rng.Float64(); {
	case kind < 0.40: // a photograph as it is
	case kind < 0.65: // with texture
		add(p, 1, noise(rng, s.size))
	case kind < 0.80: // texture alone, on the mean colour
		mean := meanColour(p)
		p = noise(rng, s.size)
		for i := range p {
			p[i] += mean[i%3]
		}
	default: // two photographs, one showing through the other
		share := rng.Float32()
		for i := range p {
			p[i] *= 1 - share
		}
		add(p, share, s.photographs.crop(rng, s.size))
	}
	return flip(rng, recolour(rng, p), s.size)
}

func add(to []float32, factor float32, x []float32) {
	for i, v := range x {
		to[i] += factor * v
	}
}

func meanColour(p []float32) (mean [3]float32) {
	for i, v := range p {
		mean[i%3] += v
	}
	for c := range mean {
		mean[c] /= float32(len(p) / 3)
	}
	return mean
}

// recolour changes brightness, contrast and saturation at random and keeps what
// a picture can hold.
func recolour(rng *rand.Rand, p []float32) []float32 {
	around := func(spread float64) float32 { return float32(1 + spread*(2*rng.Float64()-1)) }
	saturation, shift := around(0.8), 30*float32(2*rng.Float64()-1)
	contrast := around(0.4)
	gain := [3]float32{contrast * around(0.15), contrast * around(0.15), contrast * around(0.15)}
	for i := 0; i < len(p); i += 3 {
		grey := (p[i] + p[i+1] + p[i+2]) / 3
		for c, v := range p[i : i+3] {
			v = grey + saturation*(v-grey)
			p[i+c] = min(255, max(0, 128+gain[c]*(v-128)+shift))
		}
	}
	return p
}

// flip mirrors a picture at random.
func flip(rng *rand.Rand, p []float32, size int) []float32 {
	if rng.IntN(2) == 0 {
		return p
	}
	for y := range size {
		row := p[y*size*3:][:size*3]
		for a, b := 0, (size-1)*3; a < b; a, b = a+3, b-3 {
			for c := range 3 {
				row[a+c], row[b+c] = row[b+c], row[a+c]
			}
		}
	}
	return p
}
