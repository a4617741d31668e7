package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/brushgrad/brushgrad/tensor"
)

// Write writes t to w as little-endian float32 in C order, byte for byte as
// NumPy does (format version 1.0).
func Write(w io.Writer, t *tensor.Tensor) error {
	if err := writeHeader(w, "<f4", t.Shape()); err != nil {
		return err
	}
	return writeElements(w, t.Data(), 4, func(b []byte, v float32) error {
		binary.LittleEndian.PutUint32(b, math.Float32bits(v))
		return nil
	})
}

// WriteFloat16 is Write with elements rounded to the nearest float16, ties to
// even: half the size, eleven bits of precision. A finite value that rounds
// to infinity, from 65520 on, is an error.
func WriteFloat16(w io.Writer, t *tensor.Tensor) error {
	if err := writeHeader(w, "<f2", t.Shape()); err != nil {
		return err
	}
	return writeElements(w, t.Data(), 2, func(b []byte, v float32) error {
		h := toFloat16(v)
		if h&0x7fff == 0x7c00 && !math.IsInf(float64(v), 0) {
			return fmt.Errorf("value %g is too large for float16", v)
		}
		binary.LittleEndian.PutUint16(b, h)
		return nil
	})
}

// writeHeader writes everything up to the array. Spaces make its length a
// multiple of 64, so that a mapped array is aligned.
func writeHeader(w io.Writer, descr string, shape []int) error {
	text := Header{Descr: descr, Shape: shape}.String()
	length := len(magic) + 4 + len(text) + 1
	padding := (64 - length%64) % 64
	if length += padding; length > maxHeader {
		return fmt.Errorf("shape of rank %d is too long for a .npy header", len(shape))
	}
	_, err := fmt.Fprintf(w, "%s\x01\x00%s%s%*s", magic,
		binary.LittleEndian.AppendUint16(nil, uint16(length-len(magic)-4)), text, padding+1, "\n")
	return err
}

// writeElements writes values, each as size bytes that put fills.
func writeElements(w io.Writer, values []float32, size int, put func([]byte, float32) error) error {
	buf := make([]byte, 32<<10)
	for len(values) > 0 {
		n := min(len(values), len(buf)/size)
		for i, v := range values[:n] {
			if err := put(buf[i*size:], v); err != nil {
				return err
			}
		}
		if _, err := w.Write(buf[:n*size]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
