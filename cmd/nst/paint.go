package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/cmd/nst/demo"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// paintCmd is nst paint.
type paintCmd struct {
	ContentFile string `arg:"" optional:"" name:"content" help:"Picture that says what to paint. Without pictures, two that are built in are painted into nst-demo.png."`
	StyleFile   string `arg:"" optional:"" name:"style" help:"Picture that says how; --style gives further ones, or all."`

	Out  string `short:"o" placeholder:"FILE" help:"Picture to write, .png, .jpg or .tiff (CONTENT-STYLE.png in the current folder)."`
	Size int    `default:"0" placeholder:"PIXELS" help:"Longest side of the result (512; the demo's is 400). Styles are scaled to the same, see --style-scale."`

	optimizerFlags
	startFlags

	Color string `enum:"style,content,match" default:"style" help:"Whose colours: the style's; the content's, of which only the lightness is painted; or the style's after it was matched to the content's mean and covariance (match)."`

	Trace string `placeholder:"FILE.jsonl" help:"Write the costs of every evaluation, one JSON object a line."`
	Plot  string `placeholder:"FILE.png" help:"Draw the costs against the evaluations."`
	Quiet bool   `short:"q" help:"Print nothing but errors."`
	JSON  bool   `name:"json" help:"Print the result as one JSON object."`

	settingsFlags
	networkFlags
	styleFlags
	costFlags
	watchFlags
	saveFlags
}

// The demo has to be done in less than a minute on two cores.
const (
	demoSize       = 400
	demoIterations = 150
	demoOut        = "nst-demo.png"
)

// Validate is called by kong.
func (p *paintCmd) Validate() error {
	if p.Size < 0 {
		return fmt.Errorf("--size is %d, but must not be negative", p.Size)
	}
	if p.Plot != "" && !strings.EqualFold(filepath.Ext(p.Plot), ".png") {
		return fmt.Errorf("--plot writes .png only, not %s", p.Plot)
	}
	err := cmp.Or(p.validateStyles(), p.networkFlags.Validate(), p.costFlags.Validate(), p.optimizerFlags.Validate(),
		p.startFlags.Validate(), p.saveFlags.Validate(), p.watchFlags.Validate())
	if err != nil {
		return err
	}
	p.fillIn()
	if err := p.saveOptions().Check(p.Out); err != nil {
		return err
	}
	return distinctFiles(append(p.watchFlags.outputs(), p.Out, p.Trace, p.Plot, p.Record), p.inputFiles())
}

func (p *paintCmd) demo() bool { return p.ContentFile == "" }

// fillIn sets what was left to default.
func (p *paintCmd) fillIn() {
	size, iterations, out := 512, 350, ""
	if p.demo() {
		size, iterations, out = demoSize, demoIterations, demoOut
	} else {
		out = stem(p.ContentFile) + "-" + p.styleNames("-") + ".png"
	}
	if p.Size == 0 {
		p.Size = size
	}
	if p.Iterations == 0 {
		p.Iterations = iterations
	}
	if p.Out == "" {
		p.Out = out
	}
}

func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// Run is called by kong.
func (p *paintCmd) Run(ctx context.Context, term terminal) error {
	if err := p.checkOutputs(); err != nil {
		return err
	}
	result, trace, err := p.paint(ctx, term)
	if result == nil {
		return err
	}
	return p.finish(term, result, trace, err)
}

// paint paints, with everything that shows how far it is, and returns the
// result in the colours that --color wants. The result is nil if there is no
// picture at all, and comes with an error if it is not complete, or if one of
// the files that show the run could not be written.
func (p *paintCmd) paint(ctx context.Context, term terminal) (*nst.Result, *trace, error) {
	p.noteInputs()
	content, err := p.content()
	if err != nil {
		return nil, nil, err
	}
	styles, err := p.styles(content)
	if err != nil {
		return nil, nil, err
	}
	if part := overlap(styles); part >= 0.01 && !p.Quiet { // soft edges may add up to a little more than 1
		fmt.Fprintf(term.stderr, "nst: the masks overlap in %.0f %% of the picture, where two styles are wanted at once and neither can be had\n", 100*part)
	}
	start, err := p.start(content)
	if err != nil {
		return nil, nil, err
	}
	net, err := p.network()
	if err != nil {
		return nil, nil, err
	}
	colors := coloring{p.Color, content}
	content, start, styles = colors.before(content, start, styles, p.Init == "style")
	opt := p.options()
	opt.Costs, opt.Start = p.costs(), start
	show := newProgress(term, p, content)
	if err := show.predict(net, content, styles, opt); err != nil {
		return nil, nil, err
	}
	trace := &trace{path: p.Trace}
	watch := newWatch(p, cmp.Or(start, content), colors)
	opt.OnEvaluation = func(at nst.Progress) {
		trace.add(at)
		show.update(at)
	}
	opt.OnIteration = func(_ nst.Progress, so *tensor.Tensor) { watch.iteration(so) }
	result, err := nst.Transfer(ctx, net, content, styles, opt)
	show.end()
	if result != nil && result.Status == optim.NotFinite {
		err = errors.New("the cost is no longer a finite number: --alpha, --beta, --tv or --learning-rate is too large, or the --weights are no good")
	}
	if result != nil && result.Iteration == 0 && result.Status == optim.Cancelled {
		err = fmt.Errorf("%w before the first iteration: there is no picture yet", commandline.ErrInterrupted)
	}
	if result == nil || result.Iteration == 0 && err != nil {
		return nil, nil, cmp.Or(err, trace.close()) // there is nothing new in the picture
	}
	err = cmp.Or(err, trace.close(), watch.end(result.Picture))
	result.Picture = colors.after(result.Picture)
	return result, trace, err
}

