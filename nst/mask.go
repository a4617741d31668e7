package nst

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

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
// at the edge of a region belongs to it as far as its pixels do.
//
// Taking the nearest pixel instead would move edges by up to half a position, 8
// pixels at conv5_1; a maximum would give positions to two regions at once, a
// minimum to none, while means of masks that add up to 1 add up to 1 as well.
func atSize(mask *tensor.Tensor, height, width int) *tensor.Tensor {
	for mask.Dim(1) > height || mask.Dim(2) > width {
		mask = half(mask)
	}
	return mask
}

// atLayers returns a mask of a picture at the sizes of layers, nils for nil. It is
// an error if nothing is left of it at one: poolings drop an odd row or column at
// the edge. kind says whose mask it is.
func atLayers(net *vgg.Network, layers []Layer, kind string, mask *tensor.Tensor) ([]*tensor.Tensor, error) {
	masks := make([]*tensor.Tensor, len(layers))
	if mask == nil {
		return masks, nil
	}
	for i, l := range layers {
		height, width := net.Size(l.Name, mask.Dim(1), mask.Dim(2))
		masks[i] = atSize(mask, height, width)
		if tensor.Sum(masks[i]) == 0 {
			return nil, fmt.Errorf("%s mask: no pixel above 0 where layer %s still sees one; make the region larger", kind, l.Name)
		}
	}
	return masks, nil
}
