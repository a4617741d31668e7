package nst

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// Objective is the function that style transfer minimises: the cost J of a
// picture G, for a given content picture C and style picture S. With a the
// activations of a layer, of height n_H, width n_W and n_C channels,
//
//	J_content = sum (a_C - a_G)^2 / (4 n_H n_W n_C)
//	Gram      = A^T A / (n_H n_W),  A the (n_H n_W, n_C) unrolling of a
//	J_style_l = sum (Gram_S - Gram_G)^2 / (4 n_C^2)
//	J_tv      = mean length of the gradient of the picture, see autodiff.TotalVariation
//	J_range   = mean squared distance of the values of pixels to 0..255
//
// (Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
// equations 1 to 7). Dividing each Gram matrix by its own number of positions
// lets C and S differ in size; for equal sizes it is the formula of the paper,
// 1 / (4 n_C^2 (n_H n_W)^2) outside the sum. J_style_l is that of [Gram]; there are
// others, see [StyleCost]. [Style] has masks, with which a layer's style cost is
// the sum of those of the regions by their shares.
//
// What depends on C and S alone is computed once. An Objective is not safe for
// concurrent use; it uses all cores itself.
type Objective struct {
	net    *vgg.Network
	costs  Costs // resolved
	tape   *autodiff.Tape
	shape  []int // of the picture: that of C
	layers []string

	content []*contentLayer
	sizes   [][]*region // of the styles: at full size, at half size ...

	measured []*autodiff.Var // of a layer and region; these serve again
	compared []autodiff.Term
}

// NewObjective returns the objective for a content picture (1,H,W,3), RGB values
// in 0..255, and one or more styles. A style with a content mask counts in its
// region alone. Those without are blended by weight, as the style cost does it, in
// what the masks of the others leave. NewObjective returns an error if a layer is
// unknown, a weight or a mask is not valid, or a picture or a region is too small
// for the deepest layer; it panics if there is no style, or a mask has another size
// than its picture.
func NewObjective(net *vgg.Network, content *tensor.Tensor, styles []Style, costs Costs) (*Objective, error) {
	costs, err := costs.resolved()
	if err != nil {
		return nil, err
	}
	return newObjective(net, content, styles, costs)
}

// newObjective is NewObjective for costs that are resolved.
func newObjective(net *vgg.Network, content *tensor.Tensor, styles []Style, costs Costs) (*Objective, error) {
	if len(styles) == 0 {
		panic("nst: NewObjective: no style")
	}
	o := &Objective{
		net:    net,
		costs:  costs,
		tape:   autodiff.NewTape(),
		shape:  content.Shape(),
		layers: costs.Layers(),
	}
	if err := o.check("content", content); err != nil {
		return nil, err
	}
	for _, s := range styles {
		if err := o.check("style", s.Picture); err != nil {
			return nil, err
		}
		if err := s.check(content); err != nil {
			return nil, err
		}
	}
	if _, err := regions(net, costs.StyleLayers, styles, o.shape[1], o.shape[2]); err != nil {
		return nil, err
	}
	o.measureContent(content)
	height, width := o.shape[1], o.shape[2]
	for n := styleSizes(net, costs, styles, height, width); len(o.sizes) < n; height, width = height/2, width/2 {
		if len(o.sizes) > 0 {
			styles = halves(styles)
		}
		all, err := o.targets(styles, height, width)
		if err != nil {
			return nil, err
		}
		o.sizes = append(o.sizes, all)
	}
	return o, nil
}

