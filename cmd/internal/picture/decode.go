package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // decoders register themselves
	_ "image/jpeg"
	_ "image/png"
	"math"

	_ "github.com/kovidgoyal/imaging/netpbm"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"github.com/brushgrad/brushgrad/tensor"
)

// formats are what the imported decoders register, for the error message.
const formats = "PNG, JPEG, WebP, TIFF, BMP, GIF, PPM"

// Decode decodes the bytes of a picture file and returns it with shape
// (1, H, W, 3), values 0..255.
//
// The picture is turned upright as its EXIF orientation says and converted to
// sRGB if it carries a colour profile, with the relative colorimetric intent
// and black point compensation. CMYK without a profile becomes red = (255-C)
// (255-K) / 255 and so on. An animated GIF or PNG gives its first frame, an
// animated WebP an error.
//
// Colours are those that the file stores, not mixed with a ground, and what a
// format has multiplied by alpha is divided by it. A pixel with an alpha below
// 1 of 255 has the colour of the nearest one above, so that no outline is seen
// where there is none; a picture that is transparent throughout is white. Alpha
// reads the transparency itself.
//
// If longest is positive the picture is enlarged or reduced to have that many
// pixels on its longer side, the other side rounded to the nearest pixel but
// at least 1. If longest is 0 every pixel stays as it is, and for 8 bits a
// channel that is exact.
//
// Resampling is Catmull-Rom, the cubic convolution of R. G. Keys ("Cubic
// convolution interpolation for digital image processing", 1981, a = -1/2),
// widened when reducing so that it does not alias. It works on the values as
// stored. Resampled, converted and 16-bit pictures keep their fractions:
// nothing is rounded to whole levels.
//
// Bytes that are no picture, are damaged, or claim more than 2^27 pixels give
// an error of one line.
func Decode(data []byte, longest int) (*tensor.Tensor, error) {
	colour, _, err := decode(data, func(w, h int) (int, int, error) { return fit(w, h, longest) })
	return colour, err
}

// DecodeTo is Decode for a result of exactly w x h pixels, whatever the
// proportions of the picture. It panics unless both are positive.
func DecodeTo(data []byte, w, h int) (*tensor.Tensor, error) {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("picture: DecodeTo: %d x %d pixels", w, h))
	}
	colour, _, err := decode(data, func(int, int) (int, int, error) { return w, h, nil })
	return colour, err
}

// decode returns the colours and, unless the picture is opaque, the alpha
// plane (1, H, W, 1) of a picture. resized says to which size one of w x h
// pixels, upright, is to be brought.
//
// Resampling comes first, as all that follows is then done for the pixels of
// the result alone: a telephone's picture has 30 times as many. Only CMYK is
// converted before, because a mixture of inks is not the mixture of their
// colours.
func decode(data []byte, resized func(w, h int) (int, int, error)) (colour, alpha *tensor.Tensor, err error) {
	format, err := checkHeader(data)
	if err != nil {
		return nil, nil, err
	}
	defer recoverDecoder(&err)
	img, err := decodeImage(data)
	if err != nil {
		return nil, nil, fmt.Errorf("the %s data is damaged, cut short or of a kind that is not supported: %w", format, err)
	}
	md := readMetadata(format, data)
	turned := md.orientation >= 5 // rows and columns change places
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if turned {
		w, h = h, w
	}
	if w, h, err = resized(w, h); err != nil {
		return nil, nil, err
	}
	if turned {
		w, h = h, w
	}
	if cmyk, ok := img.(*image.CMYK); ok {
		img = md.inksToSRGB(cmyk)
	}
	if format == "webp" {
		img = fromStudioRange(img)
	}
	colour, alpha = toTensors(img, w, h)
	md.toSRGB(colour)
	if alpha != nil {
		fillHidden(colour, alpha)
		alpha = upright(alpha, md.orientation)
	}
	return upright(colour, md.orientation), alpha, nil
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
		return "", fmt.Errorf("the %s header is damaged, cut short or of a kind that is not supported: %w", format, err)
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
