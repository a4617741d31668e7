package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// weightGrad is the gradient of the weight of a 3x3 convolution of stride 1 by
// Winograd's method, see [asm.WinogradOutputGrad]: patches of x and tiles of dy
// are transformed, for each of the 36 frequencies a matrix product over the
// tiles takes the place of that over the pixels,
//
//	m[f][o][i] = sum over tiles of d[f][tile][o] v[f][tile][i]
//
// and the sums are transformed back once. That is a quarter of the
// multiplications of dy^T im2col(x).
type weightGrad struct {
	g          *geometry
	x, dy      patches
	rows, cols int // tiles in a picture
	block      int // tiles whose transforms exist at a time

	// v is laid out as [frequency][panel of 16 inputs][tile][16], d as
	// [frequency][tile][output], m as [frequency][output][input].
	dTile, mRow               int // distance of tiles in d and of outputs in m
	vStride, dStride, mStride int // distance of frequencies
}

const (
	weightOwn        = 64 * 64
	weightBlockBytes = 4 << 20
)

func (g *geometry) winogradGradWeight(dw, x, dy []float32) {
	c := &weightGrad{g: g}
	c.x = patches{x: x, h: g.h, w: g.w, c: g.cin, top: g.Padding.Top, left: g.Padding.Left, mode: g.Padding.Mode}
	c.dy = patches{x: dy, h: g.p, w: g.q, c: g.cout}
	c.rows, c.cols = (g.p+3)/4, (g.q+3)/4
	total := g.n * c.rows * c.cols
	if g.cin*g.cout <= weightOwn && total >= 8*48 {
		c.own(dw, total)
		return
	}
	c.shared(dw, total)
}

func (c *weightGrad) layout(block int) {
	c.block = block
	c.dTile = spread(c.g.cout)
	c.mRow = roundUp(c.g.cin, asm.Cols)
	c.vStride = spread(c.mRow * block)
	c.dStride = spread(c.dTile * block)
	c.mStride = spread(roundUp(c.g.cout, asm.Rows) * c.mRow)
}

func (c *weightGrad) own(dw []float32, total int) {
	c.layout(48)
	chunk := 192
	chunks := (total + chunk - 1) / chunk
	partial := getScratch(chunks * len(dw))
	defer partial.put()
	parallel.For(chunks, func(t int) {
		v, d, m := getScratch(36*c.vStride), getScratch(36*c.dStride+asm.Rows), getScratch(36*c.mStride)
		defer v.put()
		defer d.put()
		defer m.put()
		end := min(total, (t+1)*chunk)
		for lo := t * chunk; lo < end; lo += c.block {
			hi := min(end, lo+c.block)
			c.transform(v.data, d.data, lo, lo, hi)
			for f := range 36 {
				c.multiply(m.data, v.data, d.data, f, 0, roundUp(c.g.cout, asm.Rows), hi-lo, lo > t*chunk)
			}
		}
		c.finish(partial.data[t*len(dw):], m.data, 0, c.g.cout)
	})
	parallel.Range(len(dw), 4096, func(lo, hi int) {
		copy(dw[lo:hi], partial.data[lo:])
		for t := 1; t < chunks; t++ {
			asm.Axpy(1, partial.data[t*len(dw)+lo:][:hi-lo], dw[lo:])
		}
	})
}

func (c *weightGrad) shared(dw []float32, total int) {
	c.layout(min(total, weightBlockBytes/4/36/(c.g.cin+c.g.cout)))
	v, d, m := getScratch(36*c.vStride), getScratch(36*c.dStride+asm.Rows), getScratch(36*c.mStride)
	defer v.put()
	defer d.put()
	defer m.put()
	for lo := 0; lo < total; lo += c.block {
		hi := min(total, lo+c.block)
		parallel.Range(hi-lo, 8, func(a, b int) { c.transform(v.data, d.data, lo, lo+a, lo+b) })
		parallel.For(36, func(f int) {
			c.multiply(m.data, v.data, d.data, f, 0, roundUp(c.g.cout, asm.Rows), hi-lo, lo > 0)
		})
	}
	parallel.Range(c.g.cout, 8, func(lo, hi int) { c.finish(dw, m.data, lo, hi) })
}

// transform transforms the patches and tiles [lo,hi) into v and d, which begin
// with tile first.
func (c *weightGrad) transform(v, d []float32, first, lo, hi int) {
	g := c.g
	strip := getScratch(stripSize(max(g.cin, g.cout)))
	defer strip.put()
	for lo < hi {
		image, row, col := lo/(c.rows*c.cols), lo/c.cols%c.rows, lo%c.cols
		n := min(stripTiles(max(g.cin, g.cout)), hi-lo, c.cols-col)
		y, x := row*asm.WinogradTile, col*asm.WinogradTile
		src, stride := c.x.patch(strip.data, image, y-c.x.top, x-c.x.left, n)
		for i := 0; i < g.cin; i += asm.Cols {
			asm.WinogradInput(n, min(asm.Cols, g.cin-i), v[i*c.block+(lo-first)*asm.Cols:], asm.Cols, c.vStride, src[i:], stride, g.cin)
		}
		src, stride = c.dy.region(strip.data, image, y, x, asm.WinogradTile, n*asm.WinogradTile)
		asm.WinogradOutputGrad(n, g.cout, d[(lo-first)*c.dTile:], c.dTile, c.dStride, src, stride, g.cout)
		lo += n
	}
}

// multiply computes rows of m for one frequency.
func (c *weightGrad) multiply(m, v, d []float32, f, first, rows, tiles int, accumulate bool) {
	for i := 0; i < c.g.cin; i += asm.Cols {
		asm.SgemmPanel(rows, tiles, d[f*c.dStride+first:], 1, c.dTile, v[f*c.vStride+i*c.block:], m[f*c.mStride+first*c.mRow+i:], c.mRow, accumulate)
	}
}

// finish stores the gradients of outputs [lo,hi).
func (c *weightGrad) finish(dw, m []float32, lo, hi int) {
	cin := c.g.cin
	for o := lo; o < hi; o++ {
		asm.WinogradFilterGrad(cin, dw[o*9*cin:], cin, m[o*c.mRow:], c.mStride)
	}
}
