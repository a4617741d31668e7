package picture

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"

	"github.com/brushgrad/brushgrad/tensor"
)

// toTensors returns the picture with w x h pixels: its colours (1, h, w, 3) and
// its alpha plane (1, h, w, 1), 0..255, which is nil if the picture is opaque.
func toTensors(img image.Image, w, h int) (colour, alpha *tensor.Tensor) {
	scale := float32(1)
	if b := img.Bounds(); w != b.Dx() || h != b.Dy() {
		if !opaque(img) {
			img, scale = withHeadroom(img), headroom
		}
		resized := image.NewRGBA64(image.Rect(0, 0, w, h))
		draw.CatmullRom.Scale(resized, resized.Rect, img, b, draw.Src, nil)
		img = resized
	}
	colour, alpha = tensor.New(1, h, w, 3), tensor.New(1, h, w, 1)
	rgb, a := colour.Data(), alpha.Data()
	at := straight(img)
	corner := img.Bounds().Min
	visible := true
	for y := range h {
		for x := range w {
			i := y*w + x
			c := at(corner.X+x, corner.Y+y)
			copy(rgb[i*3:], c[:3])
			a[i] = min(255, c[3]/scale)
			visible = visible && a[i] == 255
		}
	}
	if visible {
		return colour, nil
	}
	return colour, alpha
}

// opaque reports whether a picture is known to have no alpha.
func opaque(img image.Image) bool {
	m, ok := img.(interface{ Opaque() bool })
	return ok && m.Opaque()
}

// headroom is what of the range is left to a picture with alpha while it is
// resampled.
const headroom = 0.75

// withHeadroom returns the picture multiplied by its alpha and by headroom.
// Resampled values overshoot at the edge of what is visible, those of colours
// as much as alpha, so that their quotient is right; it would not be if alpha
// were cut off at its largest value.
func withHeadroom(img image.Image) *image.RGBA64 {
	b := img.Bounds()
	m := image.NewRGBA64(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			s := func(v uint32) uint16 { return uint16(v * 3 / 4) }
			m.SetRGBA64(x, y, color.RGBA64{R: s(r), G: s(g), B: s(b), A: s(a)})
		}
	}
	return m
}

// straight returns the function that reads a pixel as red, green, blue and
// alpha, 0..255. The colour is not multiplied by alpha: where the file has it
// so, it is what the file stores, to the bit.
func straight(img image.Image) func(x, y int) [4]float32 {
	switch m := img.(type) {
	case *image.NRGBA:
		return func(x, y int) [4]float32 { return straightColor(m.NRGBAAt(x, y)) }
	case *image.NRGBA64:
		return func(x, y int) [4]float32 { return straightColor(m.NRGBA64At(x, y)) }
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

// fromStudioRange returns the picture of a lossy WebP with its colours right.
// VP8 keeps luma in 16..235 and the colour differences in 16..240 (ITU-R BT.601;
// RFC 6386, section 9.2), but the decoder returns a type for which they run
// from 0 to 255, as in a JPEG.
func fromStudioRange(img image.Image) image.Image {
	var m *image.YCbCr
	alpha := func(x, y int) uint8 { return 255 }
	switch img := img.(type) {
	case *image.YCbCr:
		m = img
	case *image.NYCbCrA:
		m = &img.YCbCr
		alpha = func(x, y int) uint8 { return img.A[img.AOffset(x, y)] }
	default:
		return img // lossless
	}
	out := image.NewNRGBA(m.Rect)
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			c := m.YCbCrAt(x, y)
			luma := 255.0 / 219 * (float32(c.Y) - 16)
			cb, cr := 255.0/112*(float32(c.Cb)-128), 255.0/112*(float32(c.Cr)-128)
			out.SetNRGBA(x, y, color.NRGBA{
				R: byteOf(luma + 0.701*cr),
				G: byteOf(luma - 0.886*0.114/0.587*cb - 0.701*0.299/0.587*cr),
				B: byteOf(luma + 0.886*cb),
				A: alpha(x, y),
			})
		}
	}
	return out
}

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

// upright undoes an orientation of the EXIF standard (JEITA CP-3451, section
// 4.6.4), which names the side of the scene that row 0 and column 0 of t show.
// It returns t itself for 1 and for what is no orientation.
func upright(t *tensor.Tensor, orientation int) *tensor.Tensor {
	h, w, c := t.Dim(1), t.Dim(2), t.Dim(3)
	var from func(x, y int) (int, int) // the stored place of an upright one
	switch orientation {
	case 2: // top, right
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3: // bottom, right
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4: // bottom, left
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5: // left, top
		from = func(x, y int) (int, int) { return y, x }
	case 6: // right, top
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7: // right, bottom
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8: // left, bottom
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return t
	}
	outH, outW := h, w
	if orientation >= 5 {
		outH, outW = w, h
	}
	out := tensor.New(1, outH, outW, c)
	for y := range outH {
		for x := range outW {
			sx, sy := from(x, y)
			copy(out.Data()[(y*outW+x)*c:], t.Data()[(sy*w+sx)*c:][:c])
		}
	}
	return out
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
