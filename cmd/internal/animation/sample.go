package animation

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Sample is a small copy of a picture, from which one can tell how much it has changed:
// of a run, pictures of every scale have samples of one size.
type Sample []uint8

// sampleSide is the number of rows and columns of a sample.
const sampleSide = 64

// SampleOf returns the sample of a picture (1,H,W,3), values 0..255, which are clamped. It
// takes one pixel for each of its own, which is enough for a mean. It panics if t has
// another shape.
func SampleOf(t *tensor.Tensor) Sample {
	if shape := t.Shape(); len(shape) != 4 || shape[0] != 1 || shape[3] != 3 {
		panic(fmt.Sprintf("animation: SampleOf: a picture has shape (1,H,W,3), not %v", shape))
	}
	h, w, data := t.Dim(1), t.Dim(2), t.Data()
	s := make(Sample, 0, 3*sampleSide*sampleSide)
	for y := range sampleSide {
		row := (2*y + 1) * h / (2 * sampleSide) * w
		for x := range sampleSide {
			at := 3 * (row + (2*x+1)*w/(2*sampleSide))
			for _, v := range data[at : at+3] {
				s = append(s, uint8(min(max(v, 0), 255)+0.5))
			}
		}
	}
	return s
}

// change returns the mean difference of two samples, in levels.
func (s Sample) change(other Sample) float64 {
	sum := 0
	for i, v := range s {
		d := int(v) - int(other[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(s))
}
