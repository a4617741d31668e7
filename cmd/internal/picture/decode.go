package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // decoders register themselves
	"math"

	_ "github.com/kovidgoyal/imaging/netpbm"
	_ "golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/brushgrad/brushgrad/tensor"
)

// formats are what the imported decoders register, for the error message.
const formats = "PNG, JPEG, WebP, TIFF, BMP, GIF, PPM"

// Decode decodes the bytes of a picture file and returns it with shape
// (1, H, W, 3), values 0..255.
//
// The picture is turned upright as its EXIF orientation says, converted to
// sRGB if it carries a colour profile, and laid over white where it is
// transparent. An animated GIF or PNG gives its first frame, an animated WebP
// an error.
//
// If longest is positive the picture is enlarged or reduced to have that many
// pixels on its longer side, the other side rounded to the nearest pixel but
// at least 1. If longest is 0 every pixel stays as it is, and for 8 bits a
// channel that is exact.
//
// Resampling is Catmull-Rom, the cubic convolution of R. G. Keys ("Cubic
// convolution interpolation for digital image processing", 1981, a = -1/2),
// widened when reducing so that it does not alias. It works on the values as
// stored. Resampled and 16-bit pictures keep their fractions: nothing is
// rounded to whole levels.
//
// Bytes that are no picture, are damaged, or claim more than 2^27 pixels give
// an error of one line.
func Decode(data []byte, longest int) (*tensor.Tensor, error) {
	img, err := decodeUpright(data)
	if err != nil {
		return nil, err
	}
	w, h, err := fit(img.Bounds().Dx(), img.Bounds().Dy(), longest)
	if err != nil {
		return nil, err
	}
	return toTensor(img, w, h), nil
}

// DecodeTo is Decode for a result of exactly w x h pixels, whatever the
// proportions of the picture. It panics unless both are positive.
func DecodeTo(data []byte, w, h int) (*tensor.Tensor, error) {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("picture: DecodeTo: %d x %d pixels", w, h))
	}
	img, err := decodeUpright(data)
	if err != nil {
		return nil, err
	}
	return toTensor(img, w, h), nil
}

// decodeUpright returns the picture in sRGB, the way up that it was meant.
func decodeUpright(data []byte) (image.Image, error) {
	format, err := checkHeader(data)
	if err != nil {
		return nil, err
	}
	img, err := decodeImage(data)
	if err != nil {
		return nil, fmt.Errorf("the %s data is damaged, cut short or of a kind that is not supported: %w", format, err)
	}
	return applyMetadata(img, format, data), nil
}

// checkHeader returns the name of the format. It fails unless the header of
// the picture is sound and its size one that may be allocated.
func checkHeader(data []byte) (format string, err error) {
	if len(data) == 0 {
		return "", errors.New("the file is empty")
	}
	defer recoverDecoder(&err)
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case errors.Is(err, image.ErrFormat):
		return "", errors.New("not a picture in a known format (" + formats + ")")
	case err != nil:
		return "", fmt.Errorf("the %s header is damaged or cut short: %w", format, err)
	case c.Width <= 0 || c.Height <= 0:
		return "", fmt.Errorf("the picture has no pixels: the %s header says %d x %d", format, c.Width, c.Height)
	case int64(c.Width) > maxPixels/int64(c.Height):
		return "", fmt.Errorf("the picture is too large: the %s header says %d x %d pixels, the limit is %d million in all",
			format, c.Width, c.Height, maxPixels/1000000)
	}
	// Deflate packs at most 1032 bytes into one, so a PNG of 1 bit a pixel
	// spends one byte on no more than 8256 pixels, and JPEG, GIF and the others
	// pack less tightly. Only lossless WebP has no such bound.
	const maxPixelsPerByte = 1 << 14
	if format != "webp" && c.Width*c.Height/maxPixelsPerByte > len(data) {
		return "", fmt.Errorf("the %s data is damaged or cut short: %d bytes cannot hold %d x %d pixels",
			format, len(data), c.Width, c.Height)
	}
	return format, nil
}

func decodeImage(data []byte) (img image.Image, err error) {
	defer recoverDecoder(&err)
	img, _, err = image.Decode(bytes.NewReader(data))
	return img, err
}

// recoverDecoder turns the panic of a decoder into an error. Decoders are fed
// with whatever a file holds, and an index out of range in one of them must
// not take the program down.
func recoverDecoder(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the decoder gave up: %v", r)
	}
}

// fit returns the size to which a picture of w x h pixels is to be resampled.
// Halves round to even, as Python's round does, so that sizes agree with those
// of PyTorch scripts.
func fit(w, h, longest int) (int, int, error) {
	if longest <= 0 {
		return w, h, nil
	}
	s := float64(longest) / float64(max(w, h))
	fw := max(1, math.RoundToEven(float64(w)*s))
	fh := max(1, math.RoundToEven(float64(h)*s))
	if fw*fh > maxPixels {
		return 0, 0, fmt.Errorf("a longest side of %d makes it %.0f x %.0f pixels, the limit is %d million in all",
			longest, fw, fh, maxPixels/1000000)
	}
	return int(fw), int(fh), nil
}

func toTensor(img image.Image, w, h int) *tensor.Tensor {
	b := img.Bounds()
	if w != b.Dx() || h != b.Dy() {
		resized := image.NewRGBA64(image.Rect(0, 0, w, h))
		draw.CatmullRom.Scale(resized, resized.Rect, img, b, draw.Src, nil)
		img, b = resized, resized.Rect
	}
	at := func(x, y int) color.RGBA64 {
		r, g, b, a := img.At(x, y).RGBA()
		return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
	}
	if m, ok := img.(image.RGBA64Image); ok {
		at = m.RGBA64At
	}
	t := tensor.New(1, h, w, 3)
	data := t.Data()
	for y := range h {
		for x := range w {
			c := at(b.Min.X+x, b.Min.Y+y)
			white := 0xffff - c.A // colours are premultiplied: what alpha leaves over is white
			p := data[(y*w+x)*3:]
			p[0] = level(c.R + white)
			p[1] = level(c.G + white)
			p[2] = level(c.B + white)
		}
	}
	return t
}

// level maps 0..65535 to 0..255. An 8-bit value v was widened to 257 v, so it
// comes back exactly.
func level(v uint16) float32 { return float32(v) / 257 }
