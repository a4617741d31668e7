package optim

import (
	"math"

	"github.com/brushgrad/brushgrad/asm"
)

// memory is what L-BFGS remembers of a part of x: the last pairs (s, y) and all
// inner products of them that the direction takes.
type memory struct {
	lo, hi int // the part is x[lo:hi]

	s, y   [][]float32 // rings of steps and of the gradients' changes
	sg, yg []float64   // s'g and y'g of each, with the gradient at the last accepted point
	sy, yy [][]float64 // s_i'y_j, as far as j is not older than i, and y_i'y_j; s_i'y_i is positive
	next   int         // where in the rings the next pair goes
	stored int         // how many pairs there are
	gamma  float64     // s'y / y'y of the last pair stored; if none was since the last step along -g, that step

	alpha, beta []float64 // of multiply: the coefficients of -y and of s
	partial     []float64 // of measure: four inner products for each block and pair
}

// newMemory returns an empty memory of m pairs for x[lo:hi].
func newMemory(m, lo, hi int) memory {
	h := memory{
		lo: lo, hi: hi,
		s: make([][]float32, m), y: make([][]float32, m),
		sg: make([]float64, m), yg: make([]float64, m),
		sy: make([][]float64, m), yy: make([][]float64, m),
		alpha: make([]float64, m), beta: make([]float64, m),
		partial: make([]float64, 4*m*((hi-lo+block-1)/block)),
	}
	for k := range m {
		h.sy[k], h.yy[k] = make([]float64, m), make([]float64, m)
	}
	return h
}

// multiply computes direction = -H g, where H is the approximation of the
// inverse Hessian that the stored pairs define (the two-loop recursion,
// Algorithm 7.4) and g the gradient at the last accepted point. Without pairs H
// is gamma times the identity.
//
// All vectors of the recursion are sums of g, the y and the s. So both loops run
// over the coefficients of these sums, with the inner products that measure has
// ready (W. Chen, Z. Wang, J. Zhou, "Large-scale L-BFGS using MapReduce", NIPS
// 2014, section 3): instead of four passes over x for each pair, one after the
// other, there is one to measure and one to add up, in blocks that stay in cache.
func (h *memory) multiply(direction, g []float32) {
	m := len(h.s)
	for i := 1; i <= h.stored; i++ { // newest to oldest
		k := (h.next - i + m) % m
		sq := h.sg[k] // s'q, where q = g - sum alpha_j y_j over the newer pairs
		for j := 1; j < i; j++ {
			newer := (h.next - j + m) % m
			sq -= h.alpha[newer] * h.sy[k][newer]
		}
		h.alpha[k] = sq / h.sy[k][k]
	}
	for i := h.stored; i >= 1; i-- { // oldest to newest
		k := (h.next - i + m) % m
		yq := h.yg[k] // y'q, where q = gamma (g - sum alpha_j y_j) + sum beta_j s_j over the older pairs
		for j := 1; j <= h.stored; j++ {
			other := (h.next - j + m) % m
			yq -= h.alpha[other] * h.yy[k][other]
		}
		yq *= h.gamma
		for j := i + 1; j <= h.stored; j++ {
			older := (h.next - j + m) % m
			yq += h.beta[older] * h.sy[older][k]
		}
		h.beta[k] = h.alpha[k] - yq/h.sy[k][k]
	}
	if len(g) <= block {
		h.sum(direction, g, 0, len(g))
		return
	}
	blocks(len(g), func(lo, hi int) { h.sum(direction, g, lo, hi) })
}

// sum adds up a block of the direction from the coefficients:
//
//	-gamma (g - sum alpha_k y_k) - sum beta_k s_k
func (h *memory) sum(direction, g []float32, lo, hi int) {
	q, m := direction[lo:hi], len(h.s)
	copy(q, g[lo:hi])
	for i := 1; i <= h.stored; i++ {
		k := (h.next - i + m) % m
		asm.Axpy(float32(-h.alpha[k]), h.y[k][lo:hi], q)
	}
	scaleBlock(-h.gamma, q)
	for i := h.stored; i >= 1; i-- {
		k := (h.next - i + m) % m
		asm.Axpy(float32(-h.beta[k]), h.s[k][lo:hi], q)
	}
}

// measure computes the inner products of all pairs with the gradient g, and with
// the y of pair k, which is new.
func (h *memory) measure(g []float32, k int) {
	if len(g) <= block {
		h.measureBlock(g, k, 0, len(g))
	} else {
		blocks(len(g), func(lo, hi int) { h.measureBlock(g, k, lo, hi) })
	}
	width := 4 * len(h.s)
	for i := range h.s {
		var sum [4]float64
		for at := 4 * i; at < len(h.partial); at += width {
			for j, v := range h.partial[at : at+4] {
				sum[j] += v
			}
		}
		h.sg[i], h.yg[i] = sum[0], sum[1]
		h.sy[i][k], h.yy[i][k], h.yy[k][i] = sum[2], sum[3], sum[3]
	}
}

func (h *memory) measureBlock(g []float32, k, lo, hi int) {
	partial := h.partial[4*len(h.s)*(lo/block):]
	for i, s := range h.s {
		if s == nil {
			break
		}
		s, y := s[lo:hi], h.y[i][lo:hi]
		partial[4*i], partial[4*i+2] = asm.Dot(s, g[lo:hi]), asm.Dot(s, h.y[k][lo:hi])
		partial[4*i+1], partial[4*i+3] = asm.Dot(y, g[lo:hi]), asm.Dot(y, h.y[k][lo:hi])
	}
}

// learn stores the pair of a step from the point oldX with the gradient oldG to
// x with g.
func (h *memory) learn(oldX, x, oldG, g []float32) {
	k := h.next
	if h.s[k] == nil {
		h.s[k], h.y[k] = make([]float32, len(x)), make([]float32, len(x))
	}
	s, y := h.s[k], h.y[k]
	sub(s, x, oldX) // what x really moves by, in float32
	sub(y, g, oldG)
	// The guard: H stays positive definite only if s'y > 0. The Wolfe
	// conditions promise it for all of x, though for none of its parts, but the
	// search may have had to do without them, and rounding leaves of a tiny y only
	// noise. The pair that would have been overwritten is lost either way.
	h.measure(g, k)
	sy, yy := h.sy[k][k], h.yy[k][k]
	if !(sy > 1e-7*math.Sqrt(dot(s, s)*yy)) {
		h.stored = min(h.stored, len(h.s)-1)
		return
	}
	h.gamma = sy / yy
	h.next = (k + 1) % len(h.s)
	h.stored = min(h.stored+1, len(h.s))
}
