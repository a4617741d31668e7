package nst

import (
	"errors"
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Style is a picture whose style is wanted, all over the result or in a region.
type Style struct {
	Picture *tensor.Tensor // (1,H,W,3), RGB values in 0..255, of any size
	// Weight is its share where there are several styles: only the proportions
	// of weights matter. It must not be negative; 0 means 1.
	Weight float64
	// ContentMask says where in the result the style is wanted: (1,H,W,1) of the
	// content's height and width, 1 inside, 0 outside, and between for soft edges.
	// Nil means everywhere or, where other styles have masks, all that they leave.
	ContentMask *tensor.Tensor
	// StyleMask says, likewise, which part of Picture shows the style: (1,H,W,1)
	// of its size. Nil means all of it.
	StyleMask *tensor.Tensor
}

// weight returns the weight with its default.
func (s Style) weight() float64 {
	if s.Weight == 0 {
		return 1
	}
	return s.Weight
}

// check returns an error for a weight or a mask that makes no sense. It panics
// if a mask has another size than its picture.
func (s Style) check(content *tensor.Tensor) error {
	if !(s.Weight >= 0) || math.IsInf(s.Weight, 1) {
		return fmt.Errorf("style: weight %v, but weights must be numbers not below 0", s.Weight)
	}
	if err := checkMask("content", s.ContentMask, content); err != nil {
		return err
	}
	return checkMask("style", s.StyleMask, s.Picture)
}

// checkMask returns an error unless the values of a mask are in 0..1 and some
// above 0. A nil mask is in order.
func checkMask(name string, mask, picture *tensor.Tensor) error {
	if mask == nil {
		return nil
	}
	p := picture.Shape()
	if m := mask.Shape(); len(m) != 4 || m[0] != 1 || m[1] != p[1] || m[2] != p[2] || m[3] != 1 {
		panic(fmt.Sprintf("nst: NewObjective: %s mask has shape %v, want (1,H,W,1) of the size of the picture, %v", name, m, p))
	}
	for _, v := range mask.Data() {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%s mask: value %v, but masks have values from 0, outside, to 1, inside", name, v)
		}
	}
	if tensor.Sum(mask) == 0 {
		return fmt.Errorf("%s mask: 0 everywhere, which leaves no region", name)
	}
	return nil
}

// atSize returns a mask of a picture at the size of a layer, the mean of the
// mask over the pixels that the poolings have made one position: an activation
// at the edge of a region belongs to it as far as its pixels do. nil gives nil.
//
// Taking the nearest pixel instead would move edges by up to half a position, 8
// pixels at conv5_1; a maximum would give positions to two regions at once, a
// minimum to none, while means of masks that add up to 1 add up to 1 as well.
func atSize(mask *tensor.Tensor, height, width int) *tensor.Tensor {
	if mask == nil {
		return nil
	}
	window := tensor.Pool{KH: 2, KW: 2}
	for mask.Dim(1) > height || mask.Dim(2) > width {
		half := tensor.New(window.OutputShape(mask)...)
		tensor.AvgPool2D(half, mask, window)
		mask = half
	}
	return mask
}

// region is a part of the result with a style of its own, which may be a blend.
type region struct {
	mask    *tensor.Tensor // of the content's size; nil for everywhere
	styles  []Style
	share   float64          // of the style cost
	masks   []*tensor.Tensor // by style layer, nil without a mask
	targets []target         // by style layer
}

// regions groups the styles: each with a content mask is a region, and those
// without one are blended in what the others leave, 1 less the sum of their masks.
// It is an error if that is nothing. The share of a region with the mask m of P
// positions and the weight w is
//
//	share = w area U / sum of w area,   area = sum m / P
//
// where U is the part of the content that the masks cover. A single style has
// the share 1; the shares of styles of equal weight that divide the content are
// their areas. A region is then painted as it would be in a picture of its own,
// because the content cost of a position, too, is divided by P.
func regions(styles []Style, height, width int) ([]*region, error) {
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
