package optim

import (
	"math"

	"github.com/brushgrad/brushgrad/asm"
)

// block is how many elements one call of an assembly kernel handles. Such a
// call cannot be pre-empted, so it has to stay well below a millisecond. The
// size is fixed, which makes the order of every sum, and so every bit of the
// result, independent of the machine's load.
const block = 1 << 15

// dot returns the inner product of x and y, accumulated in float64.
func dot(x, y []float32) float64 {
	sum := 0.0
	for i := 0; i < len(x); i += block {
		j := min(i+block, len(x))
		sum += asm.Dot(x[i:j], y[i:j])
	}
	return sum
}

// axpy computes y += alpha x.
func axpy(alpha float64, x, y []float32) {
	for i := 0; i < len(x); i += block {
		j := min(i+block, len(x))
		asm.Axpy(float32(alpha), x[i:j], y[i:j])
	}
}

// scale computes x *= alpha. The factor stays in float64: an inverse
// curvature of 1e-40 is no number in float32, its product with a gradient of
// 1e38 is.
func scale(alpha float64, x []float32) {
	for i, v := range x {
		x[i] = float32(alpha * float64(v))
	}
}

// sub computes dst = a - b.
func sub(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v - b[i]
	}
}

// move computes dst = x + t d, each element rounded to float32 once, and
// reports whether that differs from x anywhere.
func move(dst, x []float32, t float64, d []float32) bool {
	moved := false
	for i, v := range x {
		dst[i] = float32(float64(v) + t*float64(d[i]))
		moved = moved || dst[i] != v
	}
	return moved
}

// maxAbs returns the largest magnitude in x, NaN if there is a NaN.
func maxAbs(x []float32) float64 {
	m := float32(0)
	for _, v := range x {
		m = max(m, v, -v)
	}
	return float64(m)
}

// finite reports whether v is neither infinite nor NaN.
func finite(v float64) bool {
	return !math.IsInf(v, 0) && !math.IsNaN(v)
}
