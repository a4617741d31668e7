package painting

import (
	"context"
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Evaluation asks for the cost of a picture that is there already.
type Evaluation struct {
	Content, Image string // files of one size; the cost is that of Image
	Size           int    // longest side in pixels, or 0 for the pictures as they are
	Styles         []Style
	StyleSizing    StyleSizing
	Reading        Reading
	Costs          nst.Costs
	Network        Network
	Features       bool // whether the activations are asked for
}

// Evaluated is the answer to an Evaluation.
type Evaluated struct {
	Cost     nst.Cost
	Gradient *tensor.Tensor            // (1,H,W,3), with respect to values 0..255
	Features map[string]*tensor.Tensor // (1,H/s,W/s,C) by layer; nil unless they were asked for
}

// Evaluate evaluates the cost of a picture. Errors name the file or flag; one is for a
// picture that does not fit into memory.
func (p *Painter) Evaluate(ctx context.Context, e Evaluation) (*Evaluated, error) {
	net, err := p.Network(e.Network)
	if err != nil {
		return nil, err
	}
	sources := newSources(ctx, e.Reading)
	need, err := p.checkEvaluation(sources, &e, net)
	if err != nil {
		return nil, err
	}
	defer memory.Within(need)()
	content, _, err := sources.load(e.Content, e.Size)
	if err != nil {
		return nil, err
	}
	image, _, err := sources.load(e.Image, e.Size)
	if err != nil {
		return nil, err
	}
	if !tensor.SameShape(content, image) {
		return nil, fmt.Errorf("%s is %s, but %s is %s; the picture to evaluate must have the content's size",
			e.Image, picture.Dimensions(image), e.Content, picture.Dimensions(content))
	}
	styles, err := sources.styles(e.Styles, e.StyleSizing.size(e.Size), content)
	if err != nil {
		return nil, err
	}
	objective, err := nst.NewObjective(net, content, styles, e.Costs)
	if err != nil {
		return nil, err
	}
	done := &Evaluated{Gradient: tensor.New(image.Shape()...)}
	done.Cost = objective.Evaluate(image, done.Gradient)
	if e.Features {
		done.Features = objective.Features(image)
	}
	return done, nil
}

// checkEvaluation is checkMemory for an evaluation.
func (p *Painter) checkEvaluation(from *sources, e *Evaluation, net *vgg.Network) (int64, error) {
	others := []string{e.Image}
	for _, s := range e.Styles {
		for _, mask := range []string{s.Mask, s.StyleMask} {
			if mask != "" && !slices.Contains(others, mask) {
				others = append(others, mask)
			}
		}
	}
	names := append([]string{e.Content}, others...)
	for _, s := range e.Styles {
		names = append(names, s.File)
	}
	if err := p.checkFiles(names); err != nil {
		return 0, err
	}
	h, err := readHeaders(from, e.Content, e.Styles, e.StyleSizing, others)
	if err != nil {
		return 0, nil
	}
	need, err := e.need(h, net, e.Size)
	if err != nil {
		return 0, nil
	}
	return need, p.Check("this", need, func(free int64) string {
		limit := e.Size
		if limit == 0 {
			limit = max(h.content.Width, h.content.Height)
		}
		return h.advise(free, limit, net, e.Costs.Layers(), func(size int) (int64, error) { return e.need(h, net, size) })
	})
}

// need returns the bytes that an evaluation takes at most with another --size.
func (e *Evaluation) need(h *headers, net *vgg.Network, size int) (int64, error) {
	shapes, decoding, err := h.at(size)
	if err != nil {
		return 0, err
	}
	run, err := nst.ForecastEvaluation(net, shapes, e.Costs)
	pixels := int64(shapes.Height) * int64(shapes.Width)
	encoded := 12 * pixels // of the gradient
	if e.Features {
		all, largest := featureBytes(net, e.Costs.Layers(), shapes.Height, shapes.Width)
		run += all + all/4 // they lie between what the objective leaves behind
		encoded = max(encoded, largest)
	}
	return 24*pixels + stylesHeld(shapes) + max(run+encoded, decoding), err
}

// featureBytes returns the bytes of the activations of layers, for a picture of that many
// pixels: all, and the largest.
func featureBytes(net *vgg.Network, layers []string, height, width int) (all, largest int64) {
	for _, name := range net.Layers() {
		if slices.Contains(layers, name) {
			bytes := 4 * int64(net.Channels(name)) * int64(height) * int64(width)
			all, largest = all+bytes, max(largest, bytes)
		}
		if vgg.EndsBlock(name) {
			height, width = height/2, width/2
		}
	}
	return all, largest
}
