package picture

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"iter"
	"math"
	"math/bits"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// decode returns the picture.
func (p tiffLayout) decode() (image.Image, error) {
	img, put := p.target()
	buf := make([]byte, p.rowBytes()*int64(p.rows()))
	across, down := p.blocks()
	planes, samples := p.planes()
	u := &tiffUnpacker{tiffLayout: p}
	for plane := range planes {
		for row := range down {
			for column := range across {
				i := (plane*down+row)*across + column
				h := p.blockH
				if !p.tiled {
					h = min(h, p.h-row*p.blockH) // the last strip has fewer rows
				}
				want := buf[:p.rowBytes()*int64((h+p.subV-1)/p.subV)]
				if err := u.unpack(i, h, want); err != nil {
					return nil, fmt.Errorf("%s %d: %w", map[bool]string{true: "tile", false: "strip"}[p.tiled], i, err)
				}
				p.unpredict(want, samples)
				p.place(img, want, column*p.blockW, row*p.blockH, plane, samples, put)
			}
		}
	}
	return img, nil
}

// A tiffUnpacker unpacks strips and tiles.
type tiffUnpacker struct {
	tiffLayout
	inflater io.ReadCloser // kept for the next
	scanned  int64         // samples in the scans of JPEGs so far
}

// unpack fills want with block i, of h rows.
func (u *tiffUnpacker) unpack(i, h int, want []byte) error {
	offset, n := u.uint(u.offset, i), u.uint(u.size, i)
	if !u.has(u.size) || u.count(u.size) <= i && u.count(u.offset) == 1 {
		n = uint64(len(u.data)) // some programs leave it out where there is one strip
	}
	if i >= u.count(u.offset) || offset > uint64(len(u.data)) {
		return errors.New("it lies beyond the end of the file")
	}
	data := u.data[offset:]
	data = data[:min(n, uint64(len(data)))]
	backwards := u.uint(tagFillOrder, 0) == 2
	switch u.compression {
	case 3, 4:
		return u.unpackFax(data, h, want)
	case 7:
		return u.unpackJPEG(data, h, want)
	}
	if backwards {
		data = bytes.Clone(data)
		for i, b := range data {
			data[i] = bits.Reverse8(b)
		}
	}
	var r io.Reader = bytes.NewReader(data)
	switch u.compression {
	case 5:
		z := lzw.NewReader(r, lzw.MSB, 8)
		defer z.Close()
		r = z
	case 8, 32946:
		if u.inflater == nil {
			z, err := zlib.NewReader(r)
			if err != nil {
				return err
			}
			u.inflater = z
		} else if err := u.inflater.(zlib.Resetter).Reset(r, nil); err != nil {
			return err
		}
		r = u.inflater
	case 32773:
		return unpackBits(data, want)
	}
	_, err := io.ReadFull(r, want)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTIFFShort
	}
	return err
}

var errTIFFShort = errors.New("pixels are missing")

// unpackBits undoes PackBits (TIFF 6.0, section 9).
func unpackBits(data, want []byte) error {
	for len(want) > 0 {
		if len(data) < 2 {
			return errTIFFShort
		}
		n := int(int8(data[0]))
		data = data[1:]
		switch {
		case n >= 0:
			n = min(n+1, len(data), len(want))
			copy(want, data[:n])
			data, want = data[n:], want[n:]
		case n > -128:
			n = min(1-n, len(want))
			for i := range n {
				want[i] = data[0]
			}
			data, want = data[1:], want[n:]
		}
	}
	return nil
}

// unpackFax undoes the compressions of fax machines, in which white is 0 whatever
// tagPhotometric makes of it.
func (u *tiffUnpacker) unpackFax(data []byte, h int, want []byte) error {
	order := ccitt.MSB
	if u.uint(tagFillOrder, 0) == 2 {
		order = ccitt.LSB
	}
	opt := &ccitt.Options{Invert: true}
	if u.compression == 4 {
		_, err := io.ReadFull(ccitt.NewReader(bytes.NewReader(data), order, ccitt.Group4, u.blockW, h, opt), want)
		return err
	}
	size := int(u.rowBytes())
	for row := range faxRows(data, order == ccitt.LSB) {
		r := ccitt.NewReader(bytes.NewReader(row), ccitt.MSB, ccitt.Group3, u.blockW, 1, opt)
		if _, err := io.ReadFull(r, want[:size]); err != nil {
			return err
		}
		if want = want[size:]; len(want) == 0 {
			return nil
		}
	}
	return errTIFFShort
}

