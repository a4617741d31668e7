package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// weightGrad is the gradient of the weight of a convolution that [winograd]
// computes, by the same method, see [asm.WinogradOutputGrad]: patches of x and
// tiles of dy are transformed, and for each of the 36 frequencies a matrix
// product over the tiles,
//
//	m[f][o][i] = sum over tiles of d[f][tile][o] v[f][tile][i]
//
// takes the place of dy^T im2col(x), a product over the pixels. That is a quarter
// of the multiplications. The sums are transformed back once.
type weightGrad struct {
	cin, cout  int
	x, dy      patches
	rows, cols int // tiles in a picture
	total      int // tiles
	block      int // tiles in a block: those whose v and d exist at a time

	// v is laid out as [frequency][panel of 16 inputs][tile][16], ready for the
	// micro-kernel, d as [frequency][tile][output] and m as
	// [frequency][output][input].
	dTile, mRow               int // distance of tiles in d, of outputs in m
	vStride, dStride, mStride int // distance of frequencies
}

// Sizes of the blocks, which depend on the shapes alone. Where m is small, a task
// has a chunk of tiles of its own, and v, d and m stay in its second-level cache;
// the gradients of the chunks are added up in order. Where m is large, the tasks
// share the v and d of a large block of tiles, in the third-level cache, and each
// computes a frequency.
const (
	weightOwn    = 64 * 64         // weights of a tap up to which tasks have tiles of their own
	weightBlock  = 48              // tiles in a block of a task's own
	weightChunk  = 3 * weightBlock // tiles of a task
	weightShared = 6 << 20 / 4     // values in v and d of a shared block
	weightSlice  = 72              // tiles whose sum starts from zero, since long sums are less exact
)

// winogradGradWeight is Conv2DGradWeight by Winograd's method.
func (g *geometry) winogradGradWeight(dw, x, dy []float32) {
	c := &weightGrad{
		cin: g.cin, cout: g.cout,
		x:    patches{x: x, h: g.h, w: g.w, c: g.cin, top: g.Padding.Top, left: g.Padding.Left, mode: g.Padding.Mode},
		dy:   patches{x: dy, h: g.p, w: g.q, c: g.cout},
		rows: (g.p + asm.WinogradTile - 1) / asm.WinogradTile,
		cols: (g.q + asm.WinogradTile - 1) / asm.WinogradTile,
	}
	c.total = g.n * c.rows * c.cols
	if c.cin*c.cout <= weightOwn && c.total >= 4*weightChunk {
		c.runOwn(dw)
	} else {
		c.runShared(dw)
	}
}

// runOwn computes the gradient by tasks that have tiles of their own.
func (c *weightGrad) runOwn(dw []float32) {
	c.layOut(weightBlock)
	chunks := (c.total + weightChunk - 1) / weightChunk
	partial := getScratch(chunks * len(dw))
	defer partial.put()
	parallel.Range(c.total, weightChunk, func(first, end int) {
		v, d, m := c.scratch()
		defer v.put()
		defer d.put()
		defer m.put()
		for lo := first; lo < end; lo += c.block {
			hi := min(end, lo+c.block)
			c.transform(v.data, d.data, lo, lo, hi)
			for f := range asm.WinogradSize {
				c.multiply(m.data, v.data, d.data, f, hi-lo, lo > first)
			}
		}
		c.store(partial.data[first/weightChunk*len(dw):], m.data, 0, c.cout)
	})
	parallel.Range(len(dw), elementBlock/8, func(lo, hi int) {
		copy(dw[lo:hi], partial.data[lo:])
		for t := 1; t < chunks; t++ {
			asm.Axpy(1, partial.data[t*len(dw)+lo:][:hi-lo], dw[lo:])
		}
	})
}

