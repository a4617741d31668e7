package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/bits"
)

// BMP files of Windows and OS/2: [MS-WMF], section 2.2.2.9, and "Bitmap Storage" of the
// Windows GDI. After 14 bytes of file header comes one of several headers, which begins
// with its length.
const (
	bmpFileHeader = 14
	bmpCore       = 12 // OS/2 1.x, the only one with sides of 16 bits and colours of 3 bytes
	bmpInfo       = 40 // Windows 3
	bmpMasks      = 52 // with masks of red, green and blue
	bmpAlphaMask  = 56 // and of alpha
	bmpOS2        = 64
	bmpV5         = 124

	bmpRGB         = 0
	bmpRLE8        = 1
	bmpRLE4        = 2
	bmpBitFields   = 3
	bmpAlphaFields = 6
)

// isBMP reports whether data begin as a BMP does.
func isBMP(data []byte) bool {
	if len(data) < bmpFileHeader+4 || string(data[:2]) != "BM" {
		return false
	}
	n := binary.LittleEndian.Uint32(data[bmpFileHeader:])
	return n >= bmpCore && n <= bmpV5
}

// A bmp is what a header says.
type bmp struct {
	w, h        int
	topDown     bool
	depth       int // bits of a pixel
	compression uint32
	palette     color.Palette // with 1 << depth colours; nil beyond 8 bits
	masks       [4]uint32     // of red, green, blue, alpha
	pixels      []byte
}

// parseBMP reads the header.
func parseBMP(data []byte) (b bmp, err error) {
	order := binary.LittleEndian
	size := int(order.Uint32(data[bmpFileHeader:]))
	if len(data) < bmpFileHeader+size {
		return b, errors.New("the header is cut short")
	}
	header, rest := data[bmpFileHeader:][:size:size], data[bmpFileHeader+size:]
	colours, colourBytes := 0, 4
	switch {
	case size == bmpCore:
		b.w, b.h, b.depth = int(order.Uint16(header[4:])), int(order.Uint16(header[6:])), int(order.Uint16(header[10:]))
		colourBytes = 3
	case size < 16:
		return b, fmt.Errorf("a header of %d bytes is not supported", size)
	default:
		header = append(header, make([]byte, bmpV5)...) // OS/2 leaves zeros out at the end
		b.w, b.depth, b.compression = int(int32(order.Uint32(header[4:]))), int(order.Uint16(header[14:])), order.Uint32(header[16:])
		h := int64(int32(order.Uint32(header[8:])))
		b.topDown = h < 0
		b.h = int(max(h, -h))
		colours = int(min(order.Uint32(header[32:]), 256))
	}
	if err := b.checkKind(size); err != nil {
		return b, err
	}
	rest = b.setMasks(size, header, rest)
	if b.depth <= 8 {
		if colours == 0 {
			colours = 1 << b.depth
		}
		b.palette = make(color.Palette, 1<<b.depth) // a pixel may name one that the file does not have
		for i := range b.palette {
			c := color.RGBA{A: 255}
			if i < colours && len(rest) >= colourBytes {
				c = color.RGBA{rest[2], rest[1], rest[0], 255}
				rest = rest[colourBytes:]
			}
			b.palette[i] = c
		}
	}
	b.pixels = rest
	if offset := order.Uint32(data[10:]); offset >= bmpFileHeader+uint32(size) {
		if uint64(offset) > uint64(len(data)) {
			return b, errors.New("the pixels lie beyond the end of the file")
		}
		b.pixels = data[offset:]
	}
	return b, nil
}

// checkKind fails unless pixels of this kind are read.
func (b bmp) checkKind(size int) error {
	if size == bmpOS2 && b.compression >= bmpBitFields {
		return fmt.Errorf("OS/2 compression %d (Huffman or RLE of 24 bits) is not supported", b.compression)
	}
	switch b.compression {
	case bmpRGB:
		switch b.depth {
		case 1, 2, 4, 8, 16, 24, 32:
			return nil
		}
	case bmpRLE8, bmpRLE4:
		if b.depth == map[uint32]int{bmpRLE8: 8, bmpRLE4: 4}[b.compression] {
			return nil
		}
	case bmpBitFields, bmpAlphaFields:
		if b.depth == 16 || b.depth == 32 {
			return nil
		}
	case 4, 5:
		return errors.New("a JPEG or PNG in a BMP is not supported")
	}
	return fmt.Errorf("compression %d with %d bits per pixel is not supported", b.compression, b.depth)
}

// setMasks sets the masks of 16 and 32 bits, and returns what follows the header
// without them.
func (b *bmp) setMasks(size int, header, rest []byte) []byte {
	b.masks = map[int][4]uint32{16: {0x7c00, 0x3e0, 0x1f}, 32: {0xff0000, 0xff00, 0xff}}[b.depth]
	order := binary.LittleEndian
	fields := b.compression == bmpBitFields || b.compression == bmpAlphaFields
	switch {
	case size >= bmpAlphaMask && size != bmpOS2 && b.depth == 32 || fields && size >= bmpAlphaMask:
		b.masks[3] = order.Uint32(header[52:])
		fallthrough
	case size >= bmpMasks && fields:
		if fields {
			for i := range 3 {
				b.masks[i] = order.Uint32(header[40+4*i:])
			}
		}
	case fields:
		for i := range map[uint32]int{bmpBitFields: 3, bmpAlphaFields: 4}[b.compression] {
			if len(rest) >= 4 {
				b.masks[i] = order.Uint32(rest)
				rest = rest[4:]
			}
		}
	}
	return rest
}

