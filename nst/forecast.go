package nst

import (
	"context"
	"math"
	"time"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Forecast is what a run of Transfer is expected to take.
type Forecast struct {
	Time   time.Duration // if the machine goes on to be as busy as it was while it was measured
	Memory int64         // in bytes, see ForecastMemory
}

// probeSize is the longest side, in pixels, of the picture that is timed.
const probeSize = 256

// NewForecast estimates the time and memory of Transfer with the same arguments,
// and takes about a hundredth of the time for that. It evaluates the cost of a
// small picture and adds up what all scales will take in proportion to their
// pixels, and it times passes over vectors like those of the optimiser. That takes the
// memory of a picture of probeSize; to know Memory alone, ForecastMemory takes none.
// Errors are those of NewObjective, and that of ctx if it ends; NewForecast panics if
// an option is out of its range.
func NewForecast(ctx context.Context, net *vgg.Network, content *tensor.Tensor, styles []Style, opt Options) (Forecast, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return Forecast{}, err
	}
	p := newPyramid(net, content, content, styles, opt)
	perPixel, err := p.probe(ctx)
	if err != nil {
		return Forecast{}, err
	}
	pixels := p.scales[len(p.scales)-1].pixels()
	vectors := p.opt.streams() * streamTime(3*int(pixels)) / pixels
	stylePixels := 0.0 // at full size
	for _, s := range styles {
		stylePixels += float64(s.Picture.Dim(1)) * float64(s.Picture.Dim(2))
	}
	seconds := 0.0
	for _, s := range p.scales {
		seconds += stylePixels * s.factor * s.factor * perPixel / 3 // the layers alone, without a gradient
		// An iteration of L-BFGS takes one evaluation, and every fifteenth a
		// second one; to set out takes about as long as one.
		seconds += s.work()*(1.07*perPixel+vectors) + 2*perPixel*s.pixels()
	}
	return Forecast{
		Time:   time.Duration(seconds * float64(time.Second)),
		Memory: memoryOf(net, ShapesOf(content, styles), opt),
	}, nil
}

// probe returns the seconds that an evaluation takes per pixel.
func (p *pyramid) probe(ctx context.Context) (float64, error) {
	s := p.scaleOf(min(1, probeSize/float64(max(p.content.Dim(1), p.content.Dim(2)))))
	o, err := p.objective(s)
	if err != nil && s.factor < 1 { // too small
		s = p.scaleOf(1)
		o, err = p.objective(s)
	}
	if err != nil {
		return 0, err
	}
	picture := addMargin(shrink(p.content, s.factor), s.margin)
	grad := tensor.New(picture.Shape()...)
	o.Evaluate(picture, grad) // takes the memory
	seconds := math.Inf(1)
	for range 3 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		begin := time.Now()
		o.Evaluate(picture, grad)
		seconds = min(seconds, time.Since(begin).Seconds())
	}
	return seconds * 3 / float64(picture.Len()), nil
}

// streams is how many vectors an iteration reads or writes beside the
// evaluation: s and y of each pair twice, and a dozen others.
func (o Options) streams() float64 {
	if o.Optimizer == Adam {
		return 20
	}
	return 4*float64(o.History) + 12
}

// streamLength is the number of elements of the vectors that are timed, at most: two
// are 32 MiB, about as much as a cache of the third level has.
const streamLength = 1 << 22

// streamTime returns the seconds that it takes to read or write a vector of n
// elements.
func streamTime(n int) float64 {
	timed := min(n, streamLength)
	a, b := tensor.New(timed), tensor.New(timed)
	seconds := math.Inf(1)
	for range 3 {
		begin := time.Now()
		tensor.AddScaled(a, 1, b) // reads two and writes one
		seconds = min(seconds, time.Since(begin).Seconds())
	}
	return seconds / 3 * float64(n) / float64(timed)
}
