package tensor

import "github.com/brushgrad/brushgrad/asm"

// ring holds the gradients of the border of a batch of pictures, where that
// repeats pixels of the picture: the adjoint of such a padding adds them to the
// pixels that they repeat. Apart from the gradients of the picture itself, which
// go straight to where they belong, they take little memory.
//
// The pixels of a border are numbered row by row: rows above and below the
// picture are in it as a whole, others with their ends. Positions are those in
// the picture, so that what stands above or left of it is negative.
type ring struct {
	Padding
	h, w, c int
	size    int      // pixels in the border of a picture
	buffer  *scratch // (N,size,C)
}

// repeats reports whether there is a border that shows pixels of the picture.
func (p Padding) repeats() bool {
	return p.Mode != PadZero && p != Padding{Mode: p.Mode}
}

// newRing returns a ring for the input of the convolution, with arbitrary
// contents, to be given back by done.
func (g *geometry) newRing() ring {
	r := ring{Padding: g.Padding, h: g.h, w: g.w, c: g.cin}
	r.size = (r.Top+r.h+r.Bottom)*(r.Left+r.w+r.Right) - r.h*r.w
	r.buffer = getScratch(g.n * r.size * r.c)
	return r
}

func (r *ring) done() { r.buffer.put() }

// index returns the number of a pixel of the border.
func (r *ring) index(y, x int) int {
	beside := min(max(y, 0), r.h) // rows above this one that have ends alone
	i := (r.Top+y)*(r.Left+r.w+r.Right) - beside*r.w + r.Left + x
	if y >= 0 && y < r.h && x >= r.w {
		i -= r.w
	}
	return i
}

// at returns the gradients from a pixel of the border on: of what follows in its
// row up to the picture or the end, and further rows.
func (r *ring) at(image, y, x int) []float32 {
	return r.buffer.data[(image*r.size+r.index(y, x))*r.c:]
}

// positions returns the row and column, in the padded picture, of each pixel of
// the border, in their order.
func (r *ring) positions() [][2]int {
	p := make([][2]int, 0, r.size)
	r.each(func(y, x int) { p = append(p, [2]int{r.Top + y, r.Left + x}) })
	return p
}

// fold adds the gradients to those of the pixels they repeat, in dx (N,H,W,C).
func (r *ring) fold(dx []float32) {
	from := r.buffer.data
	for ; len(dx) > 0; dx = dx[r.h*r.w*r.c:] {
		r.each(func(y, x int) {
			asm.Axpy(1, from[:r.c], dx[(r.Mode.index(y, r.h)*r.w+r.Mode.index(x, r.w))*r.c:])
			from = from[r.c:]
		})
	}
}

// each calls f for each pixel of the border, in their order.
func (r *ring) each(f func(y, x int)) {
	for y := -r.Top; y < r.h+r.Bottom; y++ {
		for x := -r.Left; x < r.w+r.Right; x++ {
			if x == 0 && y >= 0 && y < r.h {
				x = r.w // over the picture
				if r.Right == 0 {
					break
				}
			}
			f(y, x)
		}
	}
}
