package optim

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/asm"
)

// LBFGS is the limited-memory BFGS method with a line search for the strong
// Wolfe conditions (Nocedal & Wright, Numerical Optimization, 2nd ed. 2006,
// Algorithms 7.4, 7.5, 3.5 and 3.6). The package documentation derives it.
// The zero value is ready to use.
//
// For a variable of n elements and a history of m pairs a run holds (2m+5) n
// float32 numbers beside x: 24 bytes per pair and RGB pixel. They are made
// when first needed; once the history is full, an iteration allocates nothing.
// After the run they stay until the next one starts or the LBFGS is dropped.
type LBFGS struct {
	// History is the number m of pairs (s, y) that are kept; 0 means 10.
	History int

	s, y   [][]float32 // rings of steps and of the gradients' changes
	sg, yg []float64   // s'g and y'g of each, with the gradient at the last accepted point
	sy, yy [][]float64 // s_i'y_j, as far as j is not older than i, and y_i'y_j; s_i'y_i is positive
	next   int         // where in the rings the next pair goes
	stored int         // how many pairs there are
	gamma  float64     // s'y / y'y of the newest pair

	alpha, beta []float64 // of multiply: the coefficients of -y and of s
	partial     []float64 // of measure: four inner products for each block and pair

	direction []float32
	line      lineSearch
}

func (l *LBFGS) start() {
	if l.History < 0 {
		panic(fmt.Sprintf("optim: LBFGS: negative History %d", l.History))
	}
	*l = LBFGS{History: l.History}
}

// prepare makes the buffers for n elements.
func (l *LBFGS) prepare(n int) {
	m := l.History
	if m == 0 {
		m = 10
	}
	l.s, l.y = make([][]float32, m), make([][]float32, m)
	l.sg, l.yg = make([]float64, m), make([]float64, m)
	l.sy, l.yy = make([][]float64, m), make([][]float64, m)
	for k := range m {
		l.sy[k], l.yy[k] = make([]float64, m), make([]float64, m)
	}
	l.alpha, l.beta = make([]float64, m), make([]float64, m)
	l.partial = make([]float64, 4*m*((n+block-1)/block))
	l.direction = make([]float32, n)
	l.line = lineSearch{
		trialX:    make([]float32, n),
		trialGrad: make([]float32, n),
		spareGrad: make([]float32, n),
	}
}

func (l *LBFGS) iterate(r *run) Status {
	if l.direction == nil {
		l.prepare(len(r.x))
	}
	for {
		slope, t := l.descent(r)
		p, status := l.line.search(r, l.direction, slope, t)
		if p.t > 0 {
			l.take(r, p)
			return status
		}
		if status != Running {
			return status
		}
		if r.bad.Evaluations == r.Evaluations {
			return NotFinite
		}
		if l.stored == 0 {
			return LineSearchFailed
		}
		l.stored = 0 // the history misleads: once more, along -g
	}
}

// descent fills l.direction and returns the slope of f along it and the step
// to try first. Without a history that is the gradient's direction.
func (l *LBFGS) descent(r *run) (slope, t float64) {
	if l.stored > 0 {
		l.multiply(r.grad)
		if slope = dot(l.direction, r.grad); slope < 0 {
			return slope, 1 // the step of Newton's method
		}
		l.stored = 0 // rounding has made H indefinite
	}
	copy(l.direction, r.grad)
	scale(-1, l.direction)
	slope = -dot(r.grad, r.grad)
	return slope, firstStep(r, slope)
}

// firstStep guesses a step along -g when nothing is known of the curvature.
// The length of g says nothing by itself: it has the units of f per unit of x.
//
// The guess is 4 f / g'g. Along the ray to a minimum where f is zero, a function
// that grows with the p-th power of the distance has it at p f / g'g; 1 is
// Polyak's step (Introduction to Optimization, 1987, section 5.3), 2 is right
// for squares, and 4 for the squares of Gram matrices, which are themselves
// quadratic. Being too bold costs one evaluation, since the line search then
// interpolates; being too timid costs several. For objectives that do not come
// near zero, x gives a scale: no component may change by more than the largest
// one is big.
func firstStep(r *run, slope float64) float64 {
	t := math.Inf(1)
	if r.Value != 0 {
		t = 4 * math.Abs(r.Value) / -slope
	}
	if m := maxAbs(r.x); m > 0 {
		t = min(t, m/r.GradientNorm)
	}
	if math.IsInf(t, 1) {
		t = 1 / r.GradientNorm
	}
	return t
}

