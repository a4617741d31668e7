package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// fewGradInput is Conv2DGradInput for few channels. With a mask, dy counts
// only where bit i&7 of mask[i>>3] is set, which wants a multiple of eight
// output channels.
//
// A gather would multiply 9*64 values for each pixel by as many for its three
// channels, and pad these to a panel of 16. The other way round, scattering,
// no product is wasted on padding but 5 in 32:
//
//	left[p,q,(kh,kw,i)] = sum over o of dy[p,q,o] * w[o,kh,kw,i]
//	padded[r,s,i]       = sum over kh,kw of left[r-kh,s-kw,(kh,kw,i)]
//
// The first line is a product with dy as it lies, the second asm.SumTaps: each
// pixel of the padded picture collects what the outputs that have seen it left
// for it. A task owns a tile of that picture, and computes the few rows and
// columns of left that it shares with its neighbours for itself, so that none
// waits for another and every sum has one order.
func (g *geometry) fewGradInput(dx, dy *Tensor, mask []uint8, w *Tensor) {
	if len(dx.data) == 0 {
		return
	}
	k := g.kh * g.kw * g.cin
	of := *g // lets g stay on the caller's stack where these kernels do not apply
	f := fewGrad{geometry: &of, dx: dx.data, dy: dy.data, mask: mask, columns: roundUp(k, asm.Cols)}
	packed := getScratch(f.columns * of.cout)
	defer packed.put()
	clear(packed.data)
	for j := 0; j < k; j += asm.Cols {
		(&dense{w.data, k}).copyBlock(packed.data[j*of.cout:], asm.Cols, 0, of.cout, j, min(asm.Cols, k-j))
	}
	f.packed = packed.data

	// With zeros around the picture, nobody asks for their gradients.
	pad := of.Padding
	top, left, height, width := pad.Top, pad.Left, of.h, of.w
	if pad.repeats() {
		top, left, height, width = 0, 0, pad.Top+of.h+pad.Bottom, pad.Left+of.w+pad.Right
		f.ring = of.newRing()
		defer f.ring.done()
	}

	// Tiles follow from the shape alone. Their three rows of left, of 32 values
	// a pixel, take 50 KiB; the seams cost some 5 % of the products.
	const tileRows, tileCols = 48, 128
	down, across := (height+tileRows-1)/tileRows, (width+tileCols-1)/tileCols
	parallel.For(of.n*down*across, func(t int) {
		image, i, j := t/(down*across), t/across%down, t%across
		f.tile(image, top+i*height/down, top+(i+1)*height/down, left+j*width/across, left+(j+1)*width/across)
	})
	if pad.repeats() {
		f.ring.fold(f.dx)
	}
}

// fewGrad is what the tasks of fewGradInput have in common.
type fewGrad struct {
	*geometry
	dx, dy  []float32
	mask    []uint8
	columns int       // of left: kh*kw*cin and what fills the last panel
	packed  []float32 // the filters, cout x columns, in panels
	ring    ring      // where the border repeats pixels of the picture
}

// fewStretch is the number of pixels that a product with the filters takes at
// a time: with 64 channels, 6 KiB.
const fewStretch = 4 * asm.Rows

