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
	h.format = sniff(data)
	var model color.Model
	switch h.format {
	case "":
		return header{}, foreignFormat(data)
	case "bmp":
		var b bmp
		b, err = parseBMP(data)
		h.w, h.h, h.alpha = b.w, b.h, b.masks[3] != 0
		if err == nil {
			model = b.model()
		}
	case "tiff":
		var p tiffLayout
		p, err = parseTIFF(data)
		h.w, h.h, h.alpha = p.w, p.h, p.alpha > 0
		if err == nil && p.w > 0 && p.h > 0 {
			model, h.decoding = p.model(), p.decodingCost()
		}
	case "pbm", "pgm", "ppm", "pam":
		var p netpbm
		p, err = parseNetpbm(data)
		h.w, h.h, h.alpha = p.w, p.h, p.alpha()
		if err == nil {
			model = p.model()
		}
	default:
		var c image.Config
		c, err = decodeConfig(h.format, data)
		h.w, h.h, model = c.Width, c.Height, c.ColorModel
	}
	switch {
	case errors.As(err, new(refusal)):
		return header{}, err
	case err != nil:
		return header{}, fmt.Errorf("the %s header is damaged, cut short or of a kind that is not supported; the decoder says %s",
			h.format, foreign(err.Error()))
	case h.w <= 0 || h.h <= 0:
		return header{}, fmt.Errorf("the picture has no pixels: the %s header says %d x %d", h.format, h.w, h.h)
	case max(h.w, h.h) > maxSide:
		return header{}, fmt.Errorf("the picture is too large: the %s header says %d x %d pixels; a side may have %d", h.format, h.w, h.h, maxSide)
	}
	err = h.setCost(data, model)
	return h, err
}

// maxPixelsPerByte is more than the pixels that a byte can stand for. Deflate packs at
// most 1032 bytes into one, so a PNG of 1 bit a pixel spends one byte on no more than
// 8256 pixels, and JPEG, GIF and the others pack less tightly. Only a lossless WebP of one
// colour needs no more bytes for more pixels, and an empty page of a fax in a TIFF needs a
// bit for each row; so these may have freePixels besides.
const (
	maxPixelsPerByte = 1 << 14
	freePixels       = 1 << 24
)

// holds reports whether a file of that many bytes can hold the pixels.
func (h header) holds(file int) bool {
	room := int64(file) * maxPixelsPerByte
	if h.format == "webp" || h.format == "tiff" {
		room += freePixels
	}
	return int64(h.w)*int64(h.h) <= room
}

// netpbm reports whether the format is one of Netpbm's.
func (h header) netpbm() bool { return h.format[0] == 'p' && h.format != "png" }

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
	if h.format != "bmp" && h.format != "tiff" && !h.netpbm() { // whose readers have said so
		h.alpha = palette || model == color.NRGBAModel || model == color.NRGBA64Model
	}
	h.image = each * pixels
	h.decoding += h.image
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
	case "webp":
		h.setWebPCost(data)
	}
	return err
}

// setPNGCost counts that a colour that stands for transparency (tRNS) gives an alpha
// channel, and that the passes of an interlaced PNG are images of their own.
func (h *header) setPNGCost(data []byte) {
	chunk := ihdr(data)
	if chunk == nil {
		return
	}
	depth, colourType, interlace := chunk[8], chunk[9], chunk[12]
	if bytes.Contains(data, []byte("tRNS")) && colourType != 3 {
		h.alpha = true
		h.image = 4 * int64(depth+7) / 8 * int64(h.w) * int64(h.h)
	}
	h.decoding = h.image
	if interlace != 0 {
		h.decoding = 2 * h.image
	}
	h.decoding += 2*8*int64(h.w) + 64<<10 // two rows, and repacking
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