// multiply computes direction = -H g, where H is the approximation of the
// inverse Hessian that the stored pairs define (the two-loop recursion,
// Algorithm 7.4) and g the gradient at the last accepted point.
//
// All vectors of the recursion are sums of g, the y and the s. So both loops run
// over the coefficients of these sums, with the inner products that measure has
// ready (W. Chen, Z. Wang, J. Zhou, "Large-scale L-BFGS using MapReduce", NIPS
// 2014, section 3): instead of four passes over x for each pair, one after the
// other, there is one to measure and one to add up, in blocks that stay in cache.
func (l *LBFGS) multiply(g []float32) {
	m := len(l.s)
	for i := 1; i <= l.stored; i++ { // newest to oldest
		k := (l.next - i + m) % m
		sq := l.sg[k] // s'q, where q = g - sum alpha_j y_j over the newer pairs
		for j := 1; j < i; j++ {
			newer := (l.next - j + m) % m
			sq -= l.alpha[newer] * l.sy[k][newer]
		}
		l.alpha[k] = sq / l.sy[k][k]
	}
	for i := l.stored; i >= 1; i-- { // oldest to newest
		k := (l.next - i + m) % m
		yq := l.yg[k] // y'q, where q = gamma (g - sum alpha_j y_j) + sum beta_j s_j over the older pairs
		for j := 1; j <= l.stored; j++ {
			other := (l.next - j + m) % m
			yq -= l.alpha[other] * l.yy[k][other]
		}
		yq *= l.gamma
		for j := i + 1; j <= l.stored; j++ {
			older := (l.next - j + m) % m
			yq += l.beta[older] * l.sy[older][k]
		}
		l.beta[k] = l.alpha[k] - yq/l.sy[k][k]
	}
	if len(g) <= block {
		l.sum(g, 0, len(g))
		return
	}
	blocks(len(g), func(lo, hi int) { l.sum(g, lo, hi) })
}

// sum adds up a block of the direction from the coefficients:
//
//	-gamma (g - sum alpha_k y_k) - sum beta_k s_k
func (l *LBFGS) sum(g []float32, lo, hi int) {
	q, m := l.direction[lo:hi], len(l.s)
	copy(q, g[lo:hi])
	for i := 1; i <= l.stored; i++ {
		k := (l.next - i + m) % m
		asm.Axpy(float32(-l.alpha[k]), l.y[k][lo:hi], q)
	}
	scaleBlock(-l.gamma, q)
	for i := l.stored; i >= 1; i-- {
		k := (l.next - i + m) % m
		asm.Axpy(float32(-l.beta[k]), l.s[k][lo:hi], q)
	}
}

// measure computes the inner products of all pairs with the gradient g, and with
// the y of pair k, which is new.
func (l *LBFGS) measure(g []float32, k int) {
	if len(g) <= block {
		l.measureBlock(g, k, 0, len(g))
	} else {
		blocks(len(g), func(lo, hi int) { l.measureBlock(g, k, lo, hi) })
	}
	width := 4 * len(l.s)
	for i := range l.s {
		var sum [4]float64
		for at := 4 * i; at < len(l.partial); at += width {
			for j, v := range l.partial[at : at+4] {
				sum[j] += v
			}
		}
		l.sg[i], l.yg[i] = sum[0], sum[1]
		l.sy[i][k], l.yy[i][k], l.yy[k][i] = sum[2], sum[3], sum[3]
	}
}

func (l *LBFGS) measureBlock(g []float32, k, lo, hi int) {
	partial := l.partial[4*len(l.s)*(lo/block):]
	for i, s := range l.s {
		if s == nil {
			break
		}
		s, y := s[lo:hi], l.y[i][lo:hi]
		partial[4*i], partial[4*i+2] = asm.Dot(s, g[lo:hi]), asm.Dot(s, l.y[k][lo:hi])
		partial[4*i+1], partial[4*i+3] = asm.Dot(y, g[lo:hi]), asm.Dot(y, l.y[k][lo:hi])
	}
}

// take moves r to p, a point on the last line searched, and stores what the
// step has taught about the curvature.
func (l *LBFGS) take(r *run, p point) {
	k := l.next
	if l.s[k] == nil {
		l.s[k], l.y[k] = make([]float32, len(r.x)), make([]float32, len(r.x))
	}
	s, y := l.s[k], l.y[k]
	x := l.line.trialX
	move(x, r.x, p.t, l.direction)
	sub(s, x, r.x) // what x really moves by, in float32
	sub(y, p.grad, r.grad)
	copy(r.x, x)
	copy(r.grad, p.grad)
	r.accept(p.value)
	// The guard: H stays positive definite only if s'y > 0. The Wolfe
	// conditions promise it, but the search may have had to do without them,
	// and rounding leaves of a tiny y only noise. The pair that would have
	// been overwritten is lost either way.
	l.measure(r.grad, k)
	sy, yy := l.sy[k][k], l.yy[k][k]
	if !(sy > 1e-7*math.Sqrt(dot(s, s)*yy)) {
		l.stored = min(l.stored, len(l.s)-1)
		return
	}
	l.gamma = sy / yy
	l.next = (k + 1) % len(l.s)
	l.stored = min(l.stored+1, len(l.s))
}
