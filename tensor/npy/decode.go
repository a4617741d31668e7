package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"unsafe"

	"github.com/brushgrad/brushgrad/tensor"
)

// A dtype is a type of number that can become a float32.
type dtype struct {
	kind  string // kind and bytes per element, such as "f4"
	size  int
	order binary.ByteOrder
}

var sizes = map[string]int{
	"b1": 1, "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8,
	"f2": 2, "f4": 4, "f8": 8,
}

// dtype looks up the type that Descr names.
func (h Header) dtype() (dtype, error) {
	order, kind := h.Descr[:min(1, len(h.Descr))], h.Descr[min(1, len(h.Descr)):]
	if kind == "O" {
		return dtype{}, errors.New("the array holds pickled Python objects, not numbers")
	}
	t := dtype{kind, sizes[kind], binary.LittleEndian}
	ok := t.size > 0
	switch order {
	case "<":
	case ">":
		t.order = binary.BigEndian
	case "|":
		ok = ok && t.size == 1
	default:
		ok = false
	}
	if !ok {
		return t, fmt.Errorf("dtype %s is not read; "+
			"floats of 2, 4 and 8 bytes, integers and booleans are, such as \"<f4\"", quote(h.Descr))
	}
	return t, nil
}

// The length of arrays up to which memory is taken at once, where the length of
// the file is known to be right, and where it is not. That of longer arrays
// grows with what has arrived.
const (
	atOnceKnown   = 4 << 20 // 16 MiB
	atOnceUnknown = 256 << 10
)

// Read reads the array that h describes from r, which stands right behind the
// header, and stops after it. Memory grows with the bytes that arrive. Fewer of
// them than the header says are an error, as is a float64 that no float32 can hold.
func (h Header) Read(r io.Reader) (*tensor.Tensor, error) { return h.read(r, atOnceUnknown) }

func (h Header) read(r io.Reader, atOnce int) (*tensor.Tensor, error) {
	size, err := h.size()
	if err != nil {
		return nil, err
	}
	t, err := h.dtype()
	if err != nil {
		return nil, err
	}
	values, got, err := t.read(r, size/t.size, atOnce)
	if err != nil {
		return nil, err
	}
	if got < size {
		return nil, h.wrongLength(size, int64(got))
	}
	if h.FortranOrder && len(h.Shape) > 1 {
		values = rowMajor(values, h.Shape)
	}
	return tensor.FromSlice(values, h.Shape...), nil
}

// wrongLength is the error if another number of bytes follows the header than
// the want that it says.
func (h Header) wrongLength(want int, follow int64) error {
	only := ""
	if follow < int64(want) {
		only = "only "
	}
	return fmt.Errorf("header says shape %s of %s, %d bytes, but %s%d follow",
		brief(tuple(h.Shape)), h.Descr, want, only, follow)
}

// read reads n numbers from r, or fewer if r ends before, and returns how many
// bytes it got. It takes memory for atOnce of them to begin with.
func (t dtype) read(r io.Reader, n, atOnce int) (values []float32, got int, err error) {
	values = make([]float32, 0, min(n, atOnce))
	native := t.kind == "f4" && t.order == binary.LittleEndian && binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	var buffer []byte
	if !native {
		buffer = make([]byte, min(n, 8<<10)*t.size)
	}
	for len(values) < n {
		if len(values) == cap(values) {
			values = append(make([]float32, 0, min(n, 2*cap(values))), values...)
		}
		room := values[len(values):cap(values)]
		src := bytesOf(room)
		if !native {
			room = room[:min(len(room), len(buffer)/t.size)]
			src = buffer[:len(room)*t.size]
		}
		m, err := io.ReadFull(r, src)
		got += m
		room = room[:m/t.size]
		if !native {
			if err := t.decode(room, src, len(values)); err != nil {
				return nil, 0, err
			}
		}
		values = values[:len(values)+len(room)]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return nil, 0, err
		}
	}
	return values, got, nil
}

// bytesOf returns the memory of values as bytes.
func bytesOf(values []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}

// decode converts the numbers in src to float32. The first of them is number
// first of the array, for errors.
func (t dtype) decode(dst []float32, src []byte, first int) error {
	// at is the value of element i; the bytes of each lie at i*size.
	var at func(i int) float32
	o := t.order
	switch t.kind {
	case "b1":
		at = func(i int) float32 { return min(1, float32(src[i])) }
	case "i1":
		at = func(i int) float32 { return float32(int8(src[i])) }
	case "u1":
		at = func(i int) float32 { return float32(src[i]) }
	case "i2":
		at = func(i int) float32 { return float32(int16(o.Uint16(src[2*i:]))) }
	case "u2":
		at = func(i int) float32 { return float32(o.Uint16(src[2*i:])) }
	case "i4":
		at = func(i int) float32 { return float32(int32(o.Uint32(src[4*i:]))) }
	case "u4":
		at = func(i int) float32 { return float32(o.Uint32(src[4*i:])) }
	case "i8":
		at = func(i int) float32 { return float32(int64(o.Uint64(src[8*i:]))) }
	case "u8":
		at = func(i int) float32 { return float32(o.Uint64(src[8*i:])) }
	case "f2":
		at = func(i int) float32 { return fromFloat16(o.Uint16(src[2*i:])) }
	case "f4":
		at = func(i int) float32 { return math.Float32frombits(o.Uint32(src[4*i:])) }
	case "f8":
		return decodeFloat64(dst, src, o, first)
	}
	for i := range dst {
		dst[i] = at(i)
	}
	return nil
}

func decodeFloat64(dst []float32, src []byte, order binary.ByteOrder, first int) error {
	for i := range dst {
		v := math.Float64frombits(order.Uint64(src[8*i:]))
		dst[i] = float32(v)
		if math.IsInf(float64(dst[i]), 0) && !math.IsInf(v, 0) {
			return fmt.Errorf("value %g, number %d in the file, is too large for float32", v, first+i)
		}
	}
	return nil
}

// rowMajor reorders values that lie with the first index of shape varying
// fastest so that the last one does.
func rowMajor(values []float32, shape []int) []float32 {
	strides := make([]int, len(shape)) // of the destination
	for s, i := 1, len(shape)-1; i >= 0; i-- {
		strides[i] = s
		s *= shape[i]
	}
	dst := make([]float32, len(values))
	index := make([]int, len(shape))
	offset := 0
	for _, v := range values {
		dst[offset] = v
		// Step to the next index; the first dimension is the fastest.
		for i := range shape {
			index[i]++
			offset += strides[i]
			if index[i] < shape[i] {
				break
			}
			offset -= index[i] * strides[i]
			index[i] = 0
		}
	}
	return dst
}
