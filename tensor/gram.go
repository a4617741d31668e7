package tensor

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// A Gram matrix a^T a is symmetric, so half of it is enough: panels of sixteen
// columns, each from the first row down to the diagonal. That is what BLAS
// calls a rank-k update.
//
// A task adds up some panels over a chunk of the positions, block by block. A
// block is so small that it stays in the cache while asm.GramPanel reads it
// once for every six rows of every panel. Nothing is packed and nothing is
// padded: where a panel reaches past the last channel, the kernel reads on into
// the next position, and what that gives lands in elements of the partial sum
// that nobody looks at.
const (
	// gramBlock is the size of a block that is read where it lies, 16 KiB, half
	// of the first-level cache.
	gramBlock = 1 << 12

	// gramChannels is the number of channels beyond which such a block would
	// have too few positions to pay for loading and storing the sums. Blocks of
	// gramPositions are copied to the second-level cache instead, with rows an
	// odd number of cache lines apart, so that a column does not crowd into few
	// sets of the first level.
	gramChannels  = 128
	gramPositions = 192

	// gramWork is the least number of multiply-adds worth a task, gramTasks the
	// number of tasks that is enough for any machine.
	gramWork  = 1 << 20
	gramTasks = 32

	// A partial sum is worth its memory if it covers gramChunk positions, and
	// all of them together take at most gramPartial elements, 4 MiB.
	gramChunk   = 256
	gramPartial = 1 << 20

	// gramPanels is the least number of panels, on average, for which a task
	// copies a block.
	gramPanels = 4
)

// gramPlan says how the work on a Gram matrix is cut into tasks: positions into
// chunks, and where those do not suffice panels into groups. It depends on the
// shape alone, so the order of the sums does too.
type gramPlan struct {
	positions, channels int

	block  int // positions in a block
	chunk  int // positions in a chunk
	chunks int
	groups int // of panels, with about the same number of multiply-adds
	size   int // elements of a partial sum: one panel after the other
}

func planGram(positions, channels int) gramPlan {
	g := gramPlan{positions: positions, channels: channels, block: gramPositions}
	if channels <= gramChannels {
		g.block = min(512, gramBlock/channels)
	}
	g.size = g.offset(g.panels())
	tasks := max(1, min(gramTasks, positions/max(1, gramWork/g.size)))
	most := max(1, min(tasks, positions/gramChunk, gramPartial/g.size))
	g.chunk = max(g.block, roundUp((positions+most-1)/most, g.block))
	g.chunks = max(1, (positions+g.chunk-1)/g.chunk)
	g.groups = min((g.panels()+gramPanels-1)/gramPanels, (tasks+g.chunks-1)/g.chunks)
	return g
}

func (g gramPlan) panels() int { return (g.channels + asm.Cols - 1) / asm.Cols }

// rows returns the rows of panel j, down to the diagonal.
func (g gramPlan) rows(j int) int {
	return roundUp(min((j+1)*asm.Cols, g.channels), asm.Rows)
}

// offset returns where panel j begins in a partial sum.
func (g gramPlan) offset(j int) int {
	n := 0
	for i := range j {
		n += g.rows(i) * asm.Cols
	}
	return n
}

// border returns the first panel of group i. The area of the triangle to the
// left of panel j grows as the square of j.
func (g gramPlan) border(i int) int {
	return int(math.Round(math.Sqrt(float64(i)/float64(g.groups)) * float64(g.panels())))
}

// sum stores panels [lo,hi) of a^T a over the positions [p0,p1) in partial.
func (g gramPlan) sum(partial, a []float32, p0, p1, lo, hi int) {
	c, width := g.channels, min(g.channels, hi*asm.Cols)
	inPlace := c <= gramChannels
	ld := c
	if !inPlace {
		ld = roundUp(width, asm.Cols) | asm.Cols
	}
	copied := getScratch(g.block*ld + asm.Cols)
	defer copied.put()
	for p := p0; p < p1; p += g.block {
		k := min(g.block, p1-p)
		block := a[p*c:]
		// Nor may the kernel read on past the end of all positions.
		if !inPlace || len(block) < k*c+asm.Cols {
			for r := range k {
				copy(copied.data[r*ld:][:width], block[r*c:])
			}
			block = copied.data
		}
		offset := g.offset(lo)
		for j := lo; j < hi; j++ {
			rows := g.rows(j)
			asm.GramPanel(rows, k, block, ld, j*asm.Cols, partial[offset:], p > p0)
			offset += rows * asm.Cols
		}
	}
}

