package optim

import (
	"fmt"
	"math"
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
	sy     []float64   // s'y of each pair, always positive
	alpha  []float64   // of the first loop, for the second
	next   int         // where in the rings the next pair goes
	stored int         // how many pairs there are
	gamma  float64     // s'y / y'y of the newest pair

	direction []float32
	line      lineSearch
}

func (l *LBFGS) start(bool) {
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
	l.sy, l.alpha = make([]float64, m), make([]float64, m)
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
// Algorithm 7.4).
func (l *LBFGS) multiply(g []float32) {
	q, m := l.direction, len(l.s)
	copy(q, g)
	for i := 1; i <= l.stored; i++ { // newest to oldest
		k := (l.next - i + m) % m
		l.alpha[k] = dot(l.s[k], q) / l.sy[k]
		axpy(-l.alpha[k], l.y[k], q)
	}
	scale(l.gamma, q)
	for i := l.stored; i >= 1; i-- { // oldest to newest
		k := (l.next - i + m) % m
		beta := dot(l.y[k], q) / l.sy[k]
		axpy(l.alpha[k]-beta, l.s[k], q)
	}
	scale(-1, q)
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
	sy, yy := dot(s, y), dot(y, y)
	if !(sy > 1e-7*math.Sqrt(dot(s, s)*yy)) {
		l.stored = min(l.stored, len(l.s)-1)
		return
	}
	l.sy[k], l.gamma = sy, sy/yy
	l.next = (k + 1) % len(l.s)
	l.stored = min(l.stored+1, len(l.s))
}
