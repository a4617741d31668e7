package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/tensor"
)

// Options say how SaveAs writes. The zero value means the defaults that its
// fields name.
type Options struct {
	Quality int            // of a JPEG, 1 to 100; 0 means 95
	Bits    int            // per channel, 8 or 16; 0 means 16 in a TIFF and 8 elsewhere. A JPEG has 8 only
	DPI     int            // pixels per inch in print, 1 to 65535; 0 says nothing about the size in print
	Alpha   *tensor.Tensor // (1, H, W, 1), 0..255; nil for opaque. A JPEG, which has none, is laid over white
	Text    string         // for ReadText; only a PNG has a place for it, elsewhere it is left out
}

// Check returns an error if a value is out of its range or cannot be had in
// the format that the file name's extension says.
func (o Options) Check(path string) error {
	f, err := formatOf(path)
	switch {
	case err != nil:
		return err
	case o.Quality < 0 || o.Quality > 100:
		return fmt.Errorf("%s: a quality of %d is not one of 1 to 100", path, o.Quality)
	case o.DPI < 0 || o.DPI > 65535:
		return fmt.Errorf("%s: %d pixels per inch is not one of 1 to 65535", path, o.DPI)
	case o.Bits != 0 && !slices.Contains(f.bits, o.Bits):
		return fmt.Errorf("%s: a %s cannot have %d bits a channel; it has %s", path, f.name, o.Bits,
			strings.ReplaceAll(strings.Trim(fmt.Sprint(f.bits), "[]"), " ", " or "))
	}
	return nil
}

// Save writes a picture of shape (1, H, W, 3) as SaveAs does without options.
func Save(path string, t *tensor.Tensor) error { return SaveAs(path, t, Options{}) }

// SaveAs writes a picture of shape (1, H, W, 3) as Encode encodes it, in one step:
// see outfile.Write. Errors name the file. SaveAs panics if t or the alpha plane has
// another shape.
func SaveAs(path string, t *tensor.Tensor, opt Options) error {
	data, err := Encode(path, t, opt)
	if err != nil {
		return err
	}
	return outfile.Write(path, data)
}

// Encode returns a picture of shape (1, H, W, 3) as PNG, JPEG or TIFF; the
// extension of the file name decides. Values 0..255 are rounded to the nearest
// that the format has and clamped; NaN becomes 0. The file says that its
// colours are sRGB: a PNG by the chunks that the standard has for it, a JPEG and
// a TIFF by a profile of 480 bytes. Errors name the file. Encode panics if t or the
// alpha plane has another shape.
func Encode(path string, t *tensor.Tensor, opt Options) ([]byte, error) {
	if err := opt.Check(path); err != nil {
		return nil, err
	}
	f, _ := formatOf(path)
	if opt.Bits == 0 {
		opt.Bits = f.bits[0]
	}
	data, err := f.encode(t, opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// A fileFormat is one that can be written.
type fileFormat struct {
	name   string
	bits   []int // per channel that it can have, the usual one first
	encode func(*tensor.Tensor, Options) ([]byte, error)
}

var (
	pngFormat  = fileFormat{"PNG", []int{8, 16}, encodePNG}
	jpegFormat = fileFormat{"JPEG", []int{8}, encodeJPEG}
	tiffFormat = fileFormat{"TIFF", []int{16, 8}, encodeTIFF}
)

func formatOf(path string) (fileFormat, error) {
	const extensions = ".png, .jpg, .jpeg, .tif or .tiff"
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png":
		return pngFormat, nil
	case ".jpg", ".jpeg":
		return jpegFormat, nil
	case ".tif", ".tiff":
		return tiffFormat, nil
	case "":
		return fileFormat{}, fmt.Errorf("%s: the name needs an extension that tells the format: %s", path, extensions)
	default:
		return fileFormat{}, fmt.Errorf("%s: cannot write %s pictures; the extension must be %s", path, ext, extensions)
	}
}

func encodePNG(t *tensor.Tensor, opt Options) ([]byte, error) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, withAlpha(t, opt.Alpha, opt.Bits)); err != nil {
		return nil, err
	}
	return insertPNGChunks(buf.Bytes(), opt), nil
}

func encodeJPEG(t *tensor.Tensor, opt Options) ([]byte, error) {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, Image(overWhite(t, opt.Alpha)), &jpeg.Options{Quality: cmp.Or(opt.Quality, 95)}); err != nil {
		return nil, err
	}
	return insertJPEGSegments(buf.Bytes(), opt.DPI), nil
}