// faxRows yields the rows of Group 3 data, each with a mark before it. The mark at the end
// of a row is eleven zeros and a one, which occur nowhere else. More zeros may stand before
// it, which the decoder does not expect, so that the mark ends with a byte (ITU-T T.4,
// section 4.1.3). What is yielded is valid up to the next.
func faxRows(data []byte, backwards bool) iter.Seq[[]byte] {
	const mark = 12
	return func(yield func([]byte) bool) {
		var row []byte
		n := 0 // bits
		put := func(bit byte) {
			if n%8 == 0 {
				row = append(row, 0)
			}
			row[n/8] |= bit << (7 - n%8)
			n++
		}
		zeros := 0
		begin := func() {
			row, n = row[:0], 0
			for range mark - 1 {
				put(0)
			}
			put(1)
			zeros = 0
		}
		begin()
		end := func() bool { // with what a code may end with
			for range 2 * mark {
				put(0)
			}
			return n == 3*mark || yield(row)
		}
		for _, b := range data {
			if backwards {
				b = bits.Reverse8(b)
			}
			for i := 7; i >= 0; i-- {
				switch {
				case b>>i&1 == 0:
					zeros++
				case zeros >= mark-1:
					if !end() {
						return
					}
					begin()
				default:
					for range zeros {
						put(0)
					}
					put(1)
					zeros = 0
				}
			}
		}
		end()
	}
}

// unpackJPEG unpacks a block that is a JPEG without its tables, which stand in a tag
// (TIFF Technical Note 2).
func (u *tiffUnpacker) unpackJPEG(data []byte, h int, want []byte) error {
	_, samples := u.planes()
	if tables := bytes.TrimSuffix(u.field(tagJPEGTables).data, []byte{0xff, jpegEOI}); len(tables) > 2 && len(data) > 2 {
		data = append(bytes.Clone(tables), data[2:]...)
	}
	j, err := parseJPEG(data)
	if err != nil {
		return err
	}
	if len(j.components) != samples || j.w != u.blockW || j.h > u.blockH || j.h < h {
		return errors.New("its JPEG has another size")
	}
	if err := j.decodeScans(&u.scanned); err != nil {
		return err
	}
	ycc := u.photometric == photoYCbCr && samples >= 3
	for y := range h {
		row := want[y*u.blockW*samples:]
		for x := range u.blockW {
			p := row[x*samples:][:samples]
			for c := range p {
				p[c] = j.sample(c, x, y)
			}
			if ycc {
				p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2])
			}
		}
	}
	return nil
}

// unpredict undoes the difference between neighbours (TIFF 6.0, section 14).
func (p tiffLayout) unpredict(block []byte, samples int) {
	if p.predictor == 1 {
		return
	}
	size := p.depth / 8
	n := int(p.rowBytes())
	for start := 0; start < len(block); start += n {
		row := block[start : start+n]
		for i := samples * size; i+size <= n; i += size {
			left, here := row[i-samples*size:], row[i:]
			switch size {
			case 1:
				here[0] += left[0]
			case 2:
				p.order.PutUint16(here, p.order.Uint16(here)+p.order.Uint16(left))
			case 4:
				p.order.PutUint32(here, p.order.Uint32(here)+p.order.Uint32(left))
			}
		}
	}
}

// place puts the samples of a block at x0, y0 of the picture.
func (p tiffLayout) place(img image.Image, block []byte, x0, y0, plane, samples int, put func(x, y, c int, v uint32)) {
	if p.placeRows(img, block, x0, y0, samples) {
		return
	}
	if p.photometric == photoYCbCr && p.compression != 7 && !p.planar {
		p.placeUnits(block, x0, y0, put)
		return
	}
	n := int(p.rowBytes())
	w := min(p.blockW, p.w-x0)
	for y := y0; y < min(y0+p.blockH, p.h); y++ {
		row := block[(y-y0)*n:][:n]
		for i := range w * samples {
			var v uint32
			switch p.depth {
			case 8:
				v = uint32(row[i])
			case 16:
				v = uint32(p.order.Uint16(row[2*i:]))
			case 32:
				v = p.order.Uint32(row[4*i:])
			default:
				at := i * p.depth
				v = uint32(row[at/8] << (at % 8) >> (8 - p.depth))
			}
			put(x0+i/samples, y, plane+i%samples, v)
		}
	}
}

