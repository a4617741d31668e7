package picture

import "image"

// samples is an image that is filled sample by sample: grey, grey and alpha, colours, or
// colours and alpha, which are not multiplied by it.
type samples struct {
	image.Image
	set func(y, i int, v uint16) // sample i of row y, 0..255, or 0..65535 if it is deep
}

// newSamples returns an image with that many channels, 1 to 4, all zero. The last channel
// of three makes a pixel opaque.
func newSamples(w, h, channels int, deep bool) samples {
	rect := image.Rect(0, 0, w, h)
	switch {
	case channels == 1 && deep:
		m := image.NewGray16(rect)
		return samples{m, func(y, i int, v uint16) { put16(m.Pix[y*m.Stride+2*i:], v) }}
	case channels == 1:
		m := image.NewGray(rect)
		return samples{m, func(y, i int, v uint16) { m.Pix[y*m.Stride+i] = uint8(v) }}
	case channels == 3 && deep:
		m := image.NewRGBA64(rect)
		return samples{m, spread(channels, m.Pix, m.Stride, 8, 0xffff, put2)}
	case channels == 3:
		m := image.NewRGBA(rect)
		return samples{m, spread(channels, m.Pix, m.Stride, 4, 0xff, put1)}
	case deep:
		m := image.NewNRGBA64(rect)
		return samples{m, spread(channels, m.Pix, m.Stride, 8, 0xffff, put2)}
	}
	m := image.NewNRGBA(rect)
	return samples{m, spread(channels, m.Pix, m.Stride, 4, 0xff, put1)}
}

// put1 and put2 put channel c of a pixel, of one or two bytes.
func put1(p []byte, c int, v uint16) { p[c] = uint8(v) }
func put2(p []byte, c int, v uint16) { put16(p[2*c:], v) }

// spread returns the function that puts a sample of 2 to 4 channels into red, green, blue
// and alpha.
func spread(channels int, pix []byte, stride, size int, opaque uint16, put func(p []byte, c int, v uint16)) func(y, i int, v uint16) {
	return func(y, i int, v uint16) {
		x, c := i/channels, i%channels
		p := pix[y*stride+x*size:][:size]
		switch {
		case channels > 2:
			put(p, c, v)
		case c == 1:
			put(p, 3, v)
		default: // grey
			put(p, 0, v)
			put(p, 1, v)
			put(p, 2, v)
		}
		if channels == 3 && c == 2 {
			put(p, 3, opaque)
		}
	}
}

func put16(p []byte, v uint16) { p[0], p[1] = byte(v>>8), byte(v) }
