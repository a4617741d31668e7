package nst

import (
	"math"
	"time"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Forecast is what a run of Transfer is expected to take.
type Forecast struct {
	Time time.Duration // if the machine goes on to be as busy as it was while it was measured
	// Memory is in bytes: that of the largest scale, without the network and the
	// pictures that the caller holds. It is for the style costs of this package;
	// another one may take more.
	Memory int64
}

// probeSize is the longest side, in pixels, of the picture that is timed.
const probeSize = 256

// NewForecast estimates the time and memory of Transfer with the same arguments,
// and takes about a hundredth of the time for that. It evaluates the cost of a
// small picture and adds up what all scales will take in proportion to their
// pixels, and it times the passes over the optimiser's vectors in full size.
// Errors are those of NewObjective; it panics if an option is out of its range.
func NewForecast(net *vgg.Network, content *tensor.Tensor, styles []Style, opt Options) (Forecast, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return Forecast{}, err
	}
	p := newPyramid(net, content, content, styles, opt)
	perPixel, err := p.probe()
	if err != nil {
		return Forecast{}, err
	}
	full := p.scales[len(p.scales)-1]
	pixels := float64(full.height) * float64(full.width)
	vectors := p.opt.streams() * streamTime(content.Len()) / pixels
	stylePixels, largestStyle := 0.0, 0.0 // at full size
	masked := 0.0                         // bytes per pixel
	for _, s := range styles {
		n := float64(s.Picture.Dim(1)) * float64(s.Picture.Dim(2))
		stylePixels, largestStyle = stylePixels+n, max(largestStyle, n)
		if s.ContentMask != nil {
			masked = maskBytes(net)
		}
	}
	seconds := 0.0
	for _, s := range p.scales {
		seconds += stylePixels * s.factor * s.factor * perPixel / 3 // the layers alone, without a gradient
		// An iteration of L-BFGS takes one evaluation, and every fifteenth a
		// second one; to set out takes about as long as one.
		seconds += s.work()*(1.07*perPixel+vectors) + 2*perPixel*s.work()/float64(s.iterations)
	}
	return Forecast{
		Time:   time.Duration(seconds * float64(time.Second)),
		Memory: int64(max(pixels*(evaluationBytes(net)+masked+p.opt.memory()), largestStyle*evaluationBytes(net))),
	}, nil
}

// probe returns the seconds that an evaluation takes per pixel.
func (p *pyramid) probe() (float64, error) {
	s := scale{factor: min(1, probeSize/float64(max(p.content.Dim(1), p.content.Dim(2))))}
	o, err := p.objective(s)
	if err != nil && s.factor < 1 { // too small
		s.factor = 1
		o, err = p.objective(s)
	}
	if err != nil {
		return 0, err
	}
	picture := shrink(p.content, s.factor)
	grad := tensor.New(picture.Shape()...)
	o.Evaluate(picture, grad) // takes the memory
	seconds := math.Inf(1)
	for range 3 {
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

// streamTime returns the seconds that it takes to read or write a vector of n
// elements.
func streamTime(n int) float64 {
	a, b := tensor.New(n), tensor.New(n)
	seconds := math.Inf(1)
	for range 3 {
		begin := time.Now()
		tensor.AddScaled(a, 1, b) // reads two and writes one
		seconds = min(seconds, time.Since(begin).Seconds())
	}
	return seconds / 3
}

// evaluationBytes is the memory of an evaluation per pixel. The most that is
// held at a time are 5/4 of the values of conv1_1, the largest layer, and the
// normalised picture (docs/performance.md has the table); the masks of
// rectifications take a tenth of that, and the pictures and their resampled
// copies ten vectors.
func evaluationBytes(net *vgg.Network) float64 {
	return 1.1*4*(1.25*float64(net.Channels("conv1_1"))+3) + 10*vectorBytes
}

// maskBytes is what masks add to that: a copy of the activations of every style
// layer with the mask on them, which come to 1.5 times those of conv1_1, and the
// picture and its gradient once more, part by part.
func maskBytes(net *vgg.Network) float64 {
	return 1.5*4*float64(net.Channels("conv1_1")) + 3*vectorBytes + 4
}

// vectorBytes is the memory of one vector per pixel: three channels of float32.
const vectorBytes = 12

// memory is that of the optimiser, in bytes per pixel.
func (o Options) memory() float64 {
	if o.Optimizer == Adam {
		return 7 * vectorBytes // gradient, two moments, the step before, the average and its sum
	}
	return float64(2*o.History+5) * vectorBytes
}
