package picture

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"runtime/debug"
)

// The decoder of the standard library is stricter than others. What it is fed here leaves
// out what it would stumble over.

// ihdr returns the data of the header chunk, nil if it is missing or cut short.
func ihdr(data []byte) []byte {
	for kind, chunk := range pngChunks(data) {
		switch {
		case kind == "IHDR" && len(chunk) == 13:
			return chunk
		case kind != cgbi:
			return nil
		}
	}
	return nil
}

// cgbi is the chunk that stands before the header of a PNG which Xcode has made for an
// iPhone: its pixels are packed by Deflate alone, blue comes first, and colours are
// multiplied by alpha (iphonedevwiki.net, CgBI file format).
const cgbi = "CgBI"

func isCgBI(data []byte) bool {
	return len(data) >= 16 && string(data[12:16]) == cgbi
}

// pngReader yields a PNG without chunks that say nothing about pixels; whether their
// checksums are right does not matter then. If pixels is not nil it stands for those of
// the file.
func pngReader(data []byte, pixels io.Reader) io.Reader {
	parts := []io.Reader{bytes.NewReader([]byte(pngSignature))}
	rest := data[len(pngSignature):]
	for len(rest) >= 12 {
		n := int64(binary.BigEndian.Uint32(rest))
		kind := string(rest[4:8])
		size := min(12+n, int64(len(rest)))
		switch {
		case kind == "IDAT" && pixels != nil:
			if len(parts) > 0 && parts[len(parts)-1] != pixels {
				parts = append(parts, pixels)
			}
		case kind == cgbi, kind[0] >= 'a' && kind != "tRNS":
		default:
			parts = append(parts, bytes.NewReader(rest[:size]))
		}
		rest = rest[size:]
		if kind == "IEND" {
			rest = nil
		} else if len(rest) == 0 && size == 12+n { // only the mark of the end is missing
			rest = pngEnd
		}
	}
	return io.MultiReader(parts...)
}

// pngEnd is the last chunk.
var pngEnd = []byte("\x00\x00\x00\x00IEND\xae\x42\x60\x82")

// decodePNG returns the picture.
func decodePNG(data []byte) (image.Image, error) {
	if isCgBI(data) {
		img, err := decodeRepacked(data, flate.NewReader(idat(data)))
		if err != nil {
			return nil, err
		}
		return fromCgBI(img)
	}
	img, err := png.Decode(pngReader(data, nil))
	if err, ok := errors.AsType[png.FormatError](err); ok && err == "too much pixel data" {
		debug.FreeOSMemory() // the picture that is dropped
		z, err := zlib.NewReader(idat(data))
		if err != nil {
			return nil, err
		}
		return decodeRepacked(data, z)
	}
	return img, err
}

// idat yields the data of the IDAT chunks.
func idat(data []byte) io.Reader {
	var parts []io.Reader
	for kind, chunk := range pngChunks(data) {
		if kind == "IDAT" {
			parts = append(parts, bytes.NewReader(chunk))
		}
	}
	return io.MultiReader(parts...)
}

// decodeRepacked decodes a PNG with the unpacked pixels that raw yields, and no more of
// them than there must be.
func decodeRepacked(data []byte, raw io.Reader) (image.Image, error) {
	n, err := rawPNGSize(data)
	if err != nil {
		return nil, err
	}
	from, to := io.Pipe()
	defer from.Close() // ends the writer if the decoder ends before it
	go func() {
		z, err := zlib.NewWriterLevel(idatWriter{to}, zlib.NoCompression)
		if err == nil {
			_, err = io.CopyN(z, raw, n)
		}
		if err == nil {
			err = z.Close()
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		to.CloseWithError(err)
	}()
	return png.Decode(pngReader(data, from))
}

// idatWriter writes each piece as an IDAT chunk.
type idatWriter struct{ io.Writer }

func (w idatWriter) Write(p []byte) (int, error) {
	header := binary.BigEndian.AppendUint32(nil, uint32(len(p)))
	sum := binary.BigEndian.AppendUint32(nil, crc32.Update(crc32.ChecksumIEEE([]byte("IDAT")), crc32.IEEETable, p))
	for _, part := range [][]byte{append(header, "IDAT"...), p, sum} {
		if _, err := w.Writer.Write(part); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// rawPNGSize returns the bytes of the unpacked pixels: rows, each with a byte for its
// filter, of the picture or of its seven passes (PNG, sections 8.1 and 9.2).
func rawPNGSize(data []byte) (n int64, err error) {
	h := ihdr(data)
	if h == nil {
		return 0, errors.New("the header is missing")
	}
	w, ht := int64(binary.BigEndian.Uint32(h)), int64(binary.BigEndian.Uint32(h[4:]))
	channels := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[h[9]]
	size := func(w, ht int64) int64 {
		if w <= 0 || ht <= 0 {
			return 0
		}
		return ht * (1 + (w*channels*int64(h[8])+7)/8)
	}
	if h[12] == 0 {
		return size(w, ht), nil
	}
	for _, p := range [7][4]int64{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		n += size((w-p[0]+p[2]-1)/p[2], (ht-p[1]+p[3]-1)/p[3])
	}
	return n, nil
}

// fromCgBI exchanges red and blue, and returns an image whose colours are multiplied by
// alpha.
func fromCgBI(img image.Image) (image.Image, error) {
	var pix []byte
	switch m := img.(type) {
	case *image.RGBA:
		pix = m.Pix
	case *image.NRGBA:
		pix = m.Pix
		img = &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
	default:
		return nil, errors.New("a PNG for iPhones of an unknown kind")
	}
	for i := 0; i+4 <= len(pix); i += 4 {
		pix[i], pix[i+2] = pix[i+2], pix[i]
		for c := range 3 {
			pix[i+c] = min(pix[i+c], pix[i+3])
		}
	}
	return img, nil
}
