package picture

import (
	"image"
	"image/color"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// toTensors returns the picture with w x h pixels, as the file stores them: its colours
// (1, h, w, 3) and its alpha plane (1, h, w, 1), 0..255. An opaque picture is turned
// upright on the way and has no alpha plane; of others colours and alpha are yet to be
// turned, turned being false.
func toTensors(img image.Image, w, h, orientation int) (colour, alpha *tensor.Tensor, turned bool) {
	turned = opaque(img)
	if turned {
		outW, outH := turnedSize(w, h, orientation)
		colour = tensor.New(1, outH, outW, 3)
	} else {
		colour, alpha = tensor.New(1, h, w, 3), tensor.New(1, h, w, 1)
	}
	put := func(x, y int, c [4]float32) {
		i := y*w + x
		if turned {
			i = turnedIndex(x, y, w, h, orientation)
		} else {
			alpha.Data()[i] = min(255, c[3])
		}
		copy(colour.Data()[i*3:i*3+3], c[:3])
	}
	switch b := img.Bounds(); {
	case w == b.Dx() && h == b.Dy():
		if m, ok := img.(inks); ok { // by rows, on all cores
			row := make([]pixel, w)
			for y := range h {
				m.readRow(y, row)
				for x, p := range row {
					put(x, y, divided(uint32(p[0]), uint32(p[1]), uint32(p[2]), uint32(p[3])))
				}
			}
			break
		}
		at := straight(img)
		for y := range h {
			for x := range w {
				put(x, y, at(b.Min.X+x, b.Min.Y+y))
			}
		}
	case turned:
		resample(img, w, h, false, func(x, y int, r, g, b, a uint16) {
			put(x, y, divided(uint32(r), uint32(g), uint32(b), uint32(a)))
		})
	default:
		resample(img, w, h, true, func(x, y int, r, g, b, a uint16) {
			c := divided(uint32(r), uint32(g), uint32(b), uint32(a))
			c[3] /= headroom
			put(x, y, c)
		})
	}
	if alpha != nil && !slices.ContainsFunc(alpha.Data(), func(a float32) bool { return a != 255 }) {
		alpha = nil
	}
	return colour, alpha, turned
}

// opaque reports whether a picture is known to have no alpha.
func opaque(img image.Image) bool {
	m, ok := img.(interface{ Opaque() bool })
	return ok && m.Opaque()
}

// headroom is what of the range is left to a picture with alpha while it is
// resampled. Resampled values overshoot at the edge of what is visible, those of
// colours as much as alpha, so that their quotient is right; it would not be if alpha
// were cut off at its largest value.
const headroom = 0.75

// straight returns the function that reads a pixel as red, green, blue and
// alpha, 0..255. The colour is not multiplied by alpha: where the file has it
// so, it is what the file stores, to the bit.
func straight(img image.Image) func(x, y int) [4]float32 {
	switch m := img.(type) {
	case *image.NRGBA:
		return func(x, y int) [4]float32 { return straightColor(m.NRGBAAt(x, y)) }
	case *image.NRGBA64:
		return func(x, y int) [4]float32 { return straightColor(m.NRGBA64At(x, y)) }
	case studioRange:
		return func(x, y int) [4]float32 { return straightColor(m.nrgbaAt(x, y)) }
	case onCanvas:
		return func(x, y int) [4]float32 { return straightColor(m.At(x, y)) }
	case *image.Paletted:
		palette := make([][4]float32, len(m.Palette))
		for i, c := range m.Palette {
			palette[i] = straightColor(c)
		}
		return func(x, y int) [4]float32 { return palette[m.ColorIndexAt(x, y)] }
	case image.RGBA64Image: // all others of the standard library
		return func(x, y int) [4]float32 {
			c := m.RGBA64At(x, y)
			return divided(uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
		}
	}
	return func(x, y int) [4]float32 { return divided(img.At(x, y).RGBA()) }
}

func straightColor(c color.Color) [4]float32 {
	switch c := c.(type) {
	case color.NRGBA:
		return [4]float32{float32(c.R), float32(c.G), float32(c.B), float32(c.A)}
	case color.NRGBA64:
		return [4]float32{level(uint32(c.R)), level(uint32(c.G)), level(uint32(c.B)), level(uint32(c.A))}
	}
	return divided(c.RGBA())
}

// divided undoes the multiplication of a colour by its alpha.
func divided(r, g, b, a uint32) [4]float32 {
	if a == 0 {
		return [4]float32{}
	}
	f := func(v uint32) float32 { return min(255, float32(v)*255/float32(a)) }
	return [4]float32{f(r), f(g), f(b), level(a)}
}

// level maps 0..65535 to 0..255. An 8-bit value v was widened to 257 v, so it
// comes back exactly.
func level(v uint32) float32 { return float32(v) / 257 }

// fillHidden gives every pixel that cannot be seen, with an alpha below one
// level of 0..255, the colour of the nearest one that can, counted in steps
// from side to side; white if there is none.
//
// What a file stores there is arbitrary, mostly black, and the network would
// see it: an outline around what is visible, and in a style a black to be
// imitated. White would be an outline too. With the nearest colour there is
// nothing to be seen at the edge.
func fillHidden(colour, alpha *tensor.Tensor) {
	h, w := alpha.Dim(1), alpha.Dim(2)
	rgb, a := colour.Data(), alpha.Data()
	known := make([]bool, len(a))
	queue := make([]int32, 0, len(a))
	for i, v := range a {
		if known[i] = v >= 1; known[i] {
			queue = append(queue, int32(i))
		}
	}
	if len(queue) == 0 {
		for i := range rgb {
			rgb[i] = 255
		}
		return
	}
	spread := func(from, to int) {
		if !known[to] {
			known[to] = true
			copy(rgb[to*3:to*3+3], rgb[from*3:])
			queue = append(queue, int32(to))
		}
	}
	for n := 0; n < len(queue); n++ {
		i := int(queue[n])
		x := i % w
		if x > 0 {
			spread(i, i-1)
		}
		if x < w-1 {
			spread(i, i+1)
		}
		if i >= w {
			spread(i, i-w)
		}
		if i < w*(h-1) {
			spread(i, i+w)
		}
	}
}

// toUnit maps 0..255 to 0..1, for profiles.
func toUnit(v float32) float64 { return float64(v) / 255 }

// fromUnit maps 0..1 to 0..255 and clamps; NaN becomes 0.
func fromUnit(v float64) float32 {
	if v >= 1 {
		return 255
	}
	if v > 0 {
		return float32(255 * v)
	}
	return 0
}
