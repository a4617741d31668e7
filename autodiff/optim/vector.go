package optim

import (
	"math"
	"sync/atomic"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// block is how many elements a core handles at a time. A call of an assembly
// kernel cannot be pre-empted, so it has to stay well below a millisecond. The
// size is fixed, which makes the order of every sum, and so every bit of the
// result, independent of the machine's load and the number of its cores.
const block = 1 << 15

// blocks calls body for blocks of [0,n), on all cores. A short vector is a block
// by itself, for which the functions below do without: a closure is an
// allocation.
func blocks(n int, body func(i, j int)) { parallel.Range(n, block, body) }

// dot returns the inner product of x and y, accumulated in float64.
func dot(x, y []float32) float64 {
	if len(x) <= block {
		return asm.Dot(x, y)
	}
	partial := make([]float64, (len(x)+block-1)/block)
	blocks(len(x), func(i, j int) { partial[i/block] = asm.Dot(x[i:j], y[i:j]) })
	sum := 0.0
	for _, v := range partial {
		sum += v
	}
	return sum
}

// axpy computes y += alpha x.
func axpy(alpha float64, x, y []float32) {
	if len(x) <= block {
		asm.Axpy(float32(alpha), x, y)
		return
	}
	blocks(len(x), func(i, j int) { asm.Axpy(float32(alpha), x[i:j], y[i:j]) })
}

// scale computes x *= alpha. The factor stays in float64: an inverse
// curvature of 1e-40 is no number in float32, its product with a gradient of
// 1e38 is.
func scale(alpha float64, x []float32) {
	if len(x) <= block {
		scaleBlock(alpha, x)
		return
	}
	blocks(len(x), func(i, j int) { scaleBlock(alpha, x[i:j]) })
}

func scaleBlock(alpha float64, x []float32) {
	for i, v := range x {
		x[i] = float32(alpha * float64(v))
	}
}

// sub computes dst = a - b.
func sub(dst, a, b []float32) {
	if len(dst) <= block {
		subBlock(dst, a, b)
		return
	}
	blocks(len(dst), func(i, j int) { subBlock(dst[i:j], a[i:j], b[i:j]) })
}

func subBlock(dst, a, b []float32) {
	dst, b = dst[:len(a)], b[:len(a)]
	for i, v := range a {
		dst[i] = v - b[i]
	}
}

// move computes dst = x + t d, each element rounded to float32 once, and
// reports whether that differs from x anywhere.
func move(dst, x []float32, t float64, d []float32) bool {
	if len(x) <= block {
		return moveBlock(dst, x, t, d)
	}
	var moved atomic.Bool
	blocks(len(x), func(i, j int) {
		if moveBlock(dst[i:j], x[i:j], t, d[i:j]) {
			moved.Store(true)
		}
	})
	return moved.Load()
}

func moveBlock(dst, x []float32, t float64, d []float32) bool {
	moved := false
	dst, d = dst[:len(x)], d[:len(x)]
	for i, v := range x {
		dst[i] = float32(float64(v) + t*float64(d[i]))
		moved = moved || dst[i] != v
	}
	return moved
}

// maxAbs returns the largest magnitude in x, NaN if there is a NaN.
func maxAbs(x []float32) float64 {
	if len(x) <= block {
		return float64(maxAbsBlock(x))
	}
	partial := make([]float32, (len(x)+block-1)/block)
	blocks(len(x), func(i, j int) { partial[i/block] = maxAbsBlock(x[i:j]) })
	return float64(maxAbsBlock(partial))
}

func maxAbsBlock(x []float32) float32 {
	m := float32(0)
	for _, v := range x {
		m = max(m, v, -v)
	}
	return m
}

// finite reports whether v is neither infinite nor NaN.
func finite(v float64) bool {
	return !math.IsInf(v, 0) && !math.IsNaN(v)
}

// piece is a block of one of several slices, all of which are spread over the
// cores at once: most parameters of a network are shorter than a block.
type piece struct{ param, lo, hi int }

// split cuts slices into blocks, in their order.
func split(params [][]float32) []piece {
	var pieces []piece
	for i, x := range params {
		for lo := 0; lo < len(x); lo += block {
			pieces = append(pieces, piece{i, lo, min(lo+block, len(x))})
		}
	}
	return pieces
}
