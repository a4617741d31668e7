// Package nst paints: it looks for a picture G that shows what a content
// picture C shows, in the manner of a style picture S, by minimising
//
//	J(G) = alpha J_content(C,G) + beta sum_l lambda_l J_style_l(S,G)
//
// over the pixels of G. (Two small terms complete it: see [Costs].) [Objective] is J
// and its gradient; [Transfer] minimises it. Pictures are tensors (1,H,W,3) of RGB
// values in 0..255, encoded as in an sRGB file, not linear light; reading, scaling
// and writing them is left to the caller.
package nst

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Options says how Transfer paints. The zero value means the defaults that its
// fields name. Numbers must not be negative where nothing else is said.
type Options struct {
	Costs Costs
	// Iterations is the number of steps of the optimiser at full size; 0 means
	// 350.
	Iterations int
	// CoarseShare is the number of steps at each smaller scale, at least 1, as a share of
	// Iterations; 0 means 0.1. Steps there are cheaper than at full size, and move larger
	// things.
	CoarseShare float64
	// Scales is the largest number of sizes at which to paint, one after the
	// other, each by sqrt 2 larger than the one before; 1 paints at full size only
	// and 0 at all sizes that MinSize leaves.
	Scales int
	// MinSize is the least number of pixels on the longest side of the content at
	// any but the last scale; 0 means 128.
	MinSize int
	// Margin is the number of pixels by which the content, the start and the content
	// masks are extended on each side while they are painted, at every scale; what is
	// painted there is cut off. 0 means none. Near the edge of what the network sees,
	// style statistics are cheap to satisfy, which gives a picture a frame of odd colours
	// a few pixels wide; 16 pixels keep it outside. Costs are those of the extended
	// picture. The margin is at most a quarter of the shorter side.
	Margin int
	// Optimizer is the method, LBFGS unless set.
	Optimizer Optimizer
	// History is the number of pairs that L-BFGS remembers, of each region by itself
	// (optim.LBFGS.Parts); 0 means 20. Each takes 24 bytes per pixel.
	History int
	// LearningRate is the length of Adam's steps in grey levels of 0..255; 0
	// means 5.
	LearningRate float64
	// AverageDecay says how slowly Adam's average of pictures forgets: the weight
	// of a picture is multiplied by it at every step. It must be below 1; 0 means
	// 0.9, and below 0 there is no average.
	AverageDecay float64
	// Start is the picture to start from, of the content's shape; nil means
	// the content itself. It is not changed.
	Start *tensor.Tensor
	// OnEvaluation, if not nil, is called after every evaluation of the cost,
	// which may belong to a trial step that is not taken.
	OnEvaluation func(Progress)
	// OnIteration, if not nil, is called after every iteration with the
	// picture so far, which it must neither change nor keep. It has the size of
	// its scale.
	OnIteration func(p Progress, picture *tensor.Tensor)
}

// Optimizer is a method of optimisation. Each scale starts without its memory of
// the one before; docs/pyramid.md has what carrying it over was measured to do.
type Optimizer int

const (
	LBFGS Optimizer = iota // fewest evaluations
	Adam                   // no line search, less memory; the picture is an average of its own
)

// method returns the optimiser at the start of its run.
func (o Options) method() optim.Method {
	if o.Optimizer == Adam {
		return &optim.Adam{LearningRate: o.LearningRate, Beta2: 0.99}
	}
	return &optim.LBFGS{History: o.History}
}

// Progress says how far a run has come.
type Progress struct {
	Scale, Scales int // the number of this scale, from 1, and of all
	Height, Width int // of the picture at this scale
	Iteration     int // completed, at all scales
	Iterations    int // wanted, at all scales
	Evaluations   int // of cost and gradient, at all scales
	// Work is the part of the whole work that is done, 0..1, if the time of an
	// iteration is in proportion to the number of pixels.
	Work    float64
	Elapsed time.Duration
	Cost    Cost // at this scale
}

// Result is what a run ends with.
type Result struct {
	Progress                // its Cost is that of Picture with its margin
	Picture  *tensor.Tensor // (1,H,W,3), values around 0..255, not clamped
	Status   optim.Status   // why the run ended
}

// Transfer paints the content picture (1,H,W,3) in the manner of the style
// pictures, which may have other sizes: coarse to fine, at the scales that the
// options name. At each scale, content and styles are made smaller by the same
// factor, and painting starts from the result of the scale before, enlarged.
//
// When ctx ends, it returns the picture so far with the status
// optim.Cancelled and no error. When the cost stops being a finite number, it
// returns the last good picture together with an error. In both cases the
// picture has the content's shape: if that scale had not been reached, it is
// enlarged, and Height and Width say where the costs belong. Otherwise errors
// are those of NewObjective. It panics if Start has another shape than content, or
// an option is out of its range.
func Transfer(ctx context.Context, net *vgg.Network, content *tensor.Tensor, styles []Style, opt Options) (*Result, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	start := opt.Start
	if start == nil {
		start = content
	}
	if !tensor.SameShape(start, content) {
		panic(fmt.Sprintf("nst: Transfer: start %v has another shape than content %v", start, content))
	}
	if opt.Costs.NormalizeGradients && opt.Optimizer == LBFGS {
		return nil, errNormalizedLBFGS
	}
	return newPyramid(net, content, start, styles, opt).run(ctx)
}

// withDefaults returns the options with defaults filled in and the costs resolved,
// or an error that says what is wrong with the costs. It panics if an option is out
// of its range.
func (o Options) withDefaults() (Options, error) {
	for _, v := range []struct {
		name  string
		value float64
	}{
		{"Iterations", float64(o.Iterations)}, {"Scales", float64(o.Scales)}, {"MinSize", float64(o.MinSize)},
		{"Margin", float64(o.Margin)}, {"History", float64(o.History)}, {"LearningRate", o.LearningRate}, {"CoarseShare", o.CoarseShare},
	} {
		if !(v.value >= 0) || math.IsInf(v.value, 1) {
			panic(fmt.Sprintf("nst: option %s is %v, but must be a number not below 0", v.name, v.value))
		}
	}
	if !(o.AverageDecay < 1) {
		panic(fmt.Sprintf("nst: option AverageDecay is %v, but must be below 1", o.AverageDecay))
	}
	if o.Optimizer != LBFGS && o.Optimizer != Adam {
		panic(fmt.Sprintf("nst: option Optimizer is %d, but must be LBFGS or Adam", o.Optimizer))
	}
	if o.Iterations == 0 {
		o.Iterations = 350
	}
	if o.CoarseShare == 0 {
		o.CoarseShare = 0.1
	}
	if o.History == 0 {
		o.History = 20
	}
	o.History = min(o.History, o.Iterations) // there are no more pairs than iterations
	if o.MinSize == 0 {
		o.MinSize = 128
	}
	if o.LearningRate == 0 {
		o.LearningRate = 5
	}
	if o.AverageDecay == 0 {
		o.AverageDecay = 0.9
	}
	var err error
	o.Costs, err = o.Costs.resolved()
	return o, err
}

// Noise returns a picture (1,height,width,3) of independent random values,
// uniform in 0..255, the same for the same seed: a start that owes nothing to
// the content.
func Noise(height, width int, seed uint64) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 0))
	t := tensor.New(1, height, width, 3)
	for i := range t.Data() {
		t.Data()[i] = 255 * rng.Float32()
	}
	return t
}