// placeRows does what place does where samples need no change but their order, as in most
// files. It reports whether it did.
func (p tiffLayout) placeRows(img image.Image, block []byte, x0, y0, samples int) bool {
	grey := p.photometric == photoBlackIsZero && samples == 1
	colours := p.photometric == photoRGB && (samples == 3 || samples == 4 && p.alpha == 3)
	if p.depth != 8 && p.depth != 16 || p.planar && p.samples > 1 || !grey && !colours {
		return false
	}
	var pix []byte
	var stride, channels int
	switch m := img.(type) {
	case *image.Gray:
		pix, stride, channels = m.Pix, m.Stride, 1
	case *image.Gray16:
		pix, stride, channels = m.Pix, m.Stride, 1
	case *image.NRGBA:
		pix, stride, channels = m.Pix, m.Stride, 4
	case *image.NRGBA64:
		pix, stride, channels = m.Pix, m.Stride, 4
	case *image.RGBA:
		pix, stride, channels = m.Pix, m.Stride, 4
	case *image.RGBA64:
		pix, stride, channels = m.Pix, m.Stride, 4
	}
	size := p.depth / 8
	swapped := size == 2 && p.order.Uint16([]byte{0, 1}) != 1
	n := int(p.rowBytes())
	for y := y0; y < min(y0+p.blockH, p.h); y++ {
		from, to := block[(y-y0)*n:], pix[y*stride+x0*channels*size:]
		for range min(p.blockW, p.w-x0) {
			copy(to[:channels*size], from[:samples*size])
			if swapped {
				for i := 0; i < samples*size; i += 2 {
					to[i], to[i+1] = to[i+1], to[i]
				}
			}
			if samples == 3 {
				for i := range size {
					to[3*size+i] = 0xff
				}
			}
			from, to = from[samples*size:], to[channels*size:]
		}
	}
	return true
}

// placeUnits puts the pixels of YCbCr units: the luma of each, then two differences for all
// (TIFF 6.0, section 21).
func (p tiffLayout) placeUnits(block []byte, x0, y0 int, put func(x, y, c int, v uint32)) {
	n, size := int(p.rowBytes()), p.subH*p.subV+2
	for y := y0; y < min(y0+p.blockH, p.h); y++ {
		row := block[(y-y0)/p.subV*n:][:n]
		for x := x0; x < min(x0+p.blockW, p.w); x++ {
			unit := row[(x-x0)/p.subH*size:][:size]
			luma := unit[(y-y0)%p.subV*p.subH+(x-x0)%p.subH]
			r, g, b := color.YCbCrToRGB(luma, unit[size-2], unit[size-1])
			put(x, y, 0, uint32(r))
			put(x, y, 1, uint32(g))
			put(x, y, 2, uint32(b))
		}
	}
}

// target returns the image to be filled, and the function that puts sample c of a pixel
// into it.
func (p tiffLayout) target() (image.Image, func(x, y, c int, v uint32)) {
	rect := image.Rect(0, 0, p.w, p.h)
	largest := uint64(1)<<p.depth - 1
	byteOf := func(v uint32) uint8 { return uint8((uint64(v)*255 + largest/2) / largest) }
	wordOf := func(v uint32) uint16 {
		if p.depth == 16 {
			return uint16(v)
		}
		return uint16((uint64(v)*math.MaxUint16 + largest/2) / largest)
	}
	switch p.photometric {
	case photoInks:
		m := image.NewCMYK(rect)
		return m, func(x, y, c int, v uint32) {
			if c < 4 {
				m.Pix[y*m.Stride+4*x+c] = byteOf(v)
			}
		}
	case photoPalette:
		if p.alpha > 0 {
			return p.paletteWithAlpha(rect)
		}
		m := image.NewPaletted(rect, p.palette())
		return m, func(x, y, c int, v uint32) {
			if c == 0 {
				m.Pix[y*m.Stride+x] = uint8(v)
			}
		}
	}
	channels := map[bool]int{true: 1, false: 3}[p.photometric == photoWhiteIsZero || p.photometric == photoBlackIsZero]
	colours := channels
	if p.alpha > 0 {
		channels++
	}
	m := newSamples(p.w, p.h, channels, p.depth > 8)
	put := func(x, y, c int, v uint32) {
		switch {
		case c < colours:
			if p.photometric == photoWhiteIsZero {
				v = uint32(largest) - v
			}
		case c == p.alpha:
			c = channels - 1
		default:
			return
		}
		if p.depth > 8 {
			m.set(y, x*channels+c, wordOf(v))
		} else {
			m.set(y, x*channels+c, uint16(byteOf(v)))
		}
	}
	img := m.Image
	if p.multiplied {
		switch m := img.(type) {
		case *image.NRGBA:
			img = &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		case *image.NRGBA64:
			img = &image.RGBA64{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		}
	}
	return img, put
}

// paletteWithAlpha is target for a palette with an alpha channel beside it. Its colours are
// reduced to 8 bits, which is what palettes have.
func (p tiffLayout) paletteWithAlpha(rect image.Rectangle) (image.Image, func(x, y, c int, v uint32)) {
	m := image.NewNRGBA(rect)
	palette := p.palette()
	largest := uint32(1)<<p.depth - 1
	return m, func(x, y, c int, v uint32) {
		to := m.Pix[y*m.Stride+4*x:][:4]
		switch c {
		case 0:
			r, g, b, _ := palette[v].RGBA()
			to[0], to[1], to[2] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
		case p.alpha:
			to[3] = uint8(v * 255 / largest)
		}
	}
}
