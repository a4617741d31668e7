package asm

import "fmt"

// Rows and Cols are the size of the block of C that SgemmPanels keeps in
// registers: twelve of the sixteen vector registers hold it, two a row of B and
// two the elements of A being multiplied.
const (
	Rows = 6
	Cols = 16
)

// SgemmPanels multiplies a rows x k block of A by panels of B, k x 16 each and
// one behind the other, into a block of C of rows x 16 panels:
//
//	for i := range rows {
//		for j := range 16 * panels {
//			sum := float32(0)
//			for p := range k {
//				sum += a[i*rs+p*cs] * b[j/16*16*k+p*16+j%16]
//			}
//			if accumulate {
//				sum += c[i*ldc+j]
//			}
//			c[i*ldc+j] = sum
//		}
//	}
//
// Six rows at a time meet all panels, so that C is written row by row and A is
// read once; the panels of one call should fit the first-level cache together.
// The row stride rs and the column stride cs of A make one kernel serve A and
// its transpose. The assembly rounds once per multiply-add. It panics if rows
// is not a multiple of Rows, or a slice is too short.
func SgemmPanels(rows, panels, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool) {
	if rows < 0 || rows%Rows != 0 || panels < 0 || k < 0 || rs < 0 || cs < 0 || ldc < 0 {
		panic(fmt.Sprintf("asm: SgemmPanels: negative size, or rows no multiple of %d: rows=%d panels=%d k=%d rs=%d cs=%d ldc=%d", Rows, rows, panels, k, rs, cs, ldc))
	}
	if rows == 0 || panels == 0 {
		return
	}
	if want := (rows-1)*ldc + panels*Cols; len(c) < want {
		panic(fmt.Sprintf("asm: SgemmPanels: c has %d values, wants %d", len(c), want))
	}
	if k > 0 && (len(a) < (rows-1)*rs+(k-1)*cs+1 || len(b) < panels*k*Cols) {
		panic(fmt.Sprintf("asm: SgemmPanels: a has %d values, wants %d; b has %d, wants %d",
			len(a), (rows-1)*rs+(k-1)*cs+1, len(b), panels*k*Cols))
	}
	sgemmPanels(rows, panels, k, a, rs, cs, b, c, ldc, accumulate)
}

// GramPanel multiplies sixteen columns of a matrix, which start at column j, by
// its first columns, six at a time: a rows x 16 block of a^T a, over k rows of
// a that are ld values apart:
//
//	for i := range rows {
//		for s := range 16 {
//			sum := float32(0)
//			for p := range k {
//				sum += a[p*ld+i] * a[p*ld+j+s]
//			}
//			if accumulate {
//				sum += c[i*16+s]
//			}
//			c[i*16+s] = sum
//		}
//	}
//
// Nothing has to be packed: both operands are read where they lie. The
// assembly rounds once per multiply-add, and both twins give c[i][s] and
// c[s][i] of a block on the diagonal the same bits. It panics if rows is not a
// multiple of Rows, or a slice is too short.
func GramPanel(rows, k int, a []float32, ld, j int, c []float32, accumulate bool) {
	if rows < 0 || rows%Rows != 0 || k < 0 || ld < 0 || j < 0 {
		panic(fmt.Sprintf("asm: GramPanel: negative size, or rows no multiple of %d: rows=%d k=%d ld=%d j=%d", Rows, rows, k, ld, j))
	}
	if rows == 0 {
		return
	}
	if len(c) < rows*Cols || k > 0 && len(a) < (k-1)*ld+max(rows, j+Cols) {
		panic(fmt.Sprintf("asm: GramPanel: rows=%d k=%d ld=%d j=%d do not fit a of %d and c of %d values", rows, k, ld, j, len(a), len(c)))
	}
	gramPanel(rows, k, a, ld, j, c, accumulate)
}

