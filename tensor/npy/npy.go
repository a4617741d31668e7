// Package npy reads and writes tensors in NumPy's file formats: .npy, one
// array with a small header, and .npz, a zip archive of such files.
//
// Reading accepts versions 1 to 3 of the format, floats of 2, 4 and 8 bytes,
// signed and unsigned integers of 1 to 8 bytes and booleans, in C or Fortran
// order and either byte order; all become row-major float32. Numbers are
// rounded to the nearest float32 (integers above 2^24 lose digits), but a
// float64 beyond the range of float32 is an error rather than an infinity.
// Everything else, such as structured types and Python objects, is refused.
//
// Files come from outside, so no claim of a header is believed before the data
// that would back it up has been seen. Errors say what is wrong and what would
// be right, and are worded to follow the name of a file.
//
// The format is described in numpy.lib.format and in NEP 1,
// https://numpy.org/neps/nep-0001-npy-format.html.
package npy

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// Read reads one array from r and stops right after it, so that arrays written
// one after another can be read one after another, as NumPy allows. Memory
// grows with the bytes that arrive, not with the size that the header claims.
func Read(r io.Reader) (*tensor.Tensor, error) {
	h, err := ReadHeader(r)
	if err != nil {
		return nil, err
	}
	size, err := h.size()
	if err != nil {
		return nil, err
	}
	data, err := readUpTo(r, size)
	if err != nil {
		return nil, err
	}
	return h.decode(data, true)
}

// ReadFile reads the file at path, which must hold one array and nothing more.
// The tensor owns its memory; Open avoids the copy for large files.
func ReadFile(path string) (*tensor.Tensor, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	t, err := f.Header.Decode(f.Data)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// readUpTo reads n bytes from r, or fewer if r ends before. Its buffer grows
// with what has arrived, so that a lying n costs nothing.
func readUpTo(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, 1<<20))
	for len(b) < n {
		b = slices.Grow(b, min(n-len(b), max(len(b), 1)))
		m, err := io.ReadFull(r, b[len(b):min(n, cap(b))])
		b = b[:len(b)+m]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// expectEnd returns an error unless r has nothing more to give.
func expectEnd(r io.Reader) error {
	n, err := io.Copy(io.Discard, io.LimitReader(r, 1))
	if err == nil && n > 0 {
		err = errors.New("more bytes follow the array than its header says")
	}
	return err
}
