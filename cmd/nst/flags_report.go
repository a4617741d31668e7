package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// reportFlags say what a command prints about the pictures that it paints.
type reportFlags struct {
	Quiet bool `short:"q" help:"Print nothing but errors."`
	JSON  bool `name:"json" help:"Print the result as one JSON object."`
}

// run paints a picture, which may be one of several, saves it however far it has come, and
// reports on it. The painting is nil if there is no picture.
func (f reportFlags) run(ctx context.Context, term terminal, painter *painting.Painter, job painting.Job, among *series) (*painting.Painting, error) {
	p, err := f.paint(ctx, term, painter, job, among)
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
func (f reportFlags) paint(ctx context.Context, term terminal, painter *painting.Painter, job painting.Job, among *series) (*painting.Painting, error) {
	if f.Quiet {
		return painter.Paint(ctx, job, painting.Observers{})
	}
	show := newProgress(term.stderr, &job, among)
	defer show.line.Close()
	return painter.Paint(ctx, job, show.observers())
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
	TV         float64 `json:"tv,omitempty"`
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
		Total: p.Cost.Total, Content: p.Cost.Content, Style: p.Cost.Style, Range: p.Cost.Range, TV: p.Cost.TV, RSS: memory.Peak(), Files: p.Files(),
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
		option.OneLine(p.Out()), picture.Dimensions(p.Picture), p.Iteration, p.Evaluations, p.Elapsed.Round(100*time.Millisecond),
		p.Cost.Total, p.Cost.Content, p.Cost.Style)
	if strings.HasPrefix(p.Job.Out, "nst-demo") && p.Job.Content == painting.DemoContent && p.Status != optim.Cancelled {
		fmt.Fprint(term.stdout, demoAdvice)
	}
}

const demoAdvice = `
Now with pictures of your own:
    nst photo.jpg painting.jpg -o out.png
More style is --strength 75, a larger picture --size 800; nst --help lists the rest.
`
