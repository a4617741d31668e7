package nst

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Resize returns a picture (1,H,W,C) resampled to (1,height,width,C). Values are
// not clamped: a picture that is still being painted may leave 0..255, and must
// not lose what is beyond.
//
// The method is cubic convolution with a = -1/2, also known as Catmull-Rom (R. G.
// Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981),
// in one direction after the other. Where the picture shrinks, the kernel is
// widened by the factor, so that detail too fine for the result is averaged and
// does not alias. What the kernel finds outside the picture is left out and the
// rest weighted up, as Pillow and PyTorch (antialias=True) do it. It panics if
// the picture has another shape or a size is less than 1.
func Resize(picture *tensor.Tensor, height, width int) *tensor.Tensor {
	s := picture.Shape()
	if len(s) != 4 || s[0] != 1 || height < 1 || width < 1 {
		panic(fmt.Sprintf("nst: Resize: picture %v to %dx%d pixels, want (1,H,W,C) and sizes of at least 1", s, width, height))
	}
	if s[1] == height && s[2] == width {
		return picture.Clone()
	}
	h, w, c := s[1], s[2], s[3]
	across := tensor.New(1, h, width, c)
	columns := resampling(w, width)
	parallel.For(h, func(y int) {
		row, out := picture.Data()[y*w*c:], across.Data()[y*width*c:]
		for x, taps := range columns {
			to := out[x*c : (x+1)*c]
			for i, weight := range taps.weights {
				for k, v := range row[(taps.first+i)*c:][:c] {
					to[k] += weight * v
				}
			}
		}
	})
	result := tensor.New(1, height, width, c)
	rows := resampling(h, height)
	parallel.For(height, func(y int) {
		to := result.Data()[y*width*c:][:width*c]
		for i, weight := range rows[y].weights {
			for k, v := range across.Data()[(rows[y].first+i)*width*c:][:width*c] {
				to[k] += weight * v
			}
		}
	})
	return result
}

// taps are the consecutive elements that one of a resampled row is made of.
type taps struct {
	first   int
	weights []float32 // add up to 1
}

// resampling returns the taps of each of to elements, made of from ones. Pixels
// are squares, and the picture covers the same ground before and after: the
// centre of pixel i is at (i + 1/2) from/to in units of the old pixels.
func resampling(from, to int) []taps {
	ratio := float64(from) / float64(to)
	stretch := max(1, ratio)
	all := make([]taps, to)
	for i := range all {
		centre := (float64(i) + 0.5) * ratio
		first := max(0, int(math.Ceil(centre-2*stretch-0.5)))
		last := min(from-1, int(math.Floor(centre+2*stretch-0.5)))
		weights, sum := make([]float64, last-first+1), 0.0
		for j := range weights {
			weights[j] = cubic((float64(first+j) + 0.5 - centre) / stretch)
			sum += weights[j]
		}
		all[i] = taps{first, make([]float32, len(weights))}
		for j, v := range weights {
			all[i].weights[j] = float32(v / sum)
		}
	}
	return all
}

// cubic is Keys's kernel for a = -1/2: 1 at 0, 0 at the other integers, and 0
// from 2 on.
func cubic(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}
