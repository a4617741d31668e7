package nst

import "github.com/brushgrad/brushgrad/tensor"

// parts is an order of a picture's pixels in which those of a region come one
// after the other. In this order L-BFGS can learn the curvature of each region by
// itself (optim.LBFGS.Parts): regions have nothing to do with each other but where
// the network sees across an edge, and one memory of m pairs would have to do for
// all. docs/costs.md, section Regions, has what that is worth.
type parts struct {
	lengths []int   // how many values each part has, 3 a pixel
	pixels  []int32 // which pixel of the picture, in rows, comes at each place

	picture, grad *tensor.Tensor // in the picture's own order
}

// newParts divides a picture of the given height and width. A pixel goes to the
// region whose mask is the largest there; where the masks leave more than that, to
// the last part, which is in no region. It returns nil if there is one part only.
func newParts(regions []*region, height, width int) *parts {
	if len(regions) == 1 && regions[0].mask == nil {
		return nil
	}
	part := make([]int, height*width) // of each pixel
	pixels := make([]int, len(regions)+1)
	for i := range part {
		best, largest, rest := len(regions), float32(0), float32(1)
		for k, r := range regions {
			m := r.mask.Data()[i]
			rest -= m
			if m > largest {
				best, largest = k, m
			}
		}
		if rest > largest {
			best = len(regions)
		}
		part[i] = best
		pixels[best]++
	}
	p := &parts{}
	next := make([]int, len(pixels)) // where the next pixel of each part goes
	at := 0
	for k, n := range pixels {
		next[k] = at
		at += n
		if n > 0 {
			p.lengths = append(p.lengths, 3*n)
		}
	}
	if len(p.lengths) == 1 {
		return nil
	}
	p.pixels = make([]int32, len(part))
	for i, k := range part {
		p.pixels[next[k]] = int32(i)
		next[k]++
	}
	p.picture, p.grad = tensor.New(1, height, width, 3), tensor.New(1, height, width, 3)
	return p
}

// gather stores the values of a picture in x, part by part.
func (p *parts) gather(x []float32, picture *tensor.Tensor) {
	from := picture.Data()
	for i, k := range p.pixels {
		*(*[3]float32)(x[3*i:]) = [3]float32(from[3*k:])
	}
}

// scatter stores the values of x, which are in parts, in a picture.
func (p *parts) scatter(picture *tensor.Tensor, x []float32) {
	to := picture.Data()
	for i, k := range p.pixels {
		*(*[3]float32)(to[3*k:]) = [3]float32(x[3*i:])
	}
}
