package painting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// Painter runs jobs, one at a time, and keeps the weights that it has read for the
// next one. The zero value is ready to use.
type Painter struct {
	memory.Guard // refuses what a run is expected to take and is not there

	weights map[string]*vgg.Weights // by path
}

// Network applies --threads to the whole process and returns the network. Errors name
// the flag and the file.
func (p *Painter) Network(n Network) (*vgg.Network, error) {
	if n.Threads > 0 {
		runtime.GOMAXPROCS(n.Threads)
	}
	weights, err := p.Weights(n.Weights)
	if err != nil {
		return nil, err
	}
	if n.Pooling == "avg" {
		return vgg.New(weights, vgg.AvgPooling), nil
	}
	return vgg.New(weights, vgg.MaxPooling), nil
}

// Weights returns the weights in a file or folder, or the built-in ones if path is
// empty. Each are read once. Errors name the flag and the file.
func (p *Painter) Weights(path string) (w *vgg.Weights, err error) {
	if w = p.weights[path]; w != nil {
		return w, nil
	}
	if err := CheckWeights(p.Guard, path); err != nil {
		return nil, weightsError(path, err)
	}
	if path == "" {
		w = distilled.Weights()
	} else if w, err = vgg.Load(path); err != nil {
		return nil, weightsError(path, err)
	}
	if p.weights == nil {
		p.weights = make(map[string]*vgg.Weights)
	}
	p.weights[path] = w
	return w, nil
}

// weightsError names the flag, unless the weights are the built-in ones.
func weightsError(path string, err error) error {
	if path == "" {
		return err
	}
	return fmt.Errorf("--weights: %w", err)
}

// Observers are told how a run proceeds; each may be nil. They are called by the
// goroutine that paints, which waits for them.
type Observers struct {
	// Warn is called with a sentence about something that the user may not have meant.
	Warn func(text string)
	// Measuring is called before the plan is made, which takes a moment.
	Measuring func()
	// Plan is called once, before the first evaluation. To make the plan takes about a
	// hundredth of the time of the run, which is saved if it is nil.
	Plan func(Plan)
	// Evaluation is called after every evaluation of the cost.
	Evaluation func(nst.Progress)
}

// Plan is what a run is expected to take.
type Plan struct {
	Width, Height int           // of the result
	Time          time.Duration // if the machine stays as busy as it is
	MiB           int           // of memory, for the whole process
}

// Painting is a picture with all that belongs to it. It may be unfinished: the Status
// says so.
type Painting struct {
	*nst.Result // Picture is in its final colours
	Job         Job
	Record      *Record

	alpha *tensor.Tensor // of the content; nil if it is opaque
	files *outfile.Set
	trace *trace
}

// ErrNoPicture is the error of a run that was interrupted before its first iteration.
var ErrNoPicture = errors.New("interrupted before the first iteration: there is no picture yet")

