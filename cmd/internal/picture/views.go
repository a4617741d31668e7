package picture

import (
	"image"
	"image/color"

	"github.com/brushgrad/brushgrad/cmd/internal/picture/icc"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Views show an image in other colours or on a larger ground, pixel by pixel, without a
// copy of it.

// fromStudioRange returns the picture of a lossy WebP with its colours right.
// VP8 keeps luma in 16..235 and the colour differences in 16..240 (ITU-R BT.601;
// RFC 6386, section 9.2), but the decoder returns a type for which they run
// from 0 to 255, as in a JPEG.
func fromStudioRange(img image.Image) image.Image {
	switch m := img.(type) {
	case *image.YCbCr:
		return studioRange{m, nil}
	case *image.NYCbCrA:
		return studioRange{&m.YCbCr, m}
	}
	return img // lossless
}

type studioRange struct {
	*image.YCbCr
	alpha *image.NYCbCrA // nil for opaque
}

func (s studioRange) ColorModel() color.Model        { return color.NRGBAModel }
func (s studioRange) At(x, y int) color.Color        { return s.nrgbaAt(x, y) }
func (s studioRange) Opaque() bool                   { return s.alpha == nil || s.alpha.Opaque() }
func (s studioRange) RGBA64At(x, y int) color.RGBA64 { return rgba64(s.nrgbaAt(x, y)) }

func (s studioRange) nrgbaAt(x, y int) color.NRGBA {
	c := s.YCbCrAt(x, y)
	luma := 255.0 / 219 * (float32(c.Y) - 16)
	cb, cr := 255.0/112*(float32(c.Cb)-128), 255.0/112*(float32(c.Cr)-128)
	out := color.NRGBA{
		R: byteOf(luma + 0.701*cr),
		G: byteOf(luma - 0.886*0.114/0.587*cb - 0.701*0.299/0.587*cr),
		B: byteOf(luma + 0.886*cb),
		A: 255,
	}
	if s.alpha != nil {
		out.A = s.alpha.A[s.alpha.AOffset(x, y)]
	}
	return out
}

// inks is a picture in the four inks, in the colours that its profile says.
type inks struct {
	*image.CMYK
	colours *icc.Transform
}

func (m inks) ColorModel() color.Model { return color.RGBA64Model }

func (m inks) At(x, y int) color.Color {
	var row [1]pixel
	m.read(x, y, row[:])
	return color.RGBA64{R: uint16(row[0][0]), G: uint16(row[0][1]), B: uint16(row[0][2]), A: 0xffff}
}

// readRow reads row y, counted from the top, as rowReader's functions do.
func (m inks) readRow(y int, row []pixel) {
	parallel.Range(len(row), 1<<8, func(lo, hi int) {
		m.read(m.Rect.Min.X+lo, m.Rect.Min.Y+y, row[lo:hi])
	})
}

// read reads pixels of a row from x, y on.
func (m inks) read(x, y int, row []pixel) {
	from := m.Pix[m.PixOffset(x, y):]
	for i := range row {
		var in [4]float64
		for c := range in {
			in[c] = toUnit(float32(from[i*4+c]))
		}
		r, g, b := m.colours.ToSRGB(in)
		row[i] = pixel{3: 0xffff}
		for c, v := range []float64{r, g, b} {
			row[i][c] = float64(wordOf(fromUnit(v)))
		}
	}
}

// onCanvas is the first frame of an animation on its canvas, which is transparent around
// it.
type onCanvas struct {
	image.Image
	at, canvas image.Rectangle
}

func (m onCanvas) Bounds() image.Rectangle        { return m.canvas }
func (m onCanvas) ColorModel() color.Model        { return color.RGBA64Model }
func (m onCanvas) Opaque() bool                   { return false }
func (m onCanvas) RGBA64At(x, y int) color.RGBA64 { return rgba64(m.At(x, y)) }

func (m onCanvas) At(x, y int) color.Color {
	p := image.Pt(x, y)
	if !p.In(m.at) {
		return color.RGBA{}
	}
	p = p.Sub(m.at.Min).Add(m.Image.Bounds().Min)
	return m.Image.At(p.X, p.Y)
}

func rgba64(c color.Color) color.RGBA64 {
	r, g, b, a := c.RGBA()
	return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
}
