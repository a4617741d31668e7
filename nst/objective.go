package nst

import (
	"fmt"
	"math"
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
//	J_tv      = sum of squared differences of neighbouring pixels
//
// (Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
// equations 1 to 7). Dividing each Gram matrix by its own number of positions
// lets C and S differ in size; for equal sizes it is the formula of the paper,
// 1 / (4 n_C^2 (n_H n_W)^2) outside the sum.
//
// What depends on C and S alone is computed once. An Objective is not safe for
// concurrent use; it uses all cores itself.
type Objective struct {
	net    *vgg.Network
	costs  Costs // with defaults filled in
	tape   *autodiff.Tape
	shape  []int // of the picture: that of C
	layers []string

	content []*tensor.Tensor // activations of C, by content layer
	style   []*tensor.Tensor // Gram matrices of the styles, blended, by style layer
}

// Style is a picture whose style is wanted.
type Style struct {
	Picture *tensor.Tensor // (1,H,W,3), RGB values in 0..255, of any size
	// Weight is its share where there are several styles: weights are divided by
	// their sum. It must not be negative; 0 means 1.
	Weight float64
}

// NewObjective returns the objective for a content picture (1,H,W,3), RGB values
// in 0..255, and one or more styles. The Gram matrix of several styles is the
// mean of theirs, by weight. It returns an error if a layer is unknown, a weight
// is not valid, or a picture is too small for the deepest layer; it panics if
// there is no style.
func NewObjective(net *vgg.Network, content *tensor.Tensor, styles []Style, costs Costs) (*Objective, error) {
	if len(styles) == 0 {
		panic("nst: NewObjective: no style")
	}
	costs, err := costs.withDefaults()
	if err != nil {
		return nil, err
	}
	o := &Objective{
		net:    net,
		costs:  costs,
		tape:   autodiff.NewTape(),
		shape:  content.Shape(),
		layers: costs.layers(),
	}
	if err := o.check("content", content); err != nil {
		return nil, err
	}
	for _, s := range styles {
		if err := o.check("style", s.Picture); err != nil {
			return nil, err
		}
		if !(s.Weight >= 0) || math.IsInf(s.Weight, 1) {
			return nil, fmt.Errorf("style: weight %v, but weights must be numbers not below 0", s.Weight)
		}
	}
	o.content = make([]*tensor.Tensor, len(costs.ContentLayers))
	net.Visit(o.tape.Constant(content), costs.ContentLayers, func(name string, a *autodiff.Var) {
		o.content[slices.Index(costs.ContentLayers, name)] = a.Value().Clone()
	})
	o.tape.Reset()
	o.blend(styles)
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

// blend computes the Gram matrices of the styles and their mean.
func (o *Objective) blend(styles []Style) {
	sum := 0.0
	for _, s := range styles {
		sum += s.weight()
	}
	names := styleNames(o.costs)
	o.style = make([]*tensor.Tensor, len(names))
	for _, s := range styles {
		tape := o.tape
		if !slices.Equal(s.Picture.Shape(), o.shape) {
			tape = autodiff.NewTape() // a tape keeps the memory for sizes it has seen
		}
		share := float32(s.weight() / sum)
		o.net.Visit(tape.Constant(s.Picture), names, func(name string, a *autodiff.Var) {
			gram, i := autodiff.Gram(a).Value(), slices.Index(names, name)
			if o.style[i] == nil {
				o.style[i] = tensor.New(gram.Shape()...)
			}
			tensor.AddScaled(o.style[i], share, gram)
		})
		tape.Reset()
	}
}

// weight returns the weight with its default.
func (s Style) weight() float64 {
	if s.Weight == 0 {
		return 1
	}
	return s.Weight
}

// Costs returns the costs with the defaults filled in and the weights of the
// style layers normalised.
func (o *Objective) Costs() Costs { return o.costs }

// Layers returns the names of all layers that an evaluation computes.
func (o *Objective) Layers() []string { return slices.Clone(o.layers) }

// Evaluate returns the cost of a picture of the content's shape, RGB values
// around 0..255, and, unless grad is nil, stores in it the gradient dJ/dG, of
// the same shape. It panics if a shape is another.
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
	var terms []autodiff.Term
	cost.Layers = make([]LayerCost, len(o.costs.StyleLayers))
	o.net.Visit(x, o.layers, func(name string, a *autodiff.Var) {
		if i := slices.Index(o.costs.ContentLayers, name); i >= 0 {
			distance := autodiff.SquaredDistance(a, o.tape.Constant(o.content[i]))
			scale := 1 / (4 * float64(a.Value().Len()))
			cost.Content += scale * distance.Scalar()
			terms = append(terms, autodiff.Term{Of: distance, Weight: o.costs.Alpha * scale})
		}
		for i, layer := range o.costs.StyleLayers {
			if layer.Name != name {
				continue
			}
			gram := autodiff.Gram(a)
			distance := autodiff.SquaredDistance(gram, o.tape.Constant(o.style[i]))
			scale := 1 / (4 * float64(gram.Value().Len()))
			value := scale * distance.Scalar()
			cost.Layers[i] = LayerCost{layer.Name, value}
			cost.Style += layer.Weight * value
			terms = append(terms, autodiff.Term{Of: distance, Weight: o.costs.Beta * layer.Weight * scale})
			gram.Release()
		}
	})
	if o.costs.TV > 0 {
		tv := autodiff.TotalVariation(x)
		cost.TV = tv.Scalar()
		terms = append(terms, autodiff.Term{Of: tv, Weight: o.costs.TV})
	}
	return cost, terms
}

// Features returns the activations (1,H/s,W/s,C) of a picture at the layers of
// the costs, by name.
func (o *Objective) Features(picture *tensor.Tensor) map[string]*tensor.Tensor {
	o.tape.Reset()
	features := make(map[string]*tensor.Tensor)
	for i, a := range o.net.Features(o.tape.Constant(picture), o.layers) {
		features[o.layers[i]] = a.Value().Clone()
	}
	return features
}

func styleNames(c Costs) []string {
	names := make([]string, len(c.StyleLayers))
	for i, l := range c.StyleLayers {
		names[i] = l.Name
	}
	return names
}
