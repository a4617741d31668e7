package tensor

import (
	"fmt"
	"sync"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// A matrix product is computed in blocks, as Goto and van de Geijn describe in
// "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34:3, 2008).
//
//   - The product is cut into tasks of blockM x blockN elements of C. A task
//     owns its block, which stays in the second-level cache while k runs.
//   - k runs in slices of blockK. For each, the task copies ("packs") its rows
//     of A into a buffer of its own, also sized for the second-level cache.
//   - B is packed once for all tasks into panels of asm.Cols columns; one
//     blockK x 16 panel, 24 KiB, stays in the first-level cache while the
//     micro-kernel asm.SgemmPanels sweeps down the rows of A.
//
// Packing is where everything else happens: a transposed operand is transposed
// as it is packed, and a convolution packs im2col rows straight from the
// picture, so that its column matrix never exists as a whole.
const (
	blockM = 16 * asm.Rows
	blockN = 256
	blockK = 384

	// panelsL1 is how many elements of B, half of a first-level cache, the
	// micro-kernel may go through for six rows of A.
	panelsL1 = 4096

	// rowGap keeps packed rows of A apart. Without it their distance would be
	// a multiple of 512 bytes, and the six that the micro-kernel reads at a
	// time would crowd into few sets of the first-level cache: measured on a
	// Zen 3, that costs 3 % of the speed at distances of 1.5 KiB, a tenth at 1,
	// a third at 2 and three fifths at 4.
	rowGap = 8

	// crowded is the distance of the rows of a matrix in memory, 4 KiB, of
	// which multiples are worth a copy to get rid of.
	crowded = 1024
)

// source is a matrix whose blocks can be copied out: an array in memory, or
// one that is computed as it is copied.
type source interface {
	// copyBlock copies rows [r0,r0+nr) and columns [c0,c0+nc) to
	// dst[r*ld+c], r and c counted from the corner of the block.
	copyBlock(dst []float32, ld, r0, nr, c0, nc int)
}

// dense is a matrix in memory whose rows start ld elements apart.
type dense struct {
	data []float32
	ld   int
}

func (d *dense) copyBlock(dst []float32, ld, r0, nr, c0, nc int) {
	for r := range nr {
		copy(dst[r*ld:][:nc], d.data[(r0+r)*d.ld+c0:])
	}
}

// product describes C (+)= op(A) op(B), with op(A) m x k and op(B) k x n.
type product struct {
	m, n, k        int
	a, b           source
	transA, transB bool // transB only where b is dense
	c              []float32
	ldc            int
	accumulate     bool // add to C instead of overwriting it

	// epilogue, if not nil, is called on each row of each finished block:
	// row holds columns [col, col+len(row)) of C.
	epilogue func(row []float32, col int)

	// A and B where they are dense: as parts of a product that serves again they
	// are no allocation.
	denseA, denseB dense
}

var products = sync.Pool{New: func() any { return new(product) }}

// denseProduct returns a product of matrices in memory, for the caller to
// complete; done gives it back.
func denseProduct(a, b dense) *product {
	p := products.Get().(*product)
	p.denseA, p.denseB = a, b
	p.a, p.b = &p.denseA, &p.denseB
	return p
}

func (p *product) done() {
	*p = product{}
	products.Put(p)
}

// run computes the product.
func (p *product) run() {
	if p.m == 0 || p.n == 0 {
		return
	}
	if chunks := p.splitK(); chunks > 1 {
		p.runSplit(chunks)
		return
	}
	// B is packed a stretch of k at a time, to bound the memory it takes.
	const maxPacked = 1 << 22
	columns := roundUp(p.n, asm.Cols)
	stretch := max(blockK, maxPacked/columns/blockK*blockK)
	packed := getScratch(columns * min(stretch, p.k))
	defer packed.put()
	for k0 := 0; k0 == 0 || k0 < p.k; k0 += stretch {
		k1 := min(p.k, k0+stretch)
		p.packB(packed.data, k0, k1)
		tasksN := (p.n + blockN - 1) / blockN
		rows := p.taskRows()
		tasksM := (p.m + rows - 1) / rows
		parallel.For(tasksM*tasksN, func(t int) {
			p.task(t/tasksN*rows, rows, t%tasksN*blockN, k0, k1, packed.data)
		})
	}
}

// packB packs slices [k0,k1) of B as [slice][panel][k][16].
func (p *product) packB(packed []float32, k0, k1 int) {
	panels := (p.n + asm.Cols - 1) / asm.Cols
	parallel.For(panels, func(j int) {
		for k := k0; k < k1; k += blockK {
			nk := min(blockK, k1-k)
			p.packPanel(packed[(k-k0)*panels*asm.Cols+j*nk*asm.Cols:], k, nk, j*asm.Cols)
		}
	})
}

// packPanel packs rows [k0,k0+nk) of the sixteen columns of op(B) that start
// at j; columns past the last are zero.
func (p *product) packPanel(panel []float32, k0, nk, j int) {
	nj := min(asm.Cols, p.n-j)
	panel = panel[:nk*asm.Cols]
	if nj < asm.Cols {
		clear(panel)
	}
	if !p.transB {
		p.b.copyBlock(panel, asm.Cols, k0, nk, j, nj)
		return
	}
	d := p.b.(*dense) // nothing else is ever transposed
	transposeInto(panel, asm.Cols, d.data[j*d.ld+k0:], d.ld, nj, nk)
}

// taskRows returns the rows of C of a task: blockM, or for a short k as many
// more as their A takes the same memory. Handing out a task costs about as
// much as a hundred thousand multiply-adds.
func (p *product) taskRows() int {
	return blockM * max(1, (blockK+rowGap)/(min(p.k, blockK)+rowGap))
}

// task computes the block of C at (i0,j0), of so many rows, over k in [k0,k1).
func (p *product) task(i0, rows, j0, k0, k1 int, packed []float32) {
	m, n := min(rows, p.m-i0), min(blockN, p.n-j0)
	a := getScratch(blockM * (blockK + rowGap))
	defer a.put()
	c := p.c[i0*p.ldc+j0:]
	columns := roundUp(p.n, asm.Cols)
	accumulate := p.accumulate || k0 > 0
	for k := k0; k == k0 || k < k1; k += blockK {
		nk := min(blockK, k1-k)
		block, rs, cs := p.packA(a.data, i0, m, k, nk)
		multiply(m, n, nk, block, rs, cs, packed[(k-k0)*columns+j0*nk:], c, p.ldc, accumulate)
		accumulate = true
	}
	if p.epilogue != nil && k1 == p.k {
		for i := range m {
			p.epilogue(c[i*p.ldc:][:n], j0)
		}
	}
}

// packA packs m rows and nk columns of op(A) into dst, with rows of zeros up
// to the next multiple of asm.Rows, and returns the block with its strides.
// Copying keeps the layout of the source, so that it runs at the speed of
// memory; the micro-kernel takes either. Whole rows of a matrix in memory can
// stay where they are.
func (p *product) packA(dst []float32, i0, m, k0, nk int) (block []float32, rs, cs int) {
	padded := roundUp(m, asm.Rows)
	if p.transA {
		p.a.copyBlock(dst, padded, k0, nk, i0, m)
		if m < padded {
			for k := range nk {
				clear(dst[k*padded+m : (k+1)*padded])
			}
		}
		return dst, 1, padded
	}
	if d, ok := p.a.(*dense); ok && m == padded && d.ld%crowded != 0 {
		return d.data[i0*d.ld+k0:], d.ld, 1
	}
	ld := nk + rowGap
	p.a.copyBlock(dst, ld, i0, m, k0, nk)
	clear(dst[m*ld : padded*ld])
	return dst, ld, 1
}

// multiply runs the micro-kernel over a packed m x k block of A, padded to a
// multiple of asm.Rows, and packed panels of B. Where k is short, several
// panels at a time: C, not the arithmetic, is then what takes the time, and
// memory takes whole rows faster than stripes of them.
func multiply(m, n, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool) {
	together := max(1, panelsL1/max(1, k*asm.Cols))
	rows, panels := m/asm.Rows*asm.Rows, n/asm.Cols
	for j := 0; j < panels; j += together {
		asm.SgemmPanels(rows, min(together, panels-j), k, a, rs, cs, b[j*asm.Cols*k:], c[j*asm.Cols:], ldc, accumulate)
	}
	if cols := panels * asm.Cols; cols < n {
		multiplyEdge(rows, n-cols, k, a, rs, cs, b[cols*k:], c[cols:], ldc, accumulate)
	}
	if rows < m {
		for j := 0; j < n; j += asm.Cols {
			multiplyEdge(m-rows, min(asm.Cols, n-j), k, a[rows*rs:], rs, cs, b[j*k:], c[rows*ldc+j:], ldc, accumulate)
		}
	}
}

// multiplyEdge is multiply for what hangs over the edge of C, in m rows or
// n <= asm.Cols columns: the micro-kernel writes to a buffer, of which the part
// that is inside is copied.
func multiplyEdge(m, n, k int, a []float32, rs, cs int, panel, c []float32, ldc int, accumulate bool) {
	var edge [asm.Rows * asm.Cols]float32
	for i := 0; i < m; i += asm.Rows {
		asm.SgemmPanels(asm.Rows, 1, k, a[i*rs:], rs, cs, panel, edge[:], asm.Cols, false)
		for r := range min(asm.Rows, m-i) {
			dst := c[(i+r)*ldc:][:n]
			for s := range dst {
				if accumulate {
					dst[s] += edge[r*asm.Cols+s]
				} else {
					dst[s] = edge[r*asm.Cols+s]
				}
			}
		}
	}
}

// splitChunk is the stretch of k that one task of a split product covers.
const splitChunk = 6 * blockK

// splitK returns into how many chunks to cut k: more than one when C is so
// small that its blocks cannot occupy the cores, but k is long, as for Gram
// matrices and weight gradients. It depends on the shape alone.
func (p *product) splitK() int {
	tasks := ((p.m + blockM - 1) / blockM) * ((p.n + blockN - 1) / blockN)
	if tasks >= 8 || p.k < 2*splitChunk {
		return 1
	}
	return (p.k + splitChunk - 1) / splitChunk
}

// runSplit gives each chunk of k a partial C of its own and adds them up in
// order.
func (p *product) runSplit(chunks int) {
	partial := getScratch(chunks * p.m * p.n)
	defer partial.put()
	columns := roundUp(p.n, asm.Cols)
	parallel.For(chunks, func(t int) {
		c := partial.data[t*p.m*p.n:][:p.m*p.n]
		b := getScratch(columns * blockK)
		defer b.put()
		a := getScratch(blockM * (blockK + rowGap))
		defer a.put()
		k0 := t * splitChunk
		k1 := min(p.k, k0+splitChunk)
		for k := k0; k < k1; k += blockK {
			nk := min(blockK, k1-k)
			for j := 0; j < p.n; j += asm.Cols {
				p.packPanel(b.data[j*nk:], k, nk, j)
			}
			for i0 := 0; i0 < p.m; i0 += blockM {
				m := min(blockM, p.m-i0)
				block, rs, cs := p.packA(a.data, i0, m, k, nk)
				multiply(m, p.n, nk, block, rs, cs, b.data, c[i0*p.n:], p.n, k > k0)
			}
		}
	})
	parallel.Range(p.m, 8, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.c[i*p.ldc:][:p.n]
			if !p.accumulate {
				clear(row)
			}
			for t := range chunks {
				asm.Axpy(1, partial.data[(t*p.m+i)*p.n:][:p.n], row)
			}
			if p.epilogue != nil {
				p.epilogue(row, 0)
			}
		}
	})
}