// runShared computes the gradient by tasks that share their tiles.
func (c *weightGrad) runShared(dw []float32) {
	most := max(weightBlock, weightShared/(asm.WinogradSize*(c.cin+c.cout)))
	blocks := (c.total + most - 1) / most
	c.layOut((c.total + blocks - 1) / blocks)
	v, d, m := c.scratch()
	defer v.put()
	defer d.put()
	defer m.put()
	for first := 0; first < c.total; first += c.block {
		n := min(c.block, c.total-first)
		parallel.Range(n, 8, func(lo, hi int) { c.transform(v.data, d.data, first, first+lo, first+hi) })
		parallel.For(asm.WinogradSize, func(f int) { c.multiply(m.data, v.data, d.data, f, n, first > 0) })
	}
	parallel.Range(c.cout, 8, func(lo, hi int) { c.store(dw, m.data, lo, hi) })
}

// layOut sets the size of the blocks and the distances that follow.
func (c *weightGrad) layOut(block int) {
	c.block = block
	c.dTile, c.mRow = spread(c.cout), roundUp(c.cin, asm.Cols)
	c.vStride, c.dStride = spread(block*c.mRow), spread(block*c.dTile)
	c.mStride = spread(roundUp(c.cout, asm.Rows) * c.mRow)
}

// scratch returns memory for v, d and m. The micro-kernel takes outputs by the
// six, and may read as many past the last tile of d.
func (c *weightGrad) scratch() (v, d, m *scratch) {
	return getScratch(asm.WinogradSize * c.vStride), getScratch(asm.WinogradSize*c.dStride + asm.Rows), getScratch(asm.WinogradSize * c.mStride)
}

// transform transforms the patches and tiles [lo,hi) into v and d, which begin
// with tile first.
func (c *weightGrad) transform(v, d []float32, first, lo, hi int) {
	widest := max(c.cin, c.cout)
	strip := getScratch(stripSize(widest))
	defer strip.put()
	for lo < hi {
		image, row, col := lo/(c.rows*c.cols), lo/c.cols%c.rows, lo%c.cols
		n := min(stripTiles(widest), hi-lo, c.cols-col)
		y, x := row*asm.WinogradTile, col*asm.WinogradTile
		src, rowStride := c.x.patch(strip.data, image, y-c.x.top, x-c.x.left, n)
		for i := 0; i < c.cin; i += asm.Cols {
			to := v[i*c.block+(lo-first)*asm.Cols:]
			asm.WinogradInput(n, min(asm.Cols, c.cin-i), to, asm.Cols, c.vStride, src[i:], rowStride, c.cin)
		}
		src, rowStride = c.dy.region(strip.data, image, y, x, asm.WinogradTile, n*asm.WinogradTile)
		asm.WinogradOutputGrad(n, c.cout, d[(lo-first)*c.dTile:], c.dTile, c.dStride, src, rowStride, c.cout)
		lo += n
	}
}

// multiply computes the sums of frequency f over so many tiles, or adds them to m.
// Inputs and outputs that fill up the last panel or six rows are arbitrary, and
// so are their sums, which nobody reads.
func (c *weightGrad) multiply(m, v, d []float32, f, tiles int, accumulate bool) {
	m, v, d = m[f*c.mStride:], v[f*c.vStride:], d[f*c.dStride:]
	for t := 0; t < tiles; t += weightSlice {
		k := min(weightSlice, tiles-t)
		for i := 0; i < c.cin; i += asm.Cols {
			asm.SgemmPanels(roundUp(c.cout, asm.Rows), 1, k, d[t*c.dTile:], 1, c.dTile, v[i*c.block+t*asm.Cols:], m[i:], c.mRow, accumulate || t > 0)
		}
	}
}

// store transforms the sums of outputs [lo,hi) back and stores them in dw.
func (c *weightGrad) store(dw, m []float32, lo, hi int) {
	for o := lo; o < hi; o++ {
		asm.WinogradFilterGrad(c.cin, dw[o*9*c.cin:], c.cin, m[o*c.mRow:], c.mStride)
	}
}
