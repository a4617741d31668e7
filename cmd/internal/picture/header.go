package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
)

// A header is what is known of a picture before its pixels are decoded.
type header struct {
	format   string // as the decoders are registered: "png", ...
	w, h     int
	alpha    bool  // it may have an alpha plane
	decoding int64 // bytes that the decoder takes, its result included
	image    int64 // bytes of its result
}

// maxSide is the most pixels that a side may have, before and after resizing: twice
// what a JPEG can have. Decoders and resampling take some dozen bytes for each.
const maxSide = 1 << 17

// readHeader returns the header of a picture. It fails unless the header is sound. What
// it allocates does not depend on what the header claims.
func readHeader(data []byte) (h header, err error) {
	if len(data) == 0 {
		return header{}, errors.New("the file is empty")
	}
	defer recoverDecoder(&err)
	start := data
	if isNetpbm(data) {
		start = data[:min(len(data), maxNetpbmHeader)] // its decoder looks for a line feed up to the end
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(start))
	h = header{format: format, w: c.Width, h: c.Height}
	switch {
	case errors.Is(err, image.ErrFormat):
		return header{}, errUnknownFormat
	case err != nil:
		return header{}, fmt.Errorf("the %s header is damaged, cut short or of a kind that is not supported; the decoder says %s",
			format, foreign(err.Error()))
	case h.w <= 0 || h.h <= 0:
		return header{}, fmt.Errorf("the picture has no pixels: the %s header says %d x %d", format, h.w, h.h)
	case max(h.w, h.h) > maxSide:
		return header{}, fmt.Errorf("the picture is too large: the %s header says %d x %d pixels; a side may have %d", format, h.w, h.h, maxSide)
	}
	err = h.setCost(data, c.ColorModel)
	return h, err
}

// maxPixelsPerByte is more than the pixels that a byte can stand for. Deflate packs at
// most 1032 bytes into one, so a PNG of 1 bit a pixel spends one byte on no more than
// 8256 pixels, and JPEG, GIF and the others pack less tightly. Only a lossless WebP of one
// colour needs no more bytes for more pixels; so it may have freePixels besides.
const (
	maxPixelsPerByte = 1 << 14
	freePixels       = 1 << 24
)

// holds reports whether a file of that many bytes can hold the pixels.
func (h header) holds(file int) bool {
	room := int64(file) * maxPixelsPerByte
	if h.format == "webp" {
		room += freePixels
	}
	return int64(h.w)*int64(h.h) <= room
}

var errUnknownFormat = errors.New("not a picture in a known format (" + formats + ")")

// setCost sets what decoding takes. The numbers are those of the decoders in use,
// rounded up; TestCosts measures them.
func (h *header) setCost(data []byte, model color.Model) (err error) {
	pixels := int64(h.w) * int64(h.h)
	_, palette := model.(color.Palette)
	each := int64(4) // bytes of a pixel
	switch model {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if palette {
		each = 1
	}
	h.alpha = palette || model == color.NRGBAModel || model == color.NRGBA64Model
	h.image = each * pixels
	h.decoding = h.image
	switch h.format {
	case "jpeg":
		h.alpha = false
		h.decoding, h.image, err = jpegCost(data)
	case "png":
		h.setPNGCost(data)
	case "gif": // an interlaced frame is sorted into a copy
		h.alpha = true
		h.image = pixels
		h.decoding = 2 * pixels
	case "tiff":
		h.alpha = h.alpha || model == color.RGBAModel || model == color.RGBA64Model
		h.decoding += tiffBlockCost(data, h.w, h.h)
	case "webp":
		h.setWebPCost(data)
	case "bmp":
	default: // netpbm
		err = checkMaxval(data)
		h.alpha = h.format == "pam"
		h.decoding += 8 * pixels // the values before they are widened
		if len(data) > 1 && data[1] <= '3' {
			h.decoding += 8 * int64(len(data)) // the digits, as one text, and all their values
		}
	}
	return err
}

// setPNGCost counts that a colour that stands for transparency (tRNS) gives an alpha
// channel, and that the passes of an interlaced PNG are images of their own.
func (h *header) setPNGCost(data []byte) {
	const depth, colourType, interlace = 24, 25, 28 // places in the file
	if len(data) <= interlace {
		return
	}
	if bytes.Contains(data, []byte("tRNS")) && data[colourType] != 3 {
		h.alpha = true
		h.image = 4 * int64(data[depth]+7) / 8 * int64(h.w) * int64(h.h)
	}
	h.decoding = h.image
	if data[interlace] != 0 {
		h.decoding = 2 * h.image
	}
	h.decoding += 2 * 8 * int64(h.w) // two rows
}

// setWebPCost counts 1.5 bytes a pixel of a lossy WebP, in blocks of 16 x 16, and what
// belongs to each block. A lossless one, or its like in an alpha channel, takes 4 and
// three transforms: of colours, which can have half as many again and need a second
// image, and two of tiles of 4 x 4.
func (h *header) setWebPCost(data []byte) {
	pixels := int64(h.w) * int64(h.h)
	const lossless = 7
	h.image = 2 * int64(h.w+15) * int64(h.h+15)
	switch {
	case bytes.Contains(data, []byte("ALPH")):
		h.alpha = true
		h.decoding = h.image + (lossless+1)*pixels
		h.image += pixels
	case bytes.Contains(data, []byte("VP8L")):
		h.alpha = true
		h.image = 4 * pixels
		h.decoding = lossless * pixels
	default:
		h.decoding = h.image
	}
	// Its tables of codes, each some times as large as what describes it.
	h.decoding += min(256*int64(len(data)), 160<<20)
	if len(data) >= 8 && int64(binary.LittleEndian.Uint32(data[4:])) > int64(len(data)) {
		h.decoding += 128 << 20 // a chunk that claims to be longer is allocated, up to this
	}
}

// tiffBlockCost returns the bytes that the decoder takes for the strip or tile that it
// unpacks: up to 8 for each pixel, whatever the picture needs, in a buffer that grows by
// doubling, and its offset and length.
func tiffBlockCost(data []byte, w, h int) int64 {
	blockW, blockH := int64(w), int64(h)
	compression := uint32(1)
	for tag, f := range tiffFields(data) {
		v := int64(f.uint(0))
		switch tag {
		case tagCompression:
			compression = f.uint(0)
		case tagRowsPerStrip:
			if v > 0 {
				blockH = min(blockH, v)
			}
		case tagTileWidth:
			if v > 0 {
				blockW = v
			}
		case tagTileLength:
			blockH = v
		}
	}
	blocks := (int64(w)/max(blockW, 1) + 1) * (int64(h)/max(blockH, 1) + 1)
	size := 8 * blockW * blockH
	if compression == 0 || compression == 1 { // it is as long as in the file
		size = min(size, int64(len(data)))
	}
	return 3*size + 32*blocks
}