// Axpy adds a multiple of x to y:
//
//	for i, v := range x {
//		y[i] += alpha * v
//	}
//
// It panics if y is shorter than x.
func Axpy(alpha float32, x, y []float32) {
	axpy(alpha, x, y[:len(x)])
}

// Dot returns the inner product of x and y, accumulated in float64:
//
//	sum := 0.0
//	for i, v := range x {
//		sum += float64(v) * float64(y[i])
//	}
//
// The assembly keeps sixteen partial sums. It panics if y is shorter than x.
func Dot(x, y []float32) float64 {
	return dot(x, y[:len(x)])
}

// BiasReLU adds a bias to every channel of a row and rectifies:
//
//	for i, b := range bias {
//		y[i] = max(y[i]+b, 0)
//	}
//
// A NaN stays a NaN. It panics if y is shorter than bias.
func BiasReLU(y, bias []float32) {
	biasReLU(y[:len(bias)], bias)
}

// ReLU rectifies:
//
//	for i, v := range x {
//		dst[i] = max(v, 0)
//	}
//
// A NaN stays a NaN; dst may be x. It panics if dst is shorter than x.
func ReLU(dst, x []float32) {
	relu(dst[:len(x)], x)
}

// ReLUGrad is the adjoint of ReLU. It lets through the gradient where the
// output was positive:
//
//	for i, v := range y {
//		if v > 0 {
//			dst[i] = dy[i]
//		} else {
//			dst[i] = 0
//		}
//	}
//
// dst may be dy. It panics if dst or dy is shorter than y.
func ReLUGrad(dst, dy, y []float32) {
	reluGrad(dst[:len(y)], dy[:len(y)], y)
}

// Transpose8 transposes eight rows:
//
//	for c := range cols {
//		for r := range 8 {
//			dst[c*ldDst+r] = src[r*ldSrc+c]
//		}
//	}
//
// It panics if a slice is too short.
func Transpose8(dst []float32, ldDst int, src []float32, ldSrc, cols int) {
	if cols < 0 || ldDst < 0 || ldSrc < 0 || cols > 0 && (len(dst) < (cols-1)*ldDst+8 || len(src) < 7*ldSrc+cols) {
		panic(fmt.Sprintf("asm: Transpose8: cols=%d ldDst=%d ldSrc=%d do not fit %d and %d values", cols, ldDst, ldSrc, len(dst), len(src)))
	}
	transpose8(dst, ldDst, src, ldSrc, cols)
}

// CopyRows copies rows of n values each, which in src may stand far apart:
//
//	for r := range rows {
//		copy(dst[r*ldDst:][:n], src[r*ldSrc:])
//	}
//
// The assembly asks the memory for rows well before it needs them, which the
// processor does not do by itself for strides of several kilobytes. It panics
// if n is not a multiple of 8 or a slice is too short.
func CopyRows(dst []float32, ldDst int, src []float32, ldSrc, rows, n int) {
	if rows <= 0 || n <= 0 {
		return
	}
	if n%8 != 0 || ldDst < 0 || ldSrc < 0 || len(dst) < (rows-1)*ldDst+n || len(src) < (rows-1)*ldSrc+n {
		panic(fmt.Sprintf("asm: CopyRows: %d rows of %d values, %d and %d apart, do not fit %d and %d, or are not by the eight", rows, n, ldDst, ldSrc, len(dst), len(src)))
	}
	copyRows(rows, n, dst, ldDst, src, ldSrc)
}

// PrefetchRows asks the memory for rows of n values each, ldSrc apart, which will
// be read before long. It changes nothing but the time that takes. It panics if
// src is too short.
func PrefetchRows(src []float32, ldSrc, rows, n int) {
	if rows <= 0 || n <= 0 {
		return
	}
	if ldSrc < 0 || len(src) < (rows-1)*ldSrc+n {
		panic(fmt.Sprintf("asm: PrefetchRows: %d rows of %d values, %d apart, do not fit %d", rows, n, ldSrc, len(src)))
	}
	prefetchRows(rows, n, src, ldSrc)
}
