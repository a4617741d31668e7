package picture

import (
	"image"
	"image/color"
)

// rowReader returns a function that reads a row of a picture, counted from its top, with
// colours multiplied by alpha, 0..65535, and whether alpha may be other than 65535 or is to
// be resampled as if it could.
func rowReader(img image.Image, factor func(v uint32) uint16) (read func(y int, row []pixel), withAlpha bool) {
	corner := img.Bounds().Min
	var at func(x, y int) (r, g, b, a uint32)
	switch m := img.(type) {
	case *image.Gray:
		return func(y int, row []pixel) {
			for x := range row {
				v := float64(uint32(m.Pix[m.PixOffset(corner.X+x, corner.Y+y)]) * 0x101)
				row[x] = pixel{v, v, v}
			}
		}, false
	case *image.YCbCr:
		// draw takes those of no other ratio for opaque without asking.
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440:
			return func(y int, row []pixel) { readYCbCr(m, y, row) }, false
		}
		at = func(x, y int) (r, g, b, a uint32) { return m.YCbCrAt(x, y).RGBA() }
	case inks:
		return m.readRow, true
	case *image.NRGBA:
		at = func(x, y int) (r, g, b, a uint32) { return m.NRGBAAt(x, y).RGBA() }
	case *image.RGBA:
		at = func(x, y int) (r, g, b, a uint32) { return m.RGBAAt(x, y).RGBA() }
	case image.RGBA64Image:
		at = func(x, y int) (r, g, b, a uint32) { return m.RGBA64At(x, y).RGBA() }
	default:
		at = func(x, y int) (r, g, b, a uint32) { return img.At(x, y).RGBA() }
	}
	return func(y int, row []pixel) {
		for x := range row {
			r, g, b, a := at(corner.X+x, corner.Y+y)
			if factor != nil {
				r, g, b, a = uint32(factor(r)), uint32(factor(g)), uint32(factor(b)), uint32(factor(a))
			}
			row[x] = pixel{float64(r), float64(g), float64(b), float64(a)}
		}
	}, true
}

// readYCbCr reads row y, counted from the top. Where the row begins is looked up once,
// and not for each pixel.
func readYCbCr(m *image.YCbCr, y int, row []pixel) {
	y += m.Rect.Min.Y
	luma := m.Y[m.YOffset(m.Rect.Min.X, y):]
	for x := range row {
		c := m.COffset(m.Rect.Min.X+x, y)
		r, g, b, _ := color.YCbCr{Y: luma[x], Cb: m.Cb[c], Cr: m.Cr[c]}.RGBA()
		row[x] = pixel{float64(r), float64(g), float64(b)}
	}
}