func encodeTIFF(t *tensor.Tensor, opt Options) ([]byte, error) {
	var buf bytes.Buffer
	if err := tiff.Encode(&buf, withAlpha(t, opt.Alpha, opt.Bits), &tiff.Options{Compression: tiff.Deflate}); err != nil {
		return nil, err
	}
	return addTIFFTags(buf.Bytes(), opt.DPI), nil
}

// Image returns a picture of shape (1, H, W, 3) in 8 bits a channel: values are
// rounded to the nearest of 0..255 and clamped; NaN becomes 0. It panics if t has
// another shape.
func Image(t *tensor.Tensor) *image.RGBA {
	mustBePicture(t)
	m := image.NewRGBA(image.Rect(0, 0, t.Dim(2), t.Dim(1)))
	data := t.Data()
	for i := range len(data) / 3 {
		p := m.Pix[i*4:]
		p[0], p[1], p[2], p[3] = byteOf(data[i*3]), byteOf(data[i*3+1]), byteOf(data[i*3+2]), 255
	}
	return m
}

// Dimensions returns the size of a picture in words: "640x480".
func Dimensions(t *tensor.Tensor) string { return fmt.Sprintf("%dx%d", t.Dim(2), t.Dim(1)) }

// FromImage is the inverse of Image: it returns the colours of m, whose alpha is not
// looked at, with shape (1, H, W, 3) and values 0..255.
func FromImage(m *image.RGBA) *tensor.Tensor {
	t := tensor.New(1, m.Rect.Dy(), m.Rect.Dx(), 3)
	for i := range t.Len() / 3 {
		for c := range 3 {
			t.Data()[3*i+c] = float32(m.Pix[4*i+c])
		}
	}
	return t
}

// Scale returns m resampled to another size, by the cubic convolution that Decode
// uses.
func Scale(m *image.RGBA, size image.Point) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(out, out.Rect, m, m.Rect, draw.Src, nil)
	return out
}

// withAlpha returns a picture in 8 or 16 bits a channel, its colours not
// multiplied by the alpha plane, which may be nil.
func withAlpha(t, alpha *tensor.Tensor, bits int) image.Image {
	mustBePicture(t)
	mustBeAlphaOf(alpha, t)
	at := func(i int) float32 {
		if i%4 < 3 {
			return t.Data()[i/4*3+i%4]
		}
		if alpha == nil {
			return 255
		}
		return alpha.Data()[i/4]
	}
	r := image.Rect(0, 0, t.Dim(2), t.Dim(1))
	if bits == 16 {
		m := image.NewNRGBA64(r)
		for i := range len(m.Pix) / 2 {
			binary.BigEndian.PutUint16(m.Pix[i*2:], wordOf(at(i)))
		}
		return m
	}
	m := image.NewNRGBA(r)
	for i := range m.Pix {
		m.Pix[i] = byteOf(at(i))
	}
	return m
}

// overWhite returns the picture as it looks on white paper.
func overWhite(t, alpha *tensor.Tensor) *tensor.Tensor {
	mustBePicture(t)
	mustBeAlphaOf(alpha, t)
	if alpha == nil {
		return t
	}
	out := t.Clone()
	for i, v := range out.Data() {
		out.Data()[i] = 255 + (v-255)*alpha.Data()[i/3]/255
	}
	return out
}

func mustBePicture(t *tensor.Tensor) {
	if s := t.Shape(); len(s) != 4 || s[0] != 1 || s[1] < 1 || s[2] < 1 || s[3] != 3 {
		panic(fmt.Sprintf("picture: a picture has shape (1,H,W,3), not %v", s))
	}
}

func mustBeAlphaOf(alpha, t *tensor.Tensor) {
	if alpha == nil {
		return
	}
	if want := []int{1, t.Dim(1), t.Dim(2), 1}; !slices.Equal(alpha.Shape(), want) {
		panic(fmt.Sprintf("picture: the alpha plane of a picture %v has shape %v, not %v", t.Shape(), want, alpha.Shape()))
	}
}

// byteOf rounds v to the nearest of 0..255. The comparisons are written so
// that NaN ends at 0: what the bare conversion gives differs between processors.
func byteOf(v float32) uint8 {
	if v >= 255 {
		return 255
	}
	if v > 0 {
		return uint8(v + 0.5)
	}
	return 0
}

// wordOf is byteOf for 16 bits: it rounds 257 v to the nearest of 0..65535.
func wordOf(v float32) uint16 {
	if v >= 255 {
		return 65535
	}
	if v > 0 {
		return uint16(v*257 + 0.5)
	}
	return 0
}