// finish writes what the run has brought, even when it ended with an error or
// was interrupted.
func (p *paintCmd) finish(term terminal, result *nst.Result, trace *trace, err error) error {
	if saveErr := p.save(result); saveErr != nil {
		if err != nil {
			return fmt.Errorf("%w; %w", err, saveErr)
		}
		return saveErr
	}
	if p.Plot != "" {
		err = cmp.Or(err, trace.plot(p.Plot))
	}
	if err != nil {
		return fmt.Errorf("%w; the picture of iteration %d is in %s", err, result.Iteration, p.Out)
	}
	if p.JSON {
		if err := json.NewEncoder(term.stdout).Encode(p.report(result)); err != nil {
			return err
		}
	} else if !p.Quiet {
		p.tell(term, result)
	}
	if result.Status == optim.Cancelled {
		return commandline.ErrInterrupted
	}
	return nil
}

// paintReport is the JSON that nst paint prints.
type paintReport struct {
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
}

func (p *paintCmd) report(r *nst.Result) paintReport {
	report := paintReport{
		Out: p.Out, Width: r.Picture.Dim(2), Height: r.Picture.Dim(1),
		Optimizer: p.Optimizer, Status: r.Status.String(),
		Iterations: r.Iteration, Evals: r.Evaluations, Seconds: math.Round(r.Elapsed.Seconds()*1000) / 1000,
		Total: r.Cost.Total, Content: r.Cost.Content, Style: r.Cost.Style, Range: r.Cost.Range, RSS: peakRSS(),
	}
	if len(r.Cost.Regions) > 1 {
		report.Regions = r.Cost.Regions
	}
	return report
}

// tell says what was painted and, after the demo, what to try next.
func (p *paintCmd) tell(term terminal, r *nst.Result) {
	switch r.Status {
	case optim.Cancelled:
		fmt.Fprintf(term.stdout, "Interrupted after %d of %d iterations%s.\n", r.Iteration, r.Iterations, enlargedFrom(r))
	case optim.LineSearchFailed, optim.Converged:
		fmt.Fprintf(term.stdout, "Finished after %d of %d iterations: there is no lower cost that float32 can tell apart.\n", r.Iteration, r.Iterations)
	}
	fmt.Fprintf(term.stdout, "%s: %s, %d iterations, %d evaluations, %s, cost %.4g (content %.4g, style %.4g)\n",
		p.Out, dimensions(r.Picture), r.Iteration, r.Evaluations, r.Elapsed.Round(100*time.Millisecond),
		r.Cost.Total, r.Cost.Content, r.Cost.Style)
	if p.Out == demoOut && p.demo() && r.Status != optim.Cancelled {
		fmt.Fprint(term.stdout, demoAdvice)
	}
}

// enlargedFrom says so if a picture comes from a scale below full size.
func enlargedFrom(r *nst.Result) string {
	if r.Scale == r.Scales {
		return ""
	}
	return fmt.Sprintf(", at scale %d of %d: the picture is enlarged from %dx%d", r.Scale, r.Scales, r.Width, r.Height)
}

const demoAdvice = `
Now with pictures of your own:
    nst photo.jpg painting.jpg -o out.png
More style is --beta 400, a larger picture --size 800; nst --help lists the rest.
`

// checkOutputs returns the error that writing would meet after the run.
func (p *paintCmd) checkOutputs() error {
	return cmp.Or(picture.CheckWritable(p.Out), checkWritable("--plot", p.Plot), checkStream("--trace", p.Trace),
		checkWritable("--record", p.Record), p.watchFlags.check())
}

// content returns the content picture.
func (p *paintCmd) content() (*tensor.Tensor, error) {
	if p.demo() {
		return picture.Decode(demo.Content, p.Size)
	}
	return picture.Load(p.ContentFile, p.Size)
}
