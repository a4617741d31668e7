package nst

import (
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// targets returns the regions of a picture of this size with what they are compared
// with, from their styles. It is an error if nothing of a region, or of the mask of a style
// picture, is left at a layer.
func (o *Objective) targets(styles []Style, height, width int) ([]*region, error) {
	layers := o.costs.StyleLayers
	all, err := regions(o.net, layers, styles, height, width)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		measured := make([][]Measured, len(layers)) // by style layer
		sum := 0.0
		for _, s := range r.styles {
			sum += s.weight()
		}
		for _, s := range r.styles {
			statistics, err := o.measure(s)
			if err != nil {
				return nil, err
			}
			for i := range layers {
				measured[i] = append(measured[i], Measured{Share: s.weight() / sum, Statistics: statistics[i]})
			}
		}
		for _, m := range measured {
			r.targets = append(r.targets, o.costs.StyleCost.Target(m))
		}
	}
	return all, nil
}

// measure returns the statistics of a style, by style layer.
func (o *Objective) measure(s Style) ([][]*tensor.Tensor, error) {
	layers := o.costs.StyleLayers
	masks, err := atLayers(o.net, layers, "style", s.StyleMask)
	if err != nil {
		return nil, err
	}
	tape := o.tape
	if !slices.Equal(s.Picture.Shape(), o.shape) {
		tape = autodiff.NewTape() // a tape keeps the memory for sizes it has seen
	}
	statistics := make([][]*tensor.Tensor, len(layers))
	o.net.Visit(tape.Constant(s.Picture), layerNames(layers), func(name string, a *autodiff.Var) {
		i := layerIndex(layers, name)
		for _, v := range o.costs.StyleCost.Measure(nil, a, masks[i]) {
			statistics[i] = append(statistics[i], v.Value().Clone())
		}
	})
	tape.Reset()
	return statistics, nil
}
