package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

const magic = "\x93NUMPY"

// maxHeader bounds the length in bytes of a header. Version 1 cannot say more;
// versions 2 and 3 can, for structured types, which are not read anyway.
const maxHeader = math.MaxUint16

// A Header describes the array that follows it in the file.
type Header struct {
	Descr        string // type: byte order, kind and bytes per element, such as "<f4"
	FortranOrder bool   // first index varies fastest, instead of the last
	Shape        []int  // empty for a single number
}

// ReadHeader reads the magic string, the version and the header from r and
// leaves r at the first byte of the array. It does not judge Descr, except
// that structured types, which are written as a list, are an error.
func ReadHeader(r io.Reader) (Header, error) {
	var h Header
	text, err := readHeaderText(r)
	if err != nil {
		return h, err
	}
	if h, err = parseHeader(text); err != nil {
		return h, fmt.Errorf("bad .npy header: %w", err)
	}
	return h, nil
}

// readHeaderText reads everything up to the array and returns the Python
// dictionary in it.
func readHeaderText(r io.Reader) (string, error) {
	start := make([]byte, len(magic)+2)
	if n, err := io.ReadFull(r, start); err != nil {
		return "", short(err, "%d bytes are too few for a .npy file", n)
	}
	if string(start[:len(magic)]) != magic {
		return "", errors.New(`not a .npy file: it does not begin with "\x93NUMPY"`)
	}
	major, minor := start[len(magic)], start[len(magic)+1]
	var length int
	switch field := make([]byte, 4); {
	case minor != 0 || major < 1 || major > 3:
		return "", fmt.Errorf(".npy version %d.%d is unknown; versions 1.0, 2.0 and 3.0 are read", major, minor)
	case major == 1:
		if _, err := io.ReadFull(r, field[:2]); err != nil {
			return "", short(err, "the file ends within the .npy header")
		}
		length = int(binary.LittleEndian.Uint16(field))
	default:
		if _, err := io.ReadFull(r, field); err != nil {
			return "", short(err, "the file ends within the .npy header")
		}
		n := binary.LittleEndian.Uint32(field)
		if n > maxHeader {
			return "", fmt.Errorf("the .npy header claims %d bytes; more than %d are not believed", n, maxHeader)
		}
		length = int(n)
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return "", short(err, "the .npy header claims %d bytes, but only %d follow", length, n)
	}
	return string(text), nil
}

// short words the end of the input as what it means here, and leaves other
// errors as they are.
func short(err error, format string, args ...any) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf(format, args...)
	}
	return err
}

// count returns the number of elements.
func (h Header) count() (int, error) {
	n := 1
	for _, d := range h.Shape {
		if d < 0 {
			return 0, fmt.Errorf("header says shape %s, with a negative dimension", brief(tuple(h.Shape)))
		}
		if d > 0 && n > math.MaxInt/d {
			return 0, fmt.Errorf("header says shape %s, more elements than can be counted", brief(tuple(h.Shape)))
		}
		n *= d
	}
	return n, nil
}

// size returns the number of bytes of the array, in the file.
func (h Header) size() (int, error) {
	t, err := h.dtype()
	if err != nil {
		return 0, err
	}
	n, err := h.count()
	if err != nil {
		return 0, err
	}
	// Small types take more room here, as float32, than in the file.
	if n > math.MaxInt/max(t.size, 4) {
		return 0, fmt.Errorf("header says shape %s, which does not fit in memory", brief(tuple(h.Shape)))
	}
	return n * t.size, nil
}

// String returns the header as the Python dictionary that the format wants.
func (h Header) String() string {
	order := "False"
	if h.FortranOrder {
		order = "True"
	}
	return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", h.Descr, order, tuple(h.Shape))
}

// tuple writes a shape as Python does.
func tuple(shape []int) string {
	s := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 {
		s += ","
	}
	return "(" + s + ")"
}
