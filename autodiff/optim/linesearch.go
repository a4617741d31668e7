package optim

import "math"

// The constants of the strong Wolfe conditions, as recommended for
// quasi-Newton methods by Nocedal & Wright, p. 62. A step t along d is good if
//
//	phi(t)    <= phi(0) + c1 t phi'(0)   it lowers the value enough
//	|phi'(t)| <= c2 |phi'(0)|            and is neither far too short nor far too long
//
// where phi(t) = f(x + t d). With c2 as loose as 0.9, the first step tried is
// nearly always good; what matters is only that s'y > 0 afterwards.
const (
	c1 = 1e-4
	c2 = 0.9
)

// maxTrials bounds the evaluations of one line search, and maxBad those among
// them that are not finite: each makes the next step ten times shorter.
const (
	maxTrials = 25
	maxBad    = 10
)

// point is one point of phi: value phi(t), slope phi'(t), and the gradient of
// f that the slope comes from.
type point struct {
	t, value, slope float64
	grad            []float32
	evaluation      int // its number
}

// lineSearch looks along d for a step that meets the strong Wolfe conditions.
type lineSearch struct {
	trialX    []float32 // x + t d of the last trial
	trialGrad []float32 // where the next trial's gradient goes
	spareGrad []float32 // that of the last lo, if it was not the start
}

// search tries t first. It is Nocedal & Wright's Algorithms 3.5 (step out until
// there is a bracket) and 3.6 (zoom into the bracket) in a single loop over
// the same two points, since both treat a trial alike:
//
//	lo  the best point so far with sufficient decrease, at first t = 0
//	hi  the other end of a bracket that is known to hold good steps
//
// Of the two conditions a lo misses the second one, or it would be returned.
//
// It returns the point to accept, or lo when the trials have run out or, which
// the status tells, the run has to stop: t = 0 then means that no lower value
// was found. The point's gradient stays valid until the next search.
func (s *lineSearch) search(r *run, d []float32, slope, t float64) (point, Status) {
	start := point{0, r.Value, slope, r.grad, r.Accepted}
	lo, hi := start, point{t: math.Inf(1)}
	width, lastWidth := math.Inf(1), math.Inf(1) // of the bracket, two trials ago and one
	bad := 0
	for trials := 0; trials < maxTrials && bad < maxBad; trials++ {
		if !move(s.trialX, r.x, t, d) {
			break // too short for float32 to notice
		}
		value, status := r.evaluate(s.trialX, s.trialGrad)
		if status != Running {
			return lo, status
		}
		trial := point{t, value, dot(s.trialGrad, d), s.trialGrad, r.Evaluations}
		before := lo
		switch {
		case !finite(trial.value) || !finite(trial.slope):
			bad++
			r.bad = Result{Evaluations: r.Evaluations, Value: value, GradientNorm: maxAbs(s.trialGrad)}
			hi = point{t: t, value: math.Inf(1)}
		case trial.value > start.value+c1*t*start.slope || trial.value >= lo.value:
			hi = trial
		case math.Abs(trial.slope) <= -c2*start.slope:
			return trial, Running
		default:
			if trial.slope*(hi.t-lo.t) >= 0 {
				hi = lo
			}
			lo = trial
			s.trialGrad, s.spareGrad = s.spareGrad, s.trialGrad
		}

		w := math.Abs(hi.t - lo.t)
		switch {
		case math.IsInf(hi.t, 1):
			t = extrapolate(before, lo)
		case w > width*2/3:
			t = (lo.t + hi.t) / 2 // interpolating has hardly shrunk it: halve it
		default:
			t = interpolate(lo, hi)
		}
		width, lastWidth = lastWidth, w
	}
	return lo, Running
}

// interpolate returns the next step to try inside the bracket of lo and hi:
// the minimiser of the cubic through both values and slopes, but never in the
// outer tenths of the bracket, where it would shrink too slowly.
func interpolate(lo, hi point) float64 {
	w := hi.t - lo.t
	if math.IsInf(hi.value, 1) {
		return lo.t + w/10
	}
	t := cubicMinimizer(lo, hi)
	if math.IsNaN(t) {
		return lo.t + w/2
	}
	a, b := lo.t+w/10, hi.t-w/10
	return min(max(t, min(a, b)), max(a, b))
}

// extrapolate returns the next step beyond b, when phi still falls there and
// has fallen since a: the minimiser of the cubic, if there is one ahead,
// between twice and a hundred times as far from a.
func extrapolate(a, b point) float64 {
	w := b.t - a.t
	near, far := b.t+w, b.t+100*w
	t := cubicMinimizer(a, b)
	if !(t > b.t) {
		return b.t + 4*w
	}
	return min(max(t, near), far)
}

// cubicMinimizer returns where the cubic with the values and slopes of a and b
// has its local minimum (Nocedal & Wright, equation 3.59), NaN if it has none.
func cubicMinimizer(a, b point) float64 {
	d1 := a.slope + b.slope - 3*(a.value-b.value)/(a.t-b.t)
	d2 := math.Copysign(math.Sqrt(d1*d1-a.slope*b.slope), b.t-a.t)
	return b.t - (b.t-a.t)*(b.slope+d2-d1)/(b.slope-a.slope+2*d2)
}