// model returns the model of the image that decode returns.
func (b bmp) model() color.Model {
	if b.depth <= 8 {
		return b.palette
	}
	return color.NRGBAModel
}

// decode returns the picture.
func (b bmp) decode() (image.Image, error) {
	rect := image.Rect(0, 0, b.w, b.h)
	if b.compression == bmpRLE8 || b.compression == bmpRLE4 {
		m := image.NewPaletted(rect, b.palette)
		return m, b.unpack(m)
	}
	size := (int64(b.w)*int64(b.depth) + 31) / 32 * 4 // of a row
	if n := size*int64(b.h) - int64(len(b.pixels)); n >= 4 {
		return nil, fmt.Errorf("%d bytes of pixels are missing", n)
	}
	row := func(y int) []byte {
		if !b.topDown {
			y = b.h - 1 - y
		}
		rest := b.pixels[int64(y)*size:]
		if int64(len(rest)) < size { // the last may lack its padding
			return append(rest[:len(rest):len(rest)], 0, 0, 0)
		}
		return rest
	}
	switch {
	case b.depth <= 8:
		m := image.NewPaletted(rect, b.palette)
		for y := range b.h {
			for x, values := 0, row(y); x < b.w; x++ {
				at := x * b.depth
				m.Pix[y*m.Stride+x] = values[at/8] << (at % 8) >> (8 - b.depth)
			}
		}
		return m, nil
	case b.depth == 24:
		m := image.NewRGBA(rect)
		for y := range b.h {
			for x, values := 0, row(y); x < b.w; x++ {
				from, to := values[3*x:][:3], m.Pix[y*m.Stride+4*x:][:4]
				to[0], to[1], to[2], to[3] = from[2], from[1], from[0], 255
			}
		}
		return m, nil
	}
	return b.decodeFields(rect, row), nil
}

// decodeFields returns a picture whose pixels are fields of 16 or 32 bits.
func (b bmp) decodeFields(rect image.Rectangle, row func(y int) []byte) image.Image {
	m := image.NewNRGBA(rect)
	visible := b.masks[3] == 0
	for y := range b.h {
		for x, values := 0, row(y); x < b.w; x++ {
			var v uint32
			if b.depth == 16 {
				v = uint32(binary.LittleEndian.Uint16(values[2*x:]))
			} else {
				v = binary.LittleEndian.Uint32(values[4*x:])
			}
			p := m.Pix[y*m.Stride+4*x:][:4]
			for i, mask := range b.masks {
				p[i] = bmpField(v, mask)
			}
			if b.masks[3] == 0 {
				p[3] = 255
			}
			visible = visible || p[3] != 0
		}
	}
	for i := 3; i < len(m.Pix) && !visible; i += 4 {
		m.Pix[i] = 255 // programs that know of no alpha write 0
	}
	return m
}

// bmpField returns the bits of v under a mask, widened or reduced to 8.
func bmpField(v, mask uint32) uint8 {
	if mask == 0 {
		return 0
	}
	shift := bits.TrailingZeros32(mask)
	largest := uint64(mask >> shift)
	return uint8((uint64(v&mask>>shift)*255 + largest/2) / largest)
}

// unpack unpacks runs into m. What they pass over keeps the first colour.
func (b bmp) unpack(m *image.Paletted) error {
	x, y := 0, 0 // counted from below, unless the picture is upside down
	put := func(index byte) {
		row := y
		if !b.topDown {
			row = b.h - 1 - y
		}
		if x < b.w && row >= 0 && row < b.h {
			m.Pix[row*m.Stride+x] = index
		}
		x++
	}
	half := func(v byte, i int) byte { // pixel i of those in a byte
		if b.depth == 8 {
			return v
		}
		return v >> (4 - i%2*4) & 15
	}
	rest := b.pixels
	for len(rest) >= 2 {
		n, v := int(rest[0]), rest[1]
		rest = rest[2:]
		switch {
		case n > 0: // a run of one value, or of two by turns
			for i := range n {
				put(half(v, i))
			}
		case v == 0: // the end of the row
			x, y = 0, y+1
		case v == 1: // the end of the picture
			return nil
		case v == 2: // a step
			if len(rest) < 2 {
				return errors.New("the runs are cut short")
			}
			x, y = x+int(rest[0]), y+int(rest[1])
			rest = rest[2:]
		default: // this number of values without compression, padded to whole words
			size := (int(v)*b.depth + 7) / 8
			if len(rest) < size {
				return errors.New("the runs are cut short")
			}
			for i := range int(v) {
				put(half(rest[i*b.depth/8], i))
			}
			rest = rest[min(size+size%2, len(rest)):]
		}
	}
	if y >= b.h || y == b.h-1 && x >= b.w {
		return nil // only the mark of the end is missing
	}
	return errors.New("the runs are cut short")
}
