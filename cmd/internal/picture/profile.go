package picture

import (
	"image"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// toSRGB converts colours (1, H, W, 3), 0..255, in place. A profile that is of
// no use for red, green and blue changes nothing.
//
// Colours beyond sRGB are cut off channel by channel, as littlecms, browsers
// and ImageMagick do.
func (m metadata) toSRGB(colour *tensor.Tensor) {
	if m.colours == nil || m.colours.Channels() == 4 {
		return
	}
	data := colour.Data()
	parallel.Range(len(data)/3, 1<<12, func(lo, hi int) {
		for i := lo * 3; i < hi*3; i += 3 { // grey pixels have three equal values
			r, g, b := m.colours.ToSRGB([4]float64{toUnit(data[i]), toUnit(data[i+1]), toUnit(data[i+2])})
			data[i], data[i+1], data[i+2] = fromUnit(r), fromUnit(g), fromUnit(b)
		}
	})
}

// inksToSRGB returns a picture in the four inks as its profile says, or as it
// is, to be converted by the formula of Decode, without one that is of use.
func (m metadata) inksToSRGB(img *image.CMYK) image.Image {
	if m.colours != nil && m.colours.Channels() == 4 {
		return inks{img, m.colours}
	}
	return img
}
