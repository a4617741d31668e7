package nst

import (
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
)

// targets computes what the regions are compared with, from their styles. It
// returns an error if nothing of the mask of a style picture is left at a layer.
func (o *Objective) targets() error {
	layers := o.costs.StyleLayers
	for _, r := range o.regions {
		all := make([][]measured, len(layers)) // by style layer
		sum := 0.0
		for _, s := range r.styles {
			sum += s.weight()
		}
		for _, s := range r.styles {
			statistics, err := o.measure(s)
			if err != nil {
				return err
			}
			for i := range layers {
				all[i] = append(all[i], measured{share: s.weight() / sum, mean: statistics[i].mean, second: statistics[i].second})
			}
		}
		for _, m := range all {
			r.targets = append(r.targets, o.costs.StyleCost.blend(m))
		}
	}
	return nil
}

// measure returns the statistics of a style, by style layer.
func (o *Objective) measure(s Style) ([]measured, error) {
	layers := o.costs.StyleLayers
	masks, err := atLayers(o.net, layers, "style", s.StyleMask)
	if err != nil {
		return nil, err
	}
	tape := o.tape
	if !slices.Equal(s.Picture.Shape(), o.shape) {
		tape = autodiff.NewTape() // a tape keeps the memory for sizes it has seen
	}
	statistics := make([]measured, len(layers))
	o.net.Visit(tape.Constant(s.Picture), layerNames(layers), func(name string, a *autodiff.Var) {
		i := layerIndex(layers, name)
		mean, second := o.costs.StyleCost.measure(a, masks[i])
		statistics[i].second = second.Value().Clone()
		if mean != nil {
			statistics[i].mean = mean.Value().Clone()
		}
	})
	tape.Reset()
	return statistics, nil
}
