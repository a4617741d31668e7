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
	// Parts, if not empty, are the lengths of consecutive parts of x, positive ones
	// that add up to its length; Minimize panics if they do not. They say that the
	// objective is nearly a sum of functions of one part each. Then the curvature of
	// each is learned separately: the approximation of the Hessian is block-diagonal,
	// and as good with m pairs as that of a run on this part alone. Only the length of
	// a step is common to all. It costs no more memory or time. (The idea of updating
	// the Hessians of the terms of a sum one by one is that of A. Griewank, Ph. L.
	// Toint, "Partitioned variable metric updates for large structured optimization
	// problems", Numerische Mathematik 39, 1982; here, terms share no variable.)
	Parts []int

	memories  []memory // of the parts
	direction []float32
	line      lineSearch
}

func (l *LBFGS) start(n int) {
	if l.History < 0 {
		panic(fmt.Sprintf("optim: LBFGS: negative History %d", l.History))
	}
	sum, positive := 0, true
	for _, length := range l.Parts {
		sum, positive = sum+length, positive && length > 0
	}
	if len(l.Parts) > 0 && (sum != n || !positive) {
		panic(fmt.Sprintf("optim: LBFGS: Parts %d, want positive lengths that add up to that of x, %d", l.Parts, n))
	}
	*l = LBFGS{History: l.History, Parts: l.Parts}
}

// prepare makes the buffers for n elements.
func (l *LBFGS) prepare(n int) {
	m := l.History
	if m == 0 {
		m = 10
	}
	l.direction = make([]float32, n)
	l.line = lineSearch{
		trialX:    make([]float32, n),
		trialGrad: make([]float32, n),
		spareGrad: make([]float32, n),
	}
	parts := l.Parts
	if len(parts) == 0 {
		parts = []int{n}
	}
	lo := 0
	for _, length := range parts {
		l.memories = append(l.memories, newMemory(m, lo, lo+length))
		lo += length
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
		if l.knowsNothing() {
			return LineSearchFailed
		}
		l.forget() // the history misleads: once more, along -g
	}
}

// knowsNothing reports whether no part has a pair.
func (l *LBFGS) knowsNothing() bool {
	for _, m := range l.memories {
		if m.stored > 0 {
			return false
		}
	}
	return true
}

// forget drops all pairs.
func (l *LBFGS) forget() {
	for i := range l.memories {
		l.memories[i].stored = 0
	}
}

// descent fills l.direction and returns the slope of f along it and the step
// to try first. Without a history that is the gradient's direction.
func (l *LBFGS) descent(r *run) (slope, t float64) {
	if !l.knowsNothing() {
		for i := range l.memories {
			m := &l.memories[i]
			m.multiply(l.direction[m.lo:m.hi], r.grad[m.lo:m.hi])
		}
		if slope = dot(l.direction, r.grad); slope < 0 {
			return slope, 1 // the step of Newton's method
		}
		l.forget() // rounding has made H indefinite
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

// take moves r to p, a point on the last line searched, and stores what the
// step has taught about the curvature.
func (l *LBFGS) take(r *run, p point) {
	x := l.line.trialX
	move(x, r.x, p.t, l.direction)
	steepest := l.knowsNothing()
	for i := range l.memories {
		m := &l.memories[i]
		if steepest {
			m.gamma = p.t // was good enough for this step, should the pair be refused
		}
		m.learn(r.x[m.lo:m.hi], x[m.lo:m.hi], r.grad[m.lo:m.hi], p.grad[m.lo:m.hi])
	}
	copy(r.x, x)
	copy(r.grad, p.grad)
	r.accept(p.value, p.evaluation)
}
