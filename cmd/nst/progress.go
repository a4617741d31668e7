package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/nst"
)

// progress tells a person how far a run is: a bar on a terminal, a plain line
// now and then elsewhere.
type progress struct {
	out        io.Writer
	job        *painting.Job
	bar        *progressbar.ProgressBar // nil for plain lines
	planned    painting.Plan
	scale      int // of the last report
	lastReport time.Duration
}

// barSteps is how finely the bar shows the work. Iterations would not do: those
// of the small scales are short.
const barSteps = 1000

// plainInterval is the time between two plain lines.
const plainInterval = 5 * time.Second

func newProgress(out io.Writer, job *painting.Job) *progress {
	show := &progress{out: out, job: job}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		show.bar = progressbar.NewOptions(barSteps,
			progressbar.OptionSetWriter(f),
			progressbar.OptionSetDescription("painting"),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return show
}

// plan keeps what the run is expected to take, for begin to say.
func (s *progress) plan(p painting.Plan) { s.planned = p }

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
	p := s.planned
	fmt.Fprintf(s.out, "Painting %s, %dx%d, %d iterations%s: about %s and %d MiB.\n", what, p.Width, p.Height, at.Iterations, scales, roughly(p.Time), p.MiB)
}

// roughly rounds a time to what a forecast can promise.
func roughly(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

// evaluation is called after every evaluation. Only the first one begins the report:
// before it, the pictures are not known to suit the network.
func (s *progress) evaluation(at nst.Progress) {
	if at.Evaluations == 1 {
		s.begin(at)
	}
	switch {
	case s.bar != nil:
		s.bar.Describe(fmt.Sprintf("%scost %.4g", scaleOf(at), at.Cost.Total))
		_ = s.bar.Set(int(barSteps * at.Work)) // a terminal that is gone is no reason to stop painting
	case at.Scale > s.scale || at.Elapsed-s.lastReport >= plainInterval:
		s.lastReport, s.scale = at.Elapsed, at.Scale
		fmt.Fprintf(s.out, "%siteration %d of %d, cost %.5g%s\n", scaleOf(at), at.Iteration, at.Iterations, at.Cost.Total, s.timeLeft(at))
	}
}

// scaleOf says at which scale a run is, if it has several.
func scaleOf(at nst.Progress) string {
	if at.Scales == 1 {
		return ""
	}
	return fmt.Sprintf("scale %d of %d, %dx%d: ", at.Scale, at.Scales, at.Width, at.Height)
}

// timeLeft estimates the time to the end. The whole is taken for the mean, by the
// work that is done, of the time so far divided by that work and the forecast:
// small scales, at the beginning, take longer for their pixels than large ones.
func (s *progress) timeLeft(at nst.Progress) string {
	if at.Work == 0 {
		return ""
	}
	whole := float64(at.Elapsed) + (1-at.Work)*float64(s.planned.Time)
	return fmt.Sprintf(", %s left", time.Duration((1-at.Work)*whole).Round(time.Second))
}

func (s *progress) end() {
	if s.bar != nil {
		_ = s.bar.Finish() // see evaluation
	}
}
