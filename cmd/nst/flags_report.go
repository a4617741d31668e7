package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
)

// reportFlags say what a command prints about the pictures that it paints.
type reportFlags struct {
	Quiet bool `short:"q" help:"Print nothing but errors."`
	JSON  bool `name:"json" help:"Print the result as one JSON object."`
}

// run paints a picture, saves it however far it has come, and reports on it. The painting
// is nil if there is no picture.
func (f reportFlags) run(ctx context.Context, term terminal, painter *painting.Painter, job painting.Job) (*painting.Painting, error) {
	p, err := f.paint(ctx, term, painter, job)
	switch {
	case errors.Is(err, painting.ErrNoPicture):
		return nil, fmt.Errorf("%w before the first iteration: there is no picture yet", commandline.ErrInterrupted)
	case p == nil:
		return nil, err
	}
	if err := p.Save(err); err != nil {
		return p, err
	}
	if f.JSON {
		if err := json.NewEncoder(term.stdout).Encode(newReport(p)); err != nil {
			return p, err
		}
	} else if !f.Quiet {
		tell(term, p)
	}
	if p.Status == optim.Cancelled {
		return p, commandline.ErrInterrupted
	}
	return p, nil
}

// paint paints a picture and shows how far it is.
func (f reportFlags) paint(ctx context.Context, term terminal, painter *painting.Painter, job painting.Job) (*painting.Painting, error) {
	if f.Quiet {
		return painter.Paint(ctx, job, painting.Observers{})
	}
	show := newProgress(term.stderr, &job)
	if show.bar != nil {
		defer show.bar.Finish()
	}
	return painter.Paint(ctx, job, painting.Observers{
		Plan:       func(p painting.Plan) { show.planned = p },
		Evaluation: show.evaluation,
		Warn:       func(text string) { fmt.Fprintf(term.stderr, "nst: %s\n", text) },
	})
}

// report is the JSON that --json prints.
type report struct {
	Out        string  `json:"out"`
	Width      int     `json:"width"`
	Height     int     `json:"height"`
	Optimizer  string  `json:"optimizer"`
	Status     string  `json:"status"`
	Iterations int     `json:"iterations"`
	Evals      int     `json:"evals"`
	Seconds    float64 `json:"seconds"`
	Total      float64 `json:"total"`
	Content    float64 `json:"content"`
	Style      float64 `json:"style"`
	Range      float64 `json:"range"`
	// Regions has the style cost of each region where masks make several.
	Regions []float64 `json:"regions,omitempty"`
	RSS     int       `json:"rss_mib"`
	Files   []string  `json:"files"` // that were written
}

func newReport(p *painting.Painting) report {
	r := report{
		Out: p.Out(), Width: p.Picture.Dim(2), Height: p.Picture.Dim(1),
		Optimizer: p.Job.Optimizer, Status: p.Status.String(),
		Iterations: p.Iteration, Evals: p.Evaluations, Seconds: math.Round(p.Elapsed.Seconds()*1000) / 1000,
		Total: p.Cost.Total, Content: p.Cost.Content, Style: p.Cost.Style, Range: p.Cost.Range, RSS: memory.Peak(), Files: p.Files(),
	}
	if len(p.Cost.Regions) > 1 {
		r.Regions = p.Cost.Regions
	}
	return r
}

// tell says what was painted and, after the demo, what to try next.
func tell(term terminal, p *painting.Painting) {
	switch p.Status {
	case optim.Cancelled:
		fmt.Fprintf(term.stdout, "Interrupted after %d of %d iterations", p.Iteration, p.Iterations)
		if p.Scale != p.Scales {
			fmt.Fprintf(term.stdout, ", at scale %d of %d: the picture is enlarged from %dx%d", p.Scale, p.Scales, p.Width, p.Height)
		}
		fmt.Fprintln(term.stdout, ".")
	case optim.LineSearchFailed, optim.Converged:
		fmt.Fprintf(term.stdout, "Converged after %d of %d iterations: no lower cost can be told apart in float32.\n", p.Iteration, p.Iterations)
	}
	fmt.Fprintf(term.stdout, "%s: %s, %d iterations, %d evaluations, %s, cost %.4g (content %.4g, style %.4g)\n",
		p.Out(), picture.Dimensions(p.Picture), p.Iteration, p.Evaluations, p.Elapsed.Round(100*time.Millisecond),
		p.Cost.Total, p.Cost.Content, p.Cost.Style)
	if p.Job.Out == "nst-demo.png" && p.Job.Content == painting.DemoContent && p.Status != optim.Cancelled {
		fmt.Fprint(term.stdout, demoAdvice)
	}
}

const demoAdvice = `
Now with pictures of your own:
    nst photo.jpg painting.jpg -o out.png
More style is --beta 400, a larger picture --size 800; nst --help lists the rest.
`

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
		show.bar = progressbar.NewOptions(barSteps, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription("painting"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))
	}
	return show
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
	fmt.Fprintf(s.out, "Painting %s, %dx%d, %d iterations%s: about %s and %d MiB.\n", what, p.Width, p.Height, at.Iterations, scales, p.Time.Round(precision), p.MiB)
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
