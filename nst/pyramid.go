package nst

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// pyramid is one call of Transfer: the scales at which it paints, coarse to
// fine, and how far it has come.
type pyramid struct {
	net            *vgg.Network
	content, start *tensor.Tensor // at full size
	styles         []Style
	opt            Options // with defaults filled in, the costs resolved
	scales         []scale
	begin          time.Time

	at   int      // the index of the scale that is being painted
	done Progress // of the scales before
}

// scale is one size at which to paint.
type scale struct {
	factor        float64 // by which content and styles are made smaller, in (0, 1]
	height, width int
	margin        int // on each side of that
	iterations    int
}

// pixels is the number of pixels with the margin.
func (s scale) pixels() float64 {
	return float64(s.height+2*s.margin) * float64(s.width+2*s.margin)
}

// work is what the scale takes, in iterations times pixels.
func (s scale) work() float64 { return float64(s.iterations) * s.pixels() }

// newPyramid chooses the scales. From one to the next, the number of pixels
// doubles. A scale below full size must have the options' MinSize, leave all
// pictures large enough for the network and all regions some of their pixels, and
// be smaller than the next.
func newPyramid(net *vgg.Network, content, start *tensor.Tensor, styles []Style, opt Options) *pyramid {
	p := &pyramid{net: net, content: content, start: start, styles: styles, opt: opt, begin: time.Now()}
	layers := opt.Costs.Layers()
	for k := 0; opt.Scales == 0 || k < opt.Scales; k++ {
		s := p.scaleOf(math.Pow(2, -float64(k)/2))
		s.iterations = opt.Iterations
		if k > 0 {
			smaller := s.height < p.scales[0].height || s.width < p.scales[0].width // 1x1 is not
			fits := smaller && max(s.height, s.width) >= opt.MinSize && net.Check(layers, s.height+2*s.margin, s.width+2*s.margin) == nil
			for _, style := range styles {
				h, w := shrunk(style.Picture, s.factor)
				fits = fits && net.Check(layers, h, w) == nil
			}
			if !fits || !p.keepsRegions(s) {
				break
			}
			s.iterations = max(1, int(float64(opt.Iterations)*opt.CoarseShare+1e-9))
		}
		p.scales = append([]scale{s}, p.scales...)
	}
	return p
}

// scaleOf returns the scale with a factor, and no iterations.
func (p *pyramid) scaleOf(factor float64) scale {
	h, w := shrunk(p.content, factor)
	return scale{factor: factor, height: h, width: w, margin: p.opt.margin(h, w)}
}

// keepsRegions reports whether something of every region, and of every mask of a
// style picture, is left at all style layers of a scale.
func (p *pyramid) keepsRegions(s scale) bool {
	return keepsRegions(p.net, p.opt.Costs.StyleLayers, p.masksAt(s), s.height+2*s.margin, s.width+2*s.margin)
}

// shrunk returns the size of a picture made smaller by a factor. Halves round to
// even, as where pictures are read.
func shrunk(picture *tensor.Tensor, factor float64) (height, width int) {
	size := func(n int) int { return max(1, int(math.RoundToEven(float64(n)*factor))) }
	return size(picture.Dim(1)), size(picture.Dim(2))
}

// shrink returns a picture made smaller by a factor.
func shrink(picture *tensor.Tensor, factor float64) *tensor.Tensor {
	if factor == 1 {
		return picture
	}
	h, w := shrunk(picture, factor)
	return Resize(picture, h, w)
}

// shrinkMask is shrink for a mask, which may be nil. Resampling must not lead out
// of 0..1.
func shrinkMask(mask *tensor.Tensor, factor float64) *tensor.Tensor {
	if mask == nil || factor == 1 {
		return mask
	}
	m := shrink(mask, factor)
	tensor.Map(m, m, func(v float32) float32 { return min(max(v, 0), 1) })
	return m
}

// run paints at all scales, coarse to fine.
func (p *pyramid) run(ctx context.Context) (*Result, error) {
	var result *Result
	var before *tensor.Tensor // the start at the scale before
	for i, s := range p.scales {
		p.at = i
		objective, err := p.objective(s)
		if err != nil {
			return nil, err
		}
		start := shrink(p.start, s.factor)
		picture := start.Clone()
		if i > 0 {
			picture = enlarge(result.Picture, before, start)
		}
		before = start
		stage := &stage{pyramid: p, objective: objective, picture: addMargin(picture, s.margin)}
		painted, err := stage.minimize(ctx)
		if i > 0 && painted.Evaluations == result.Evaluations { // cancelled between two scales
			painted.Progress, painted.Picture = result.Progress, result.Picture
		}
		result = painted
		if err != nil || result.Status == optim.Cancelled {
			result.Picture = Resize(result.Picture, p.content.Dim(1), p.content.Dim(2))
			return result, err
		}
		p.done = result.Progress
	}
	return result, nil
}

// masksAt returns the styles with their masks at the size of a scale, those of the
// content with its margin, and their pictures as they are.
func (p *pyramid) masksAt(s scale) []Style {
	styles := slices.Clone(p.styles)
	for i := range styles {
		styles[i].ContentMask = addMaskMargin(shrinkMask(styles[i].ContentMask, s.factor), s.margin)
		styles[i].StyleMask = shrinkMask(styles[i].StyleMask, s.factor)
	}
	return styles
}

// objective returns the objective of a scale.
func (p *pyramid) objective(s scale) (*Objective, error) {
	styles := p.masksAt(s)
	for i := range styles {
		styles[i].Picture = shrink(styles[i].Picture, s.factor)
	}
	return newObjective(p.net, addMargin(shrink(p.content, s.factor), s.margin), styles, p.opt.Costs)
}

// enlarge returns a picture enlarged to the size of fine, together with the
// detail of the start that its scale could not show:
//
//	enlarged picture + fine - enlarged coarse
//
// where coarse and fine are the start at both scales. Had nothing been painted,
// the picture would be the start again. Without the detail it would be blurred,
// and the first iterations would go into that.
func enlarge(picture, coarse, fine *tensor.Tensor) *tensor.Tensor {
	change := picture.Clone()
	tensor.AddScaled(change, -1, coarse)
	enlarged := Resize(change, fine.Dim(1), fine.Dim(2))
	tensor.AddScaled(enlarged, 1, fine)
	return enlarged
}

// progress completes a progress of the scale that is being painted.
func (p *pyramid) progress(iteration, evaluations int, cost Cost) Progress {
	at := Progress{
		Scale: p.at + 1, Scales: len(p.scales), Height: p.scales[p.at].height, Width: p.scales[p.at].width,
		Iteration: p.done.Iteration + iteration, Evaluations: p.done.Evaluations + evaluations,
		Elapsed: time.Since(p.begin), Cost: cost,
	}
	all := 0.0
	for i, s := range p.scales {
		at.Iterations += s.iterations
		all += s.work()
		switch {
		case i < p.at:
			at.Work += s.work()
		case i == p.at:
			at.Work += s.work() * float64(iteration) / float64(s.iterations)
		}
	}
	at.Work /= all
	return at
}
