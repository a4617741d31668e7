package nst

import (
	"slices"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// halving makes a picture half as large: each 2x2 pixels become their mean.
var halving = tensor.Pool{KH: 2, KW: 2}

// half returns a picture or mask at half its size.
func half(picture *tensor.Tensor) *tensor.Tensor {
	small := tensor.New(halving.OutputShape(picture)...)
	tensor.AvgPool2D(small, picture, halving)
	return small
}

// halve is half on a tape.
func halve(x *autodiff.Var) *autodiff.Var { return autodiff.AvgPool2D(x, halving) }

// halves returns the styles at half their size, with their masks.
func halves(styles []Style) []Style {
	small := slices.Clone(styles)
	for i, s := range styles {
		small[i].Picture = half(s.Picture)
		if s.ContentMask != nil {
			small[i].ContentMask = half(s.ContentMask)
		}
		if s.StyleMask != nil {
			small[i].StyleMask = half(s.StyleMask)
		}
	}
	return small
}

// styleSizes returns how many sizes the style can be compared at, 1 for full size alone:
// at each, the network has to see something of all pictures, and the layers of all
// masks. height and width are those of the content.
func styleSizes(net *vgg.Network, costs Costs, styles []Style, height, width int) int {
	names := layerNames(costs.StyleLayers)
	for n := 1; ; n++ {
		if n == costs.StyleSizes {
			return n
		}
		if height, width = height/2, width/2; net.Check(names, height, width) != nil {
			return n
		}
		for _, s := range styles {
			if net.Check(names, s.Picture.Dim(1)/2, s.Picture.Dim(2)/2) != nil {
				return n
			}
		}
		styles = halves(styles)
		if !keepsRegions(net, costs.StyleLayers, styles, height, width) {
			return n
		}
	}
}

// keepsRegions reports whether something of every region, and of every mask of a style
// picture, is left at all layers of a picture of this size.
func keepsRegions(net *vgg.Network, layers []Layer, styles []Style, height, width int) bool {
	if _, err := regions(net, layers, styles, height, width); err != nil {
		return false
	}
	for _, s := range styles {
		if _, err := atLayers(net, layers, "style", s.StyleMask); err != nil {
			return false
		}
	}
	return true
}
