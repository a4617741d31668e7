package picture

import (
	"errors"
	"fmt"
	"image"
	"math"
	"runtime/debug"

	"github.com/brushgrad/brushgrad/tensor"
)

// Decode decodes the bytes of a picture file and returns it with shape
// (1, H, W, 3), values 0..255, with its alpha plane.
//
// The picture is turned upright as its EXIF orientation says and converted to
// sRGB if it carries a colour profile, with the relative colorimetric intent
// and black point compensation. CMYK without a profile becomes red = (255-C)
// (255-K) / 255 and so on. An animated GIF, PNG or WebP gives its first frame, on
// its canvas, which is transparent around it.
//
// Colours are those that the file stores, not mixed with a ground, and what a
// format has multiplied by alpha is divided by it. A pixel with an alpha below
// 1 of 255 has the colour of the nearest one above, so that no outline is seen
// where there is none; a picture that is transparent throughout is white.
//
// The alpha plane has shape (1, H, W, 1), from 0, nothing to be seen, to 255, opaque.
// It is nil if every pixel is opaque.
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
// Bytes that are no picture, are damaged, or take more memory than DefaultLimit give
// an error of one line.
func Decode(data []byte, longest int) (colour, alpha *tensor.Tensor, err error) {
	return DefaultLimit.Decode(data, longest)
}

// DecodeTo is Decode for a result of exactly w x h pixels, whatever the
// proportions of the picture. It panics unless both are positive.
func DecodeTo(data []byte, w, h int) (colour, alpha *tensor.Tensor, err error) {
	return DefaultLimit.DecodeTo(data, w, h)
}

// decode returns the colours and, unless the picture is opaque, the alpha
// plane (1, H, W, 1) of a picture. resized says to which size one of w x h
// pixels, upright, is to be brought.
//
// Resampling comes first, as all that follows is then done for the pixels of
// the result alone: a telephone's picture has 30 times as many. Only CMYK is
// converted before, because a mixture of inks is not the mixture of their
// colours.
func (l Limit) decode(data []byte, resized func(w, h int) (int, int, error)) (colour, alpha *tensor.Tensor, err error) {
	head, err := readHeader(data)
	if err != nil {
		return nil, nil, err
	}
	defer recoverDecoder(&err)
	md := readMetadata(head.format, data)
	w, h, err := resized(turnedSize(head.w, head.h, md.orientation))
	if err != nil {
		return nil, nil, err
	}
	if err := l.check(head, len(data), w, h, md.orientation >= 5); err != nil {
		return nil, nil, err
	}
	img, err := decodeImage(data, head)
	if errors.As(err, new(refusal)) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the %s data is damaged, cut short or of a kind that is not supported; the decoder says %s",
			head.format, foreign(err.Error()))
	}
	if m, ok := img.(*image.CMYK); ok {
		img = md.inksToSRGB(m)
	}
	if head.image > large {
		defer debug.FreeOSMemory() // or it would still be there when the next picture is decoded
	}
	w, h = turnedSize(w, h, md.orientation) // as the file stores it
	colour, alpha, turned := toTensors(img, w, h, md.orientation)
	md.toSRGB(colour)
	if alpha != nil {
		fillHidden(colour, alpha)
		alpha = upright(alpha, md.orientation)
	}
	if !turned {
		colour = upright(colour, md.orientation)
	}
	return colour, alpha, nil
}

// large is from how many bytes on memory that is not used any more is given back at once.
const large = 64 << 20

// decodeImage returns the pixels of a picture, those of a GIF on its canvas. It fails
// if the size is not that of the header.
func decodeImage(data []byte, head header) (img image.Image, err error) {
	defer recoverDecoder(&err)
	img, err = decodePixels(head.format, data)
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, head.w, head.h)
	if m, ok := img.(*image.Paletted); ok && head.format == "gif" && m.Rect != canvas {
		img = onCanvas{m, m.Rect, canvas}
	}
	if img.Bounds().Size() != canvas.Size() {
		return nil, errors.New("the size of the pixels is not that of the header")
	}
	if head.decoding-head.image > large {
		debug.FreeOSMemory() // or what only the decoder needed would still be there beside the result
	}
	return img, nil
}

// recoverDecoder turns the panic of a decoder into an error. Decoders are fed
// with whatever a file holds, and an index out of range in one of them must
// not take the program down.
func recoverDecoder(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the decoder gave up with %s", foreign(fmt.Sprint(r)))
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
	if max(fw, fh) > maxSide {
		return 0, 0, fmt.Errorf("a longest side of %d is too much; a side may have %d pixels", longest, maxSide)
	}
	return int(fw), int(fh), nil
}
