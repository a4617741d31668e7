package nst

import (
	"errors"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// region is a part of the result with a style of its own, which may be a blend.
type region struct {
	mask    *tensor.Tensor // of the content's size; nil for everywhere
	styles  []Style
	share   float64            // of the style cost
	masks   []*tensor.Tensor   // by style layer, nil without a mask
	targets [][]*tensor.Tensor // by style layer: what StyleCost.Target has returned
}

// regions groups the styles: each with a content mask is a region, and those
// without one are blended in what the others leave, 1 less the sum of their masks.
// It is an error if that is nothing, or if nothing of a region is left at a style
// layer. The share of a region with the mask m of P positions and the weight w is
//
//	share = w area U / sum of w area,   area = sum m / P
//
// where U is the part of the content that the masks cover. A single style has
// the share 1; the shares of styles of equal weight that divide the content are
// their areas. A region is then painted as it would be in a picture of its own,
// because the content cost of a position, too, is divided by P.
func regions(net *vgg.Network, layers []Layer, styles []Style, height, width int) ([]*region, error) {
	var all []*region
	var rest *region
	for _, s := range styles {
		switch {
		case s.ContentMask != nil:
			all = append(all, &region{mask: s.ContentMask, styles: []Style{s}})
		case rest == nil:
			rest = &region{styles: []Style{s}}
			all = append(all, rest)
		default:
			rest.styles = append(rest.styles, s)
		}
	}
	positions := height * width
	if rest != nil && len(all) > 1 {
		left := tensor.New(1, height, width, 1)
		for i, v := range sumOfMasks(all, positions).Data() {
			left.Data()[i] = max(0, 1-v)
		}
		if tensor.Sum(left) == 0 {
			return nil, errors.New("style: one has no content mask, but the masks of the others leave nothing to it")
		}
		rest.mask = left
	}
	sum := 0.0
	for _, r := range all {
		var err error
		if r.masks, err = atLayers(net, layers, "content", r.mask); err != nil {
			return nil, err
		}
		for _, s := range r.styles {
			r.share += s.weight()
		}
		if r.mask != nil {
			r.share *= tensor.Sum(r.mask) / float64(positions)
		}
		sum += r.share
	}
	union := covered(all, positions)
	for _, r := range all {
		r.share = r.share * union / sum // in this order 1 for a single one
	}
	return all, nil
}

// covered returns the part of the positions that lies in a region.
func covered(all []*region, positions int) float64 {
	union := sumOfMasks(all, positions)
	tensor.Map(union, union, func(v float32) float32 { return min(v, 1) })
	return tensor.Sum(union) / float64(positions)
}

// sumOfMasks returns the sum of the masks of regions at each position. A single
// region without a mask is everywhere.
func sumOfMasks(all []*region, positions int) *tensor.Tensor {
	sum := tensor.New(positions)
	for _, r := range all {
		if r.mask != nil {
			tensor.Add(sum, sum, r.mask.Reshape(positions))
		} else if len(all) == 1 {
			sum.Fill(1)
		}
	}
	return sum
}
