package nst

import (
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// contentLayer is what the content cost of a layer compares with.
type contentLayer struct {
	activations *tensor.Tensor // of C
	divisor     float64        // of the sum of squared differences
	similarity  *tensor.Tensor // of C with itself; nil if it does not count
}

// similaritySide is the most positions on a side whose similarities are compared: their
// pairs grow with the fourth power of it.
const similaritySide = 40

// similarity returns the self-similarity of the activations of a layer, made smaller by
// halves until they have at most similaritySide positions on a side.
func similarity(a *autodiff.Var) *autodiff.Var {
	small := a
	for s := a.Shape(); max(s[1], s[2]) > similaritySide; s = small.Shape() {
		next := halve(small)
		release(small, a)
		small = next
	}
	y := autodiff.SelfSimilarity(small)
	release(small, a)
	return y
}

// measureContent computes what the content layers are compared with.
func (o *Objective) measureContent(content *tensor.Tensor) {
	names := layerNames(o.costs.ContentLayers)
	o.content = make([]*contentLayer, len(names))
	o.net.Visit(o.tape.Constant(content), names, func(name string, a *autodiff.Var) {
		n := float64(a.Value().Len())
		l := &contentLayer{activations: a.Value().Clone(), divisor: 4 * n}
		if o.costs.RelativeContent {
			mean := tensor.Sum(l.activations) / n
			// A picture of one colour has no variance. Any positive number does.
			l.divisor = max(tensor.SquaredNorm(l.activations)-n*mean*mean, 1e-8*n)
		}
		if o.costs.SelfSimilarity > 0 {
			s := similarity(a)
			l.similarity = s.Value().Clone()
			s.Release()
		}
		o.content[slices.Index(names, name)] = l
	})
	o.tape.Reset()
}

// contentTerms adds the content cost of layer i, with the activations a, to cost and its
// terms of the total to terms.
func (o *Objective) contentTerms(i int, a *autodiff.Var, cost *Cost, terms []autodiff.Term) []autodiff.Term {
	layer, l := o.costs.ContentLayers[i], o.content[i]
	of := o.pulled(a, o.costs.Alpha*layer.Weight)
	add := func(value *autodiff.Var, weight, divisor float64) {
		scale := layer.Weight * weight / divisor
		cost.ContentLayers[i].Value += weight / divisor * value.Scalar()
		cost.Content += scale * value.Scalar()
		terms = append(terms, autodiff.Term{Of: value, Weight: o.costs.Alpha * scale})
	}
	cost.ContentLayers[i].Name = layer.Name
	add(autodiff.SquaredDistance(of, o.tape.Constant(l.activations)), 1, l.divisor)
	if l.similarity != nil {
		s := similarity(of)
		add(autodiff.SquaredDistance(s, o.tape.Constant(l.similarity)), o.costs.SelfSimilarity, float64(l.similarity.Len()))
		s.Release()
	}
	release(of, a)
	return terms
}