// Paint runs a job until it is done or ctx ends. It writes the files that show the run
// (preview, frames, animation, trace); the result is written by Painting.Save.
//
// If ctx ends, Paint returns the picture so far and no error, or ErrNoPicture. The
// painting comes with an error if the cost stopped being a finite number, or a file
// that shows the run could not be written. It is nil if there is no picture: if Check
// fails, a file cannot be read or will not be writable, or the pictures do not suit
// the network.
func (p *Painter) Paint(ctx context.Context, job Job, o Observers) (*Painting, error) {
	if err := job.Check(); err != nil {
		return nil, err
	}
	files := job.files()
	if err := cmp.Or(files.CheckWritable(), checkFrames(job.Frames)); err != nil {
		return nil, err
	}
	net, err := p.Network(job.Network)
	if err != nil {
		return nil, err
	}
	sources := newSources(ctx, job.Reading)
	need, err := p.checkMemory(sources, &job, net)
	if err != nil {
		return nil, err
	}
	defer memory.Within(need)()
	base := memory.Held() + code // with the network
	content, alpha, err := sources.load(job.Content, job.Size)
	if err != nil {
		return nil, err
	}
	styles, err := sources.styles(job.Styles, job.StyleSizing.size(job.Size), content)
	if err != nil {
		return nil, err
	}
	if part := overlap(styles); part >= 0.01 && o.Warn != nil { // soft edges may add up to a little more than 1
		o.Warn(fmt.Sprintf("the masks overlap in %.0f %% of the picture, where their styles will conflict", 100*part))
	}
	start, err := sources.start(&job, content)
	if err != nil {
		return nil, err
	}
	inputs := sources.inputs()
	colors := colour.Scheme{Mode: job.Color, Content: content}
	content, start, styles = colors.Before(content, start, styles, job.Init == "style")
	opt := job.engine()
	opt.Start = start
	if o.Plan != nil {
		if o.Measuring != nil {
			o.Measuring()
		}
		f, err := forecast(ctx, net, content, styles, opt)
		if err != nil {
			return nil, err
		}
		o.Plan(Plan{content.Dim(2), content.Dim(1), f.Time, int(memory.MiB(base + memory.Allowed(max(need, f.Memory))))})
	}
	if text := sources.enlarged(&job); text != "" && o.Warn != nil {
		o.Warn(text)
	}
	trace := &trace{path: job.Trace}
	watch := newWatch(job.Outputs, files, cmp.Or(start, content), colors)
	opt.OnEvaluation = func(at nst.Progress) {
		trace.add(at)
		if o.Evaluation != nil {
			o.Evaluation(at)
		}
	}
	opt.OnIteration = func(_ nst.Progress, current *tensor.Tensor) { watch.iteration(current) }
	result, err := nst.Transfer(ctx, net, content, styles, opt)
	if result != nil && result.Status == optim.NotFinite {
		err = errors.New("the cost is no longer a finite number: --alpha, --beta, --tv or --learning-rate is too large, or the --weights are unusable")
	}
	traceErr := trace.close(files, o.Warn)
	if result != nil && result.Iteration == 0 && result.Status == optim.Cancelled {
		err = ErrNoPicture
	}
	if result == nil || result.Iteration == 0 && err != nil {
		return nil, cmp.Or(err, traceErr) // there is nothing new in the picture
	}
	err = cmp.Or(err, traceErr, watch.end(result.Picture))
	result.Picture = colors.After(result.Picture)
	record := newRecord(job, inputs, p.weights[job.Weights].Hash(), result)
	return &Painting{result, job, record, alpha, files, trace}, err
}

// Out returns the file that Save writes the picture to: that of the job or, for a picture
// that is not finished, one beside it, as "out-unfinished.png" beside "out.png". So a file
// with the name that was asked for is always a finished picture.
func (p *Painting) Out() string {
	if p.Status != optim.Cancelled && p.Status != optim.NotFinite {
		return p.Job.Out
	}
	return Unfinished(p.Job.Out)
}

// Unfinished returns the name of a picture that is not finished, for that of the one that
// is wanted.
func Unfinished(out string) string {
	ext := filepath.Ext(out)
	return strings.TrimSuffix(out, ext) + "-unfinished" + ext
}

// Save writes the picture to Out, as transparent as the content, with its record, and the
// plot, and returns runErr, the error that Paint has returned, together with those of
// writing. All are written as far as possible, whatever runErr is. If the picture cannot
// be, as on a full disk, it is saved in another folder, which the error names.
func (p *Painting) Save(runErr error) error {
	text := p.Record.Text()
	pictureErr := p.savePicture(text)
	var recordErr, plotErr error
	if p.Job.Record != "" {
		recordErr = p.files.Write("--record", p.Job.Record, func() ([]byte, error) { return text, nil })
	}
	if p.Job.Plot != "" {
		plotErr = p.files.Write("--plot", p.Job.Plot, p.trace.plot)
	}
	err := chain(runErr, recordErr, plotErr, pictureErr) // which says where the picture is, at the end
	if err == nil || pictureErr != nil {
		return err
	}
	return fmt.Errorf("%w; the picture of iteration %d is in %s", err, p.Iteration, p.Out())
}

// chain returns one error of a single line for several, nil for none.
func chain(errs ...error) (all error) {
	for _, err := range errs {
		switch {
		case all == nil:
			all = err
		case err != nil:
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}

// savePicture writes the picture with its record, or saves it elsewhere and returns why
// it had to, and where.
func (p *Painting) savePicture(record []byte) error {
	opt := p.Job.Format.Picture()
	opt.Text, opt.Alpha = string(record), p.alpha
	data, err := picture.Encode(p.Job.Out, p.Picture, opt)
	if err != nil {
		return err
	}
	err = p.files.Write("", p.Out(), func() ([]byte, error) { return data, nil })
	if err == nil {
		return nil
	}
	saved, err := outfile.Rescue(p.Out(), data, err)
	if saved != "" {
		p.files.List(saved)
	}
	return err
}

// Files returns the files that were written so far: the picture, and those that show
// the run.
func (p *Painting) Files() []string { return p.files.Written() }
