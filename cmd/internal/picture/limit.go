package picture

import (
	"fmt"
	"math"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/tensor"
)

// A Limit is the most memory, in bytes, that reading a picture may take: its file, what
// the decoder takes, the result and all between. What a picture takes is computed from its
// header before a pixel is allocated. 0 and less stand for DefaultLimit.
//
// The functions of this package are the methods of DefaultLimit. A method differs only in
// how much it refuses.
type Limit int64

// DefaultLimit is 1 GiB. That is enough for any photograph of 50 megapixels, reduced or
// not, and little enough for the machines that have time to paint one.
const DefaultLimit Limit = 1 << 30

func (l Limit) bytes() int64 {
	if l <= 0 {
		return int64(DefaultLimit)
	}
	return int64(l)
}

// Decode is the function Decode within a limit.
func (l Limit) Decode(data []byte, longest int) (colour, alpha *tensor.Tensor, err error) {
	return l.decode(data, func(w, h int) (int, int, error) { return fit(w, h, longest) })
}

// DecodeTo is the function DecodeTo within a limit.
func (l Limit) DecodeTo(data []byte, w, h int) (colour, alpha *tensor.Tensor, err error) {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("picture: DecodeTo: %d x %d pixels", w, h))
	}
	return l.decode(data, func(int, int) (int, int, error) { return w, h, nil })
}

// Read is the function Read within a limit.
func (l Limit) Read(path string) ([]byte, error) { return l.read(path) }

// Load is the function Load within a limit.
func (l Limit) Load(path string, longest int) (*tensor.Tensor, error) {
	return l.load(path, func(data []byte) (colour, alpha *tensor.Tensor, err error) { return l.Decode(data, longest) })
}

// TooLarge is the error of a picture that takes more memory than its Limit.
type TooLarge struct {
	Bytes int64  // the Limit that would do
	text  string // what is too large, and what would be right
}

// Error says what is too large, and what would be right with the same Limit.
func (e *TooLarge) Error() string { return e.text }

// file returns the most bytes that a file may have.
func (l Limit) file() int64 { return min(l.bytes(), max(maxFileBytes, l.bytes()/2)) }

// check fails if a picture takes more than the limit, or has more pixels than its file can
// hold. The file has that many bytes, and the result, upright, w x h pixels.
func (l Limit) check(head header, file, w, h int, turned bool) error {
	limit := l.bytes()
	result := head.result(w, h, turned)
	whole := int64(file) + max(head.decoding, head.image+result)
	if n := int64(file) + head.decoding; n > limit {
		rightW, rightH := reduced(head.w, head.h, limit, n)
		return &TooLarge{whole, fmt.Sprintf("the picture is too large: the %s header says %d x %d pixels, which take %d MiB to decode, and the limit is %d MiB; reduce it first, to %d x %d or less",
			head.format, head.w, head.h, memory.MiB(n), limit>>20, rightW, rightH)}
	}
	if !head.holds(file) {
		return fmt.Errorf("the %s data is damaged or cut short: %d bytes cannot hold %d x %d pixels", head.format, file, head.w, head.h)
	}
	if n := int64(file) + head.image + result; n > limit {
		rightW, rightH := reduced(w, h, limit-int64(file)-head.image, result)
		return &TooLarge{whole, fmt.Sprintf("the result is too large: a %s of %d x %d pixels scaled to %d x %d takes %d MiB, and the limit is %d MiB; ask for %d x %d or less",
			head.format, head.w, head.h, w, h, memory.MiB(n), limit>>20, rightW, rightH)}
	}
	return nil
}

// resultCost returns the bytes that the result takes, tensors of float32, and with alpha
// what fillHidden and upright take.
func resultCost(pixels int64, alpha, turned bool) int64 {
	switch {
	case !alpha:
		return 12 * pixels
	case turned:
		return (16 + 16) * pixels
	}
	return (16 + 5) * pixels
}

// reduced returns the size of a picture of w x h that takes limit bytes instead of n.
func reduced(w, h int, limit, n int64) (int, int) {
	f := math.Sqrt(max(0, float64(limit)/float64(n))) * 0.95
	return max(1, int(float64(w)*f)), max(1, int(float64(h)*f))
}
