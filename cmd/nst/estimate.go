package main

import (
	"cmp"
	"time"

	"github.com/brushgrad/brushgrad/nst"
)

// estimate estimates the time to the end of a run.
type estimate struct {
	planned time.Duration // of the whole run

	// slowness is how many times longer than planned a unit of work takes: a mean of
	// what is measured at this scale and of what was thought before, in which the
	// measurement counts the more the longer it took.
	slowness, before float64
	scale            int
	begun            float64 // the work done when it began
	points           []point // of this scale, in order, without its first iteration, which sets out
}

// point is how far a run was at a time.
type point struct {
	work    float64
	elapsed time.Duration
}

const (
	// trusted is the share of the planned time for which a measurement has to last to
	// count as much as what was thought before.
	trusted = 0.03
	// recent is the share of the time so far that is measured: a machine may have other
	// things to do at times.
	recent = 0.5
)

// after returns the time left after an evaluation, once it is known: after the first
// iteration.
func (e *estimate) after(at nst.Progress) (left time.Duration, known bool) {
	now := point{at.Work, at.Elapsed}
	if at.Scale != e.scale {
		// What the last scale says is believed, though a coarse one takes longer for its
		// pixels than a fine one, by up to 1.4 times: a machine that has become busy since
		// the plan was made does more than that.
		e.before = cmp.Or(e.slowness, 1)
		e.scale, e.slowness, e.begun, e.points = at.Scale, e.before, at.Work, nil
	}
	if now.work > e.begun {
		e.measure(now)
	}
	return time.Duration((1 - now.work) * float64(e.planned) * e.slowness), now.work > 0
}

// measure takes account of a point behind the first iteration of a scale.
func (e *estimate) measure(now point) {
	e.points = append(e.points, now)
	begin := time.Duration((1 - recent) * float64(now.elapsed))
	for len(e.points) > 2 && e.points[1].elapsed <= begin {
		e.points = e.points[1:]
	}
	planned := float64(e.planned)
	if from := e.points[0]; now.work > from.work {
		took := float64(now.elapsed - from.elapsed)
		measured := took / ((now.work - from.work) * planned)
		weight := took / (took + trusted*planned)
		e.slowness = weight*measured + (1-weight)*e.before
	}
}
