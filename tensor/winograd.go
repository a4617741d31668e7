package tensor

import (
	"runtime"
	"sync"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// winograd is a 3x3 convolution of stride 1 by F(4x4,3x3), see
// [asm.WinogradInput]: for each tile of 4x4 output pixels, the 6x6 patch it
// depends on is transformed to 36 numbers a channel ("frequencies"), and so is
// each filter; for each frequency a matrix product over the channels takes the
// place of the convolution,
//
//	m[f][tile][o] = sum over i of v[f][tile][i] u[f][i][o]
//
// and the 36 results are transformed back. That is a quarter of the
// multiplications. In three passes over memory the gain would be lost, so the
// work is cut into blocks of tiles whose v stays in a cache, and of groups of
// outputs whose m does; what follows a convolution (bias, ReLU and its mask,
// max pooling) happens as a tile is transformed back, what precedes it
// (padding, the adjoints of ReLU and of max pooling) as a patch is gathered.
//
// The same code computes a convolution and the gradient of its input, which is
// a convolution with the filters turned round. An output is computed by the
// same operations in the same order wherever the blocks begin.
type winograd struct {
	n       int // pictures
	in      patches
	out     tiles
	filters filters

	// What the tasks of run have in common: the transformed patches of tiles
	// [lo,hi), stride apart by frequency and cut into parts, or the transformed
	// filters.
	v, u                  []float32
	stride, lo, hi, parts int
	threads               int

	tasks winogradTasks
}

// winogradTasks are methods as functions, which would be an allocation for each
// convolution if they did not serve again.
type winogradTasks struct {
	filters, group func(g int)
	block, patches func(lo, hi int)
}

var winograds = sync.Pool{New: func() any {
	c := new(winograd)
	c.tasks = winogradTasks{c.filterTask, c.groupTask, c.blockTask, c.patchTask}
	return c
}}

func newWinograd() *winograd { return winograds.Get().(*winograd) }

// done gives c back to be used again, without the memory it refers to.
func (c *winograd) done() {
	*c = winograd{tasks: c.tasks}
	winograds.Put(c)
}

// Sizes of the blocks. The path taken depends on the shapes alone; blocks may be
// smaller where there are many cores, since the tiles of a product do not know of
// each other.
const (
	winogradGroup = 2 * asm.Cols // outputs whose products a task keeps at a time

	// A convolution of few channels is cut into blocks of tiles that a task
	// handles alone, with v in the second-level cache. One of many channels would
	// fetch its transformed filters, which are larger than any cache, from memory
	// for each of them: its tasks share the v of a large block of tiles instead,
	// and each transforms and uses up the filters of one group of outputs.
	winogradOwn      = winogradChannels // channels up to which a task has tiles of its own
	winogradShared   = 144              // tiles whose v is shared
	winogradChannels = 128              // channels whose filters are transformed at a time
)

// ownTiles returns the number of tiles in a block of a task's own.
func ownTiles(channels int) int {
	switch {
	case channels <= 32:
		return 48
	case channels <= 64:
		return 24
	}
	return 36
}

// patchChannels is the distance of the tiles in v: channels, but not 512 bytes
// or a multiple apart, see rowGap.
func patchChannels(channels int) int {
	if channels >= 128 {
		return channels + 16
	}
	return channels
}

// spread returns the distance in memory of n values for each of 36
// frequencies: n rounded up to an odd number of cache lines, so that the 36
// places a transform writes to at a time fall into different sets of the cache.
func spread(n int) int { return roundUp(n, 16) + 16*(1-roundUp(n, 16)/16%2) }

// run computes the convolution.
func (c *winograd) run() {
	c.out.cut()
	total := c.n * c.out.rows * c.out.cols
	c.threads = runtime.GOMAXPROCS(0)
	if block := ownTiles(c.in.c); c.in.c <= winogradOwn && total >= 8*block {
		filters := getScratch(c.groups() * c.groupSize())
		defer filters.put()
		block = min(block, max(2*asm.Rows, roundUp(total/(2*c.threads), asm.Rows)))
		c.u, c.stride = filters.data, spread(block*patchChannels(c.in.c))
		parallel.For(c.groups(), c.tasks.filters)
		parallel.Range(total, block, c.tasks.block)
		return
	}
	c.stride = spread(min(winogradShared, roundUp(total, asm.Rows)) * patchChannels(c.in.c))
	v := getScratch(asm.WinogradSize * c.stride)
	defer v.put()
	c.v = v.data
	for c.lo = 0; c.lo < total; c.lo += winogradShared {
		c.hi = min(total, c.lo+winogradShared)
		parallel.Range(c.hi-c.lo, 4, c.tasks.patches)
		// Each part transforms all filters, which takes as long as five tiles do: one
		// part, unless there are too few groups to keep the cores busy.
		c.parts = max(1, min(2*c.threads/c.groups(), (c.hi-c.lo)/36))
		parallel.For(c.groups()*c.parts, c.tasks.group)
	}
}

// filterTask transforms the filters of one group for all blocks.
func (c *winograd) filterTask(g int) { c.transformFilters(c.u[g*c.groupSize():], g, 0, c.in.c) }

// blockTask computes a block of tiles of a task's own.
func (c *winograd) blockTask(lo, hi int) {
	v := getScratch(asm.WinogradSize * c.stride)
	defer v.put()
	c.transformPatches(v.data, lo, lo, hi)
	for g := range c.groups() {
		c.multiply(v.data, c.u[g*c.groupSize():], g, lo, hi)
	}
}

// patchTask transforms some of the patches of a shared block.
func (c *winograd) patchTask(lo, hi int) { c.transformPatches(c.v, c.lo, c.lo+lo, c.lo+hi) }

// groupTask computes a group of outputs of one part of a shared block.
func (c *winograd) groupTask(t int) {
	part, n := t/c.groups(), c.hi-c.lo
	size := roundUp((n+c.parts-1)/c.parts, asm.Rows)
	if lo, hi := part*size, min(n, (part+1)*size); lo < hi {
		c.multiply(c.v[lo*patchChannels(c.in.c):], nil, t%c.groups(), c.lo+lo, c.lo+hi)
	}
}

func (c *winograd) groups() int { return (c.out.c + winogradGroup - 1) / winogradGroup }

// panels returns the number of panels of the micro-kernel in group g.
func (c *winograd) panels(g int) int {
	return (min(winogradGroup, c.out.c-g*winogradGroup) + asm.Cols - 1) / asm.Cols
}

// groupSize is the number of values of the transformed filters of a group, for
// a block of channels.
func (c *winograd) groupSize() int {
	return asm.WinogradSize * filterStride(winogradGroup/asm.Cols, min(c.in.c, winogradChannels))
}

// filterStride returns the distance of the frequencies of transformed filters:
// two cache lines more than they need, since six are written at a time, which at
// a distance of a power of two would meet in one set of the cache.
func filterStride(panels, k int) int { return panels*k*asm.Cols + 32 }

// transformFilters stores in u the transformed filters of group g for k channels
// from p on, laid out as [frequency][panel][channel][16]. The taps of a few
// channels stay in the cache while the six rows of the result are made of them.
func (c *winograd) transformFilters(u []float32, g, p, k int) {
	const few = 32
	taps := getScratch(9 * few * winogradGroup)
	defer taps.put()
	first, stride := g*winogradGroup, filterStride(c.panels(g), k)
	for q := 0; q < k; q += few {
		n := min(few, k-q)
		c.filters.taps(taps.data, first, p+q, n)
		for j := 0; j < winogradGroup && first+j < c.out.c; j += asm.Cols {
			for i := range asm.WinogradPatch {
				at := asm.WinogradPatch*i*stride + j*k + q*asm.Cols
				asm.WinogradFilter(n, i, u[at:], stride, taps.data[j*9*n:])
			}
		}
	}
}

// transformPatches transforms the patches of tiles [lo,hi) into v, which
// begins with tile first.
func (c *winograd) transformPatches(v []float32, first, lo, hi int) {
	strip := getScratch(stripSize(c.in.c))
	defer strip.put()
	most := stripTiles(c.in.c)
	for lo < hi {
		image, row, col := c.out.position(lo)
		n := min(most, hi-lo, c.out.cols-col)
		y, x := row*asm.WinogradTile-c.in.top, col*asm.WinogradTile-c.in.left
		src, rowStride := c.in.patch(strip.data, image, y, x, n)
		asm.WinogradInput(n, c.in.c, v[(lo-first)*patchChannels(c.in.c):], patchChannels(c.in.c), c.stride, src, rowStride, c.in.c)
		lo += n
	}
}

// multiply computes the outputs of group g in tiles [lo,hi), with which v
// begins. u holds the transformed filters; where it is nil, they are made for a
// block of channels at a time, in the second-level cache, and used up there.
func (c *winograd) multiply(v, u []float32, g, lo, hi int) {
	first, panels := g*winogradGroup, c.panels(g)
	n := min(winogradGroup, c.out.c-first)
	rows := roundUp(hi-lo, asm.Rows)
	mStride := spread(rows * winogradGroup)
	m := getScratch(asm.WinogradSize*mStride + tileScratch)
	defer m.put()
	transformed := u != nil
	if !transformed {
		filters := getScratch(c.groupSize())
		defer filters.put()
		u = filters.data
	}
	ld := patchChannels(c.in.c)
	for p := 0; p < c.in.c; p += winogradChannels {
		k := min(winogradChannels, c.in.c-p)
		if !transformed {
			c.transformFilters(u, g, p, k)
		}
		for f := range asm.WinogradSize {
			if !transformed {
				c.prefetchFilters(g, p+k, f)
			}
			asm.SgemmPanels(rows, panels, k, v[f*c.stride+p:], ld, 1, u[f*filterStride(panels, k):], m.data[f*mStride:], winogradGroup, p > 0)
		}
	}
	for t := lo; t < hi; t++ {
		c.out.store(m.data[(t-lo)*winogradGroup:], mStride, t, first, n, m.data[asm.WinogradSize*mStride:])
	}
}

// prefetchFilters asks the memory for a part, f, of the filters that a task will
// transform when it is done with those of group g before channel p: the rest of
// the group, or those of the group that this core is likely to get next.
func (c *winograd) prefetchFilters(g, p, f int) {
	if p == c.in.c {
		g, p = g+c.threads, 0
	}
	if g < c.groups() {
		c.filters.prefetch(g*winogradGroup, p, min(c.in.c-p, winogradChannels), f, asm.WinogradSize)
	}
}

// suitsWinograd reports whether a convolution, and the gradients of its input and
// its weight, are computed by Winograd's method: 3x3 filters of stride 1, channels
// in whole vectors, and enough tiles to be worth the transformation of the
// filters, which takes as long as some five tiles.
func (g *geometry) suitsWinograd() bool {
	tiles := g.n * ((g.p + 3) / 4) * ((g.q + 3) / 4)
	return g.kh == 3 && g.kw == 3 && g.StrideH == 1 && g.StrideW == 1 && g.DilationH == 1 && g.DilationW == 1 &&
		g.Groups == 1 && g.cin%8 == 0 && g.cout%8 == 0 && tiles >= 12 &&
		max(g.Padding.Top, g.Padding.Bottom, g.Padding.Left, g.Padding.Right) <= 2
}

// winogradForward is Conv2D by Winograd's method. mask, if not nil, gets a bit
// for each value of y, set where it is positive.
func (g *geometry) winogradForward(y []float32, mask []uint8, x, w, bias []float32, relu bool) {
	c := g.winograd(x, w, bias)
	defer c.done()
	c.out.y, c.out.mask, c.out.relu = y, mask, relu
	c.run()
}

// winogradForwardPooled is Conv2DReLUMaxPool by Winograd's method.
func (g *geometry) winogradForwardPooled(y []float32, taps, mask []uint8, x, w, bias []float32) {
	c := g.winograd(x, w, bias)
	defer c.done()
	c.out.y, c.out.taps, c.out.mask = y, taps, mask
	c.run()
}

func (g *geometry) winograd(x, w, bias []float32) *winograd {
	c := newWinograd()
	c.n = g.n
	c.in = patches{x: x, h: g.h, w: g.w, c: g.cin, top: g.Padding.Top, left: g.Padding.Left, mode: g.Padding.Mode}
	c.out = tiles{h: g.p, w: g.q, c: g.cout, bias: bias}
	c.filters = filters{w: w, cin: g.cin, cout: g.cout}
	return c
}

// winogradGradInput is Conv2DGradInput by Winograd's method, or, with taps,
// Conv2DReLUMaxPoolGradInput: dx[h] is the sum of dy[h+top-kh] w[kh], a
// convolution of dy, behind a border of 2-top zeros, with the filters turned
// round. mask, if not nil, has a bit for each value of dy, and only those that
// are set count.
func (g *geometry) winogradGradInput(dx, dy []float32, taps, mask []uint8, w []float32, accumulate bool) {
	c, pad := newWinograd(), g.Padding
	defer c.done()
	c.n = g.n
	c.in = patches{x: dy, h: g.p, w: g.q, c: g.cout, mask: mask, taps: taps, top: 2 - pad.Top, left: 2 - pad.Left}
	c.out = tiles{y: dx, h: g.h, w: g.w, c: g.cin, accumulate: accumulate}
	c.filters = filters{w: w, cin: g.cin, cout: g.cout, gradient: true}
	if !pad.repeats() {
		c.run()
		return
	}
	// The border shows pixels of the picture: compute the gradient of the picture
	// with its border, and fold that in at the end.
	c.in.top, c.in.left = 2, 2
	c.out.ring = g.newRing()
	defer c.out.ring.done()
	c.run()
	c.out.ring.fold(dx)
}
