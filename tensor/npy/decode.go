package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
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
		return t, fmt.Errorf("dtype %.40q is not read; "+
			"floats of 2, 4 and 8 bytes, integers and booleans are, such as \"<f4\"", h.Descr)
	}
	return t, nil
}

// Decode returns the tensor whose elements are data, the bytes that follow the
// header in a file. It copies them. Too few or too many bytes are an error, as
// is a float64 that no float32 can hold.
func (h Header) Decode(data []byte) (*tensor.Tensor, error) { return h.decode(data, false) }

// decode is Decode; if share is set, the tensor shares data where the layout
// allows it.
func (h Header) decode(data []byte, share bool) (*tensor.Tensor, error) {
	size, err := h.size()
	if err != nil {
		return nil, err
	}
	if len(data) != size {
		only := ""
		if len(data) < size {
			only = "only "
		}
		return nil, fmt.Errorf("header says shape %s of %s, %d bytes, but %s%d follow",
			tuple(h.Shape), h.Descr, size, only, len(data))
	}
	t, err := h.dtype()
	if err != nil {
		return nil, err
	}
	values, shared := []float32(nil), false
	if share && t.kind == "f4" && t.order == binary.LittleEndian {
		values, shared = view(data)
	}
	if !shared {
		values = make([]float32, size/t.size)
		if err := t.decode(values, data); err != nil {
			return nil, err
		}
	}
	if h.FortranOrder && len(h.Shape) > 1 {
		values = rowMajor(values, h.Shape)
	}
	return tensor.FromSlice(values, h.Shape...), nil
}

// view returns the bytes of little-endian float32 numbers as such, without a
// copy, if the machine has that byte order and the bytes are aligned.
func view(data []byte) ([]float32, bool) {
	p := unsafe.Pointer(unsafe.SliceData(data))
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 || uintptr(p)%4 != 0 {
		return nil, false
	}
	return unsafe.Slice((*float32)(p), len(data)/4), true
}

// decode converts the numbers in src to float32.
func (t dtype) decode(dst []float32, src []byte) error {
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
		return decodeFloat64(dst, src, o)
	}
	for i := range dst {
		dst[i] = at(i)
	}
	return nil
}

func decodeFloat64(dst []float32, src []byte, order binary.ByteOrder) error {
	for i := range dst {
		v := math.Float64frombits(order.Uint64(src[8*i:]))
		dst[i] = float32(v)
		if math.IsInf(float64(dst[i]), 0) && !math.IsInf(v, 0) {
			return fmt.Errorf("value %g, number %d in the file, is too large for float32", v, i)
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
