package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/statusline"
	"github.com/brushgrad/brushgrad/nst"
)

// progress tells a person how far a run is: by a bar on a terminal, by a plain line now
// and then elsewhere.
type progress struct {
	out        io.Writer
	job        *painting.Job
	among      *series          // nil for a picture by itself
	line       *statusline.Line // nil for plain lines
	planned    painting.Plan
	left       estimate
	scale      int // of the last report
	lastReport time.Duration
}

// plainInterval is the time between two plain lines.
const plainInterval = 5 * time.Second

func newProgress(out io.Writer, job *painting.Job, among *series) *progress {
	s := &progress{out: out, job: job, among: among, line: statusline.New(out)}
	s.line.Show(statusline.State{Texts: []string{s.among.prefix() + "reading the pictures ..."}})
	return s
}

// observers returns the functions that a painter calls. What a run prints before the
// first evaluation is that it has begun: not before are the pictures known to suit the
// network.
func (s *progress) observers() painting.Observers {
	return painting.Observers{
		Measuring: func() {
			s.line.Show(statusline.State{Texts: []string{s.among.prefix() + "measuring how fast this machine is ...", "measuring ..."}})
		},
		Plan: func(p painting.Plan) {
			s.planned = p
			s.left.planned = p.Time
		},
		Evaluation: s.evaluation,
		Warn: func(text string) {
			if s.among.warns(text) {
				s.line.Clear()
				fmt.Fprintf(s.out, "nst: %s\n", option.OneLine(text))
			}
		},
	}
}

// begin says what is being painted, and what that will take.
func (s *progress) begin(at nst.Progress) {
	what := "the demo"
	if s.job.Content != painting.DemoContent {
		what = painting.Stem(s.job.Content) + " in the style of " + s.job.StyleNames(" and ")
	}
	scales := ""
	if at.Scales > 1 {
		scales = fmt.Sprintf(" at %d scales from %dx%d on", at.Scales, at.Width, at.Height)
	}
	p, precision := s.planned, time.Second // which a forecast can promise
	if p.Time < 10*time.Second {
		precision /= 10
	}
	s.line.Clear()
	fmt.Fprintf(s.out, "Painting %s, %dx%d, %d iterations%s: about %s and %d MiB.\n", option.OneLine(what), p.Width, p.Height, at.Iterations, scales, p.Time.Round(precision), p.MiB)
}

// evaluation is called after every evaluation.
func (s *progress) evaluation(at nst.Progress) {
	if at.Evaluations == 1 && s.job.Out != "" { // the cells of a sweep are announced by it
		s.begin(at)
	}
	left, known := s.left.after(at)
	part, whole := at.Work, left
	if s.among != nil {
		part, whole = s.among.with(at.Work, at.Elapsed, left)
	}
	if s.line != nil {
		cost := fmt.Sprintf("cost %.4g", at.Cost.Total)
		s.line.Show(statusline.State{
			Texts: []string{s.among.prefix() + scaleOf(at) + cost, s.among.prefix() + cost, strings.TrimSuffix(s.among.prefix(), ", "), ""},
			Bar:   true, Part: part, Left: whole, LeftKnown: known,
		})
		return
	}
	if s.job.Out == "" || at.Scale == s.scale && at.Elapsed-s.lastReport < plainInterval {
		return
	}
	s.lastReport, s.scale = at.Elapsed, at.Scale
	fmt.Fprintf(s.out, "%siteration %d of %d, cost %.5g", scaleOf(at), at.Iteration, at.Iterations, at.Cost.Total)
	if known {
		fmt.Fprintf(s.out, ", %s left", statusline.Duration(left))
	}
	if known && s.among != nil {
		fmt.Fprintf(s.out, " (%s for all)", statusline.Duration(whole))
	}
	fmt.Fprintln(s.out)
}

// scaleOf says at which scale a run is, if it has several.
func scaleOf(at nst.Progress) string {
	if at.Scales == 1 {
		return ""
	}
	return fmt.Sprintf("scale %d of %d, %dx%d: ", at.Scale, at.Scales, at.Width, at.Height)
}
