package tensor

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// PadMode says what stands outside the edges of a picture.
type PadMode int

const (
	PadZero      PadMode = iota // zeros
	PadReflect                  // mirrored about the edge pixel, which is not repeated: 2 1 | 0 1 2
	PadReplicate                // the edge pixel, repeated: 0 0 | 0 1 2
)

// String returns "zero", "reflect" or "replicate".
func (m PadMode) String() string {
	switch m {
	case PadZero:
		return "zero"
	case PadReflect:
		return "reflect"
	case PadReplicate:
		return "replicate"
	}
	return fmt.Sprintf("PadMode(%d)", int(m))
}

// Padding is the number of rows and columns added on each side of a picture,
// and what they hold. The zero value adds nothing.
type Padding struct {
	Top, Bottom, Left, Right int
	Mode                     PadMode
}

// PadAll returns a padding of n on all four sides.
func PadAll(n int, mode PadMode) Padding { return Padding{n, n, n, n, mode} }

// check panics unless the padding fits a picture of h x w pixels: reflection
// needs more pixels than it adds, replication at least one.
func (p Padding) check(op string, h, w int) {
	if p.Mode < PadZero || p.Mode > PadReplicate {
		panic(fmt.Sprintf("tensor: %s: unknown padding mode in %+v", op, p))
	}
	if min(p.Top, p.Bottom, p.Left, p.Right) < 0 {
		panic(fmt.Sprintf("tensor: %s: negative padding %+v", op, p))
	}
	if p.Mode == PadReflect && (max(p.Top, p.Bottom) >= max(h, 1) || max(p.Left, p.Right) >= max(w, 1)) {
		panic(fmt.Sprintf("tensor: %s: reflection needs a picture larger than its padding, not %dx%d for %+v", op, h, w, p))
	}
	if p.Mode == PadReplicate && (h == 0 || w == 0) {
		panic(fmt.Sprintf("tensor: %s: nothing to replicate in %dx%d", op, h, w))
	}
}

// index returns the pixel of a line of n that stands at position i, which may
// lie outside [0,n), or -1 for a zero.
func (m PadMode) index(i, n int) int {
	switch {
	case i >= 0 && i < n:
		return i
	case m == PadZero:
		return -1
	case m == PadReplicate:
		return min(max(i, 0), n-1)
	case i < 0:
		return -i
	default:
		return 2*(n-1) - i
	}
}

// Pad stores x (N,H,W,C) with its borders in dst (N,Top+H+Bottom,
// Left+W+Right,C). It panics if the shapes do not fit.
func Pad(dst, x *Tensor, p Padding) {
	n, h, w, c := padShapes("Pad", dst, x, p)
	hp, wp := dst.shape[1], dst.shape[2]
	parallel.For(n*hp, func(r int) {
		out := dst.data[r*wp*c:][:wp*c]
		ih := p.Mode.index(r%hp-p.Top, h)
		if ih < 0 {
			clear(out)
			return
		}
		in := x.data[(r/hp*h+ih)*w*c:][:w*c]
		copy(out[p.Left*c:], in)
		for q := range wp {
			if q >= p.Left && q < p.Left+w {
				continue
			}
			pixel := out[q*c:][:c]
			if iw := p.Mode.index(q-p.Left, w); iw < 0 {
				clear(pixel)
			} else {
				copy(pixel, in[iw*c:])
			}
		}
	})
}

// PadGrad is the adjoint of Pad: each pixel of dx (N,H,W,C) gets the sum of
// dy, the gradient of the padded picture, over all places that show it.
func PadGrad(dx, dy *Tensor, p Padding) {
	n, h, w, c := padShapes("PadGrad", dy, dx, p)
	hp, wp := dy.shape[1], dy.shape[2]
	parallel.For(n, func(b int) {
		clear(dx.data[b*h*w*c:][:h*w*c])
		for r := range hp {
			ih := p.Mode.index(r-p.Top, h)
			for q := range wp {
				iw := p.Mode.index(q-p.Left, w)
				if ih < 0 || iw < 0 {
					continue
				}
				to := dx.data[((b*h+ih)*w+iw)*c:][:c]
				for i, v := range dy.data[((b*hp+r)*wp+q)*c:][:c] {
					to[i] += v
				}
			}
		}
	})
}

func padShapes(op string, padded, x *Tensor, p Padding) (n, h, w, c int) {
	if x.Rank() != 4 {
		panic(fmt.Sprintf("tensor: %s: wants (N,H,W,C), not %v", op, x.shape))
	}
	n, h, w, c = x.shape[0], x.shape[1], x.shape[2], x.shape[3]
	p.check(op, h, w)
	want := &Tensor{shape: []int{n, p.Top + h + p.Bottom, p.Left + w + p.Right, c}}
	if !SameShape(padded, want) {
		panic(fmt.Sprintf("tensor: %s: %v padded by %+v is %v, not %v", op, x.shape, p, want.shape, padded.shape))
	}
	return n, h, w, c
}