// roundUp returns the least multiple that is no less than n, which is not
// negative.
func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// MatMul stores op(a) op(b) in dst, where op(x) is x or, with the flag set,
// its transpose; with accumulate it adds to dst instead. op(a) is (M, K),
// op(b) is (K, N) and dst (M, N), which must not overlap a or b. Sums run in
// float32, in an order that depends on the shapes alone, so the error of an
// element is at most about K 2^-24 sum |a b|. It panics if the shapes do not
// fit.
func MatMul(dst, a, b *Tensor, transA, transB, accumulate bool) {
	if a.Rank() != 2 || b.Rank() != 2 || dst.Rank() != 2 {
		panic(fmt.Sprintf("tensor: MatMul: wants matrices, not %v x %v -> %v", a.shape, b.shape, dst.shape))
	}
	m, k := a.shape[0], a.shape[1]
	if transA {
		m, k = k, m
	}
	kb, n := b.shape[0], b.shape[1]
	if transB {
		kb, n = n, kb
	}
	if k != kb || dst.shape[0] != m || dst.shape[1] != n {
		panic(fmt.Sprintf("tensor: MatMul: %v%s x %v%s does not give %v", a.shape, prime(transA), b.shape, prime(transB), dst.shape))
	}
	p := denseProduct(dense{a.data, a.shape[1]}, dense{b.data, b.shape[1]})
	defer p.done()
	p.m, p.n, p.k, p.transA, p.transB = m, n, k, transA, transB
	p.c, p.ldc, p.accumulate = dst.data, n, accumulate
	p.run()
}

func prime(transposed bool) string {
	if transposed {
		return "^T"
	}
	return ""
}