// tile computes rows [r0,r1) and columns [s0,s1) of the padded gradient.
func (f *fewGrad) tile(image, r0, r1, s0, s1 int) {
	// Columns [q0,q1) of dy have been left something here. In a row of left
	// they stand behind kw-1-(s0-q0) pixels that do not exist, and before others.
	q0, q1 := max(0, s0-f.kw+1), min(f.q, s1)
	before := q0 - (s0 - f.kw + 1)
	width := s1 - s0 + f.kw - 1
	// Edges of blocks of the product may be written past the end of a row.
	rowLen := (width + asm.Rows) * f.columns
	left := getScratch(f.kh * rowLen)
	defer left.put()
	a := getScratch(fewStretch * f.cout)
	defer a.put()
	line := getScratch((s1-s0)*f.cin + 4)
	defer line.put()
	offsets := make([]int, 0, 2*asm.Cols)

	for p := max(0, r0-f.kh+1); p < r1; p++ {
		if p < f.p {
			row := left.data[p%f.kh*rowLen:][:rowLen]
			clear(row[:before*f.columns])
			f.product(row[before*f.columns:], a.data, image, p, q0, q1)
			clear(row[(before+q1-q0)*f.columns : width*f.columns])
		}
		if p < r0 {
			continue
		}
		offsets = offsets[:0]
		for kh := range f.kh {
			if r := p - kh; r >= 0 && r < f.p {
				for kw := range f.kw {
					offsets = append(offsets, r%f.kh*rowLen+(f.kw-1-kw)*f.columns+(kh*f.kw+kw)*f.cin)
				}
			}
		}
		asm.SumTaps(line.data, f.cin, s1-s0, left.data, f.columns, offsets)
		f.store(line.data, image, p, s0, s1)
	}
}

// product computes columns [q0,q1) of row p of left, a stretch of pixels at a
// time. The last stretch ends where the row ends, and computes some pixels again,
// to the same bits.
func (f *fewGrad) product(left, buffer []float32, image, p, q0, q1 int) {
	n := q1 - q0
	for q := 0; q < n; q += fewStretch {
		rows := min(fewStretch, roundUp(n-q, asm.Rows))
		q = max(0, min(q, n-rows))
		at := ((image*f.p+p)*f.q + q0 + q) * f.cout
		a := f.dy[at:][:min(rows, n-q)*f.cout]
		switch {
		case f.mask != nil:
			asm.MaskGrad(buffer, a, f.mask[at/8:])
			a = buffer
		case n < rows: // the kernel wants more pixels than there are
			copy(buffer, a)
			a = buffer
		}
		asm.SgemmPanels(rows, f.columns/asm.Cols, f.cout, a, f.cout, 1, f.packed, left[q*f.columns:], f.columns, false)
	}
}

// store puts columns [s0,s1) of row r of the padded gradient where they
// belong: into the picture or into the ring.
func (f *fewGrad) store(line []float32, image, r, s0, s1 int) {
	y, x0, x1, c := r-f.Padding.Top, s0-f.Padding.Left, s1-f.Padding.Left, f.cin
	lo, hi := x1, x1 // the columns of the picture
	if y >= 0 && y < f.h {
		lo, hi = min(max(x0, 0), x1), min(max(x0, f.w), x1)
	}
	if x0 < lo {
		copy(f.ring.at(image, y, x0), line[:(lo-x0)*c])
	}
	if lo < hi {
		copy(f.dx[((image*f.h+y)*f.w+lo)*c:], line[(lo-x0)*c:(hi-x0)*c])
	}
	if hi < x1 {
		copy(f.ring.at(image, y, hi), line[(hi-x0)*c:(x1-x0)*c])
	}
}

// fewWide is the number of channels to which few are widened for fewGradWeight.
const fewWide = 8

// widened returns the convolution with more channels, fewWide in all.
func (g geometry) widened() geometry {
	g.cin, g.cinGroup = fewWide, fewWide
	return g
}

// fewGradWeight is Conv2DGradWeight for fewer than fewWide channels by Winograd's
// method, where that suits the widened convolution: a copy of x has zeros for the
// channels that it lacks.
func (g *geometry) fewGradWeight(dw, x, dy []float32) {
	cin, wide := g.cin, g.widened()
	wx, wdw := getScratch(g.n*g.h*g.w*fewWide), getScratch(len(dw)/cin*fewWide)
	defer wx.put()
	defer wdw.put()
	parallel.Range(g.n*g.h*g.w, elementBlock/fewWide, func(lo, hi int) {
		clear(wx.data[lo*fewWide : hi*fewWide])
		for i := lo; i < hi; i++ {
			copy(wx.data[i*fewWide:], x[i*cin:][:cin])
		}
	})
	wide.winogradGradWeight(wdw.data, wx.data, dy)
	for i := range len(dw) / cin {
		copy(dw[i*cin:][:cin], wdw.data[i*fewWide:])
	}
}
