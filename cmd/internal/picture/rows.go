package picture

import (
	"image"
	"image/color"
)

// rowReader returns a function that reads a row of a picture, counted from its top, with
// colours multiplied by alpha, 0..65535, and if lowered by headroom. withAlpha says whether
// alpha is to be resampled; else it is not read, being 65535 throughout.
func rowReader(img image.Image, lowered bool) (read func(y int, row []pixel), withAlpha bool) {
	corner := img.Bounds().Min
	var at func(x, y int) (r, g, b, a uint32)
	switch m := img.(type) {
	case *image.Gray:
		return func(y int, row []pixel) { readGray(m, y, row) }, false
	case *image.YCbCr:
		// draw.CatmullRom resamples the alpha of other ratios as well.
		switch m.SubsampleRatio {
		case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440:
			return func(y int, row []pixel) { readYCbCr(m, y, row) }, false
		}
		at = func(x, y int) (r, g, b, a uint32) { return m.YCbCrAt(x, y).RGBA() }
	case inks:
		return m.readRow, true
	case *image.NRGBA:
		return func(y int, row []pixel) { readNRGBA(m, y, row, lowered) }, true
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
			row[x] = pixel{float64(r), float64(g), float64(b), float64(a)}
		}
		lowerRow(row, lowered)
	}, true
}

// lowerRow multiplies whole numbers by headroom if lowered, and cuts fractions off.
func lowerRow(row []pixel, lowered bool) {
	if !lowered {
		return
	}
	for x := range row {
		p := &row[x]
		for c, v := range p {
			p[c] = float64(uint32(v) * 3 / 4)
		}
	}
}

func readGray(m *image.Gray, y int, row []pixel) {
	values := m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
	for x := range row {
		v := float64(uint32(values[x]) * 0x101)
		row[x] = pixel{v, v, v}
	}
}

func readNRGBA(m *image.NRGBA, y int, row []pixel, lowered bool) {
	values := m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
	for x := range row {
		v := values[x*4:][:4]
		a := uint32(v[3]) * 0x101
		r, g, b := uint32(v[0])*a/0xff, uint32(v[1])*a/0xff, uint32(v[2])*a/0xff
		if lowered {
			r, g, b, a = r*3/4, g*3/4, b*3/4, a*3/4
		}
		row[x] = pixel{float64(r), float64(g), float64(b), float64(a)}
	}
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