// check returns an error if a picture is too small for the layers.
func (o *Objective) check(name string, picture *tensor.Tensor) error {
	if s := picture.Shape(); len(s) != 4 || s[0] != 1 || s[3] != 3 {
		panic(fmt.Sprintf("nst: NewObjective: %s picture has shape %v, want (1,H,W,3)", name, s))
	}
	if err := o.net.Check(o.layers, picture.Dim(1), picture.Dim(2)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Costs returns the costs with the defaults filled in and the weights of the
// style layers normalised.
func (o *Objective) Costs() Costs { return o.costs }

// Layers returns the names of all layers that an evaluation computes.
func (o *Objective) Layers() []string { return slices.Clone(o.layers) }

// Evaluate returns the cost of a picture of the content's shape, RGB values
// around 0..255, and, unless grad is nil, stores in it the gradient dJ/dG, of
// the same shape; with Costs.NormalizeGradients, what that makes of it. It panics
// if a shape is another.
func (o *Objective) Evaluate(picture, grad *tensor.Tensor) Cost {
	if !slices.Equal(picture.Shape(), o.shape) || grad != nil && !tensor.SameShape(grad, picture) {
		panic(fmt.Sprintf("nst: Evaluate: picture %v, gradient %v, content %v: want one shape", picture, grad, o.shape))
	}
	o.tape.Reset()
	x := o.tape.Constant(picture)
	if grad != nil {
		x = o.tape.Leaf(picture)
	}
	cost, terms := o.terms(x)
	for _, t := range terms {
		cost.Total += t.Weight * t.Of.Scalar()
	}
	if grad != nil {
		o.tape.Backward(terms...)
		grad.CopyFrom(x.Grad())
	}
	return cost
}

// terms returns the cost of x, but for its total, and the scalars on the tape
// that add up to the total, with the weight of each.
func (o *Objective) terms(x *autodiff.Var) (Cost, []autodiff.Term) {
	var cost Cost
	terms := make([]autodiff.Term, 0, len(o.layers)+2)
	cost.Layers = make([]LayerCost, len(o.costs.StyleLayers))
	cost.ContentLayers = make([]LayerCost, len(o.costs.ContentLayers))
	cost.Regions = make([]float64, len(o.sizes[0]))
	if o.costs.Range > 0 { // before the network, so that on the way back it adds to what that has stored
		beyond := autodiff.BoundPenalty(x, 0, 255)
		scale := 1 / float64(x.Value().Len())
		cost.Range = scale * beyond.Scalar()
		terms = append(terms, autodiff.Term{Of: beyond, Weight: o.costs.Range * (o.costs.Alpha + o.costs.Beta) * scale})
	}
	o.net.Visit(x, o.layers, func(name string, a *autodiff.Var) {
		if i := layerIndex(o.costs.ContentLayers, name); i >= 0 {
			terms = o.contentTerms(i, a, &cost, terms)
		}
		if i := layerIndex(o.costs.StyleLayers, name); i >= 0 {
			terms = o.styleTerms(i, a, o.sizes[0], &cost, terms)
		}
	})
	small := x
	for _, regions := range o.sizes[1:] {
		small = halve(small)
		o.net.Visit(small, layerNames(o.costs.StyleLayers), func(name string, a *autodiff.Var) {
			terms = o.styleTerms(layerIndex(o.costs.StyleLayers, name), a, regions, &cost, terms)
		})
	}
	if o.costs.TV > 0 {
		tv := autodiff.TotalVariation(x)
		scale := 1 / float64(o.shape[1]*o.shape[2])
		cost.TV = scale * tv.Scalar()
		terms = append(terms, autodiff.Term{Of: tv, Weight: o.costs.TV * scale})
	}
	return cost, terms
}

// styleTerms adds the style cost of layer i at one size, with the activations a and the
// regions of that size, to cost and its terms of the total to terms.
func (o *Objective) styleTerms(i int, a *autodiff.Var, regions []*region, cost *Cost, terms []autodiff.Term) []autodiff.Term {
	layer := o.costs.StyleLayers[i]
	layer.Weight /= float64(len(o.sizes))
	of := o.pulled(a, o.costs.Beta*layer.Weight)
	for j, r := range regions {
		o.measured = o.costs.StyleCost.Measure(o.measured[:0], of, r.masks[i])
		o.compared = o.costs.StyleCost.Compare(o.compared[:0], o.measured, r.targets[i])
		value := 0.0
		for _, t := range o.compared {
			value += t.Weight * t.Of.Scalar()
			terms = append(terms, autodiff.Term{Of: t.Of, Weight: o.costs.Beta * layer.Weight * r.share * t.Weight})
		}
		for _, m := range o.measured {
			release(m, of)
		}
		cost.Layers[i].Value += r.share * value / float64(len(o.sizes))
		cost.Style += layer.Weight * r.share * value
		cost.Regions[j] += layer.Weight * value
	}
	release(of, a)
	cost.Layers[i].Name = layer.Name
	return terms
}

// pulled returns the activations of a layer as a cost of it sees them: with
// normalised gradients, one that pulls at them with the given strength.
func (o *Objective) pulled(a *autodiff.Var, strength float64) *autodiff.Var {
	if o.costs.NormalizeGradients {
		return autodiff.NormalizeGradient(a, strength)
	}
	return a
}

// release releases v, unless it is a, the activations of a layer, which are the
// network's.
func release(v, a *autodiff.Var) {
	if v != a {
		v.Release()
	}
}

// Features returns the activations (1,H/s,W/s,C) of a picture at the layers of
// the costs, by name.
func (o *Objective) Features(picture *tensor.Tensor) map[string]*tensor.Tensor {
	o.tape.Reset()
	features := make(map[string]*tensor.Tensor)
	o.net.Visit(o.tape.Constant(picture), o.layers, func(name string, a *autodiff.Var) {
		features[name] = a.Value().Clone()
	})
	return features
}

func layerNames(layers []Layer) []string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.Name
	}
	return names
}

// layerIndex returns the index of the layer of this name, -1 if there is none.
func layerIndex(layers []Layer, name string) int {
	return slices.IndexFunc(layers, func(l Layer) bool { return l.Name == name })
}