// finish adds up panel j of all partial sums, in order, and stores it in dst on
// either side of the diagonal.
func (g gramPlan) finish(dst, partial []float32, j int, scale float32) {
	j0 := j * asm.Cols
	j1 := min(g.channels, j0+asm.Cols)
	offset := g.offset(j)
	sum := partial[offset:][:j1*asm.Cols]
	for t := 1; t < g.chunks; t++ {
		asm.Axpy(1, partial[t*g.size+offset:][:len(sum)], sum)
	}
	for i := range sum {
		sum[i] *= scale
	}
	for i := range j1 {
		copy(dst[i*g.channels+j0:i*g.channels+j1], sum[i*asm.Cols:])
	}
	transposeInto(dst[j0*g.channels:], g.channels, sum, asm.Cols, j0, j1-j0)
}

// Gram stores scale a^T a in dst, with dst (C,C) and a (P,C), or (...,C), whose
// other dimensions make up the P positions; dst must not overlap a:
//
//	dst[i,j] = scale sum over p of a[p,i] a[p,j]
//
// The result is symmetric to the bit. As for MatMul, sums run in float32, in an
// order that depends on the shape alone, so the error of an element is at most
// about P 2^-24 |scale| sum |a a|. It panics if the shapes do not fit.
func Gram(dst, a *Tensor, scale float32) {
	if a.Rank() < 2 || dst.Rank() != 2 || dst.shape[0] != a.Dim(-1) || dst.shape[1] != a.Dim(-1) {
		panic(fmt.Sprintf("tensor: Gram: a %v does not give %v, wants (P,C) and (C,C)", a.shape, dst.shape))
	}
	if len(dst.data) == 0 {
		return
	}
	g := planGram(len(a.data)/a.Dim(-1), a.Dim(-1))
	partial := getScratch(g.chunks * g.size)
	defer partial.put()
	if g.positions == 0 {
		clear(partial.data)
	}
	parallel.For(g.chunks*g.groups, func(t int) {
		chunk, group := t/g.groups, t%g.groups
		g.sum(partial.data[chunk*g.size:], a.data, chunk*g.chunk, min(g.positions, (chunk+1)*g.chunk), g.border(group), g.border(group+1))
	})
	parallel.For(g.panels(), func(j int) { g.finish(dst.data, partial.data, j, scale) })
}

// GramGrad is the adjoint of Gram: it stores in dx the gradient of a, both (P,C)
// or (...,C) with the same P, from that of the Gram matrix, dg (C,C), which need
// not be symmetric. With accumulate it adds it to dx instead:
//
//	dx[p,i] = scale sum over j of a[p,j] (dg[j,i] + dg[i,j])
//
// dx must not overlap a or dg. It panics if the shapes do not fit.
func GramGrad(dx, a, dg *Tensor, scale float32, accumulate bool) {
	if min(a.Rank(), dx.Rank()) < 2 || dg.Rank() != 2 || len(dx.data) != len(a.data) || dx.Dim(-1) != a.Dim(-1) || dg.shape[0] != a.Dim(-1) || dg.shape[1] != a.Dim(-1) {
		panic(fmt.Sprintf("tensor: GramGrad: dx %v, a %v and dg %v do not fit, wants (P,C), (P,C) and (C,C)", dx.shape, a.shape, dg.shape))
	}
	c := a.Dim(-1)
	if c == 0 {
		return
	}
	positions := len(a.data) / c
	sum := getScratch(c * c)
	defer sum.put()
	parallel.Range(c, asm.Cols, func(lo, hi int) {
		rows := sum.data[lo*c : hi*c]
		transposeInto(rows, c, dg.data[lo:], c, c, hi-lo)
		for i, v := range dg.data[lo*c : hi*c] {
			rows[i] = (rows[i] + v) * scale
		}
	})
	p := denseProduct(dense{a.data, c}, dense{sum.data, c})
	defer p.done()
	p.m, p.n, p.k = positions, c, c
	p.c, p.ldc, p.accumulate = dx.data, c, accumulate
	p.run()
}
