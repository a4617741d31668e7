package nst_test

import (
	"math"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// TestStyleSizes: the style cost of a layer is the mean of what it is at each size, as far
// as the network sees something of all pictures.
func TestStyleSizes(t *testing.T) {
	halved := func(picture *tensor.Tensor) *tensor.Tensor {
		window := tensor.Pool{KH: 2, KW: 2}
		small := tensor.New(window.OutputShape(picture)...)
		tensor.AvgPool2D(small, picture, window)
		return small
	}
	cost := func(kind nst.StyleCost, sizes int, content, picture *tensor.Tensor, styles ...nst.Style) nst.Cost {
		o, err := nst.NewObjective(small(t), content, styles, nst.Costs{StyleCost: kind, StyleSizes: sizes})
		if err != nil {
			t.Fatal(err)
		}
		return o.Evaluate(picture, nil)
	}
	for _, kind := range []nst.StyleCost{nst.Gram{}, nst.Sliced{}} {
		content, picture, style := wave(61, 63, 0), wave(61, 63, 2), wave(70, 64, 1)
		mask := maskPicture(61, 63, "left")
		styles := []nst.Style{{Picture: style, ContentMask: mask, StyleMask: maskPicture(70, 64, "left")}, {Picture: wave(64, 80, 3), Weight: 2}}
		smaller := []nst.Style{
			{Picture: halved(style), ContentMask: halved(mask), StyleMask: halved(styles[0].StyleMask)},
			{Picture: halved(styles[1].Picture), Weight: 2},
		}
		full, half := cost(kind, 1, content, picture, styles...), cost(kind, 1, halved(content), halved(picture), smaller...)
		for _, sizes := range []int{2, 8} { // a quarter would be too small
			both := cost(kind, sizes, content, picture, styles...)
			for i, l := range both.Layers {
				if want := (full.Layers[i].Value + half.Layers[i].Value) / 2; !(math.Abs(l.Value-want) <= 1e-6*want) {
					t.Errorf("%T, %d sizes: %s costs %v, want %v", kind, sizes, l.Name, l.Value, want)
				}
			}
			if want := (full.Style + half.Style) / 2; !(math.Abs(both.Style-want) <= 1e-6*want) || both.Content != full.Content {
				t.Errorf("%T, %d sizes: style %v, want %v; content %v, want %v", kind, sizes, both.Style, want, both.Content, full.Content)
			}
			for i, r := range both.Regions {
				if want := (full.Regions[i] + half.Regions[i]) / 2; !(math.Abs(r-want) <= 1e-6*want) {
					t.Errorf("%T, %d sizes: region %d costs %v, want %v", kind, sizes, i, r, want)
				}
			}
		}
		tooSmall := cost(kind, 3, wave(30, 31, 0), wave(30, 31, 2), nst.Style{Picture: style})
		if one := cost(kind, 1, wave(30, 31, 0), wave(30, 31, 2), nst.Style{Picture: style}); tooSmall.Total != one.Total {
			t.Errorf("%T: %v at a size that is too small for a second one, want %v", kind, tooSmall.Total, one.Total)
		}
	}
}

// TestStyleSizesOfTinyPictures: a cost of colours alone takes pictures of any size, and
// halves them only as long as a pixel is left.
func TestStyleSizesOfTinyPictures(t *testing.T) {
	colours := []nst.Layer{{Name: vgg.Picture, Weight: 1}}
	costs := nst.Costs{StyleCost: nst.Sliced{}, StyleSizes: 8, StyleLayers: colours, ContentLayers: colours}
	for _, size := range [][2]int{{1, 1}, {1, 9}, {3, 6}} {
		content, style := wave(size[0], size[1], 0), wave(5, 4, 1)
		o, err := nst.NewObjective(small(t), content, []nst.Style{{Picture: style}}, costs)
		if err != nil {
			t.Fatal(err)
		}
		if cost := o.Evaluate(content, tensor.New(content.Shape()...)); !(cost.Style > 0) || math.IsInf(cost.Style, 1) {
			t.Errorf("%dx%d: style cost %v", size[1], size[0], cost.Style)
		}
	}
}
