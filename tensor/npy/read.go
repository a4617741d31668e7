package npy

import (
	"errors"
	"fmt"
	"io"
	"os"

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
	return h.Read(r)
}

// ReadSized reads a .npy file of size bytes from r, which must hold one array
// and nothing more. Before memory is taken for the array, check is asked whether
// to go on, unless it is nil, and the length that follows from the header is
// compared with size. An error of check is returned as it is.
func ReadSized(r io.Reader, size int64, check func(Header) error) (*tensor.Tensor, error) {
	c := &counter{r: r}
	h, err := ReadHeader(c)
	if err != nil {
		return nil, err
	}
	if _, err := h.size(); err != nil {
		return nil, err
	}
	if check != nil {
		if err := check(h); err != nil {
			return nil, err
		}
	}
	return h.ReadSized(r, size-c.n)
}

// ReadSized is Read for an array that must be all of the size bytes that follow
// the header. These are compared with what the header says before memory is taken.
func (h Header) ReadSized(r io.Reader, size int64) (*tensor.Tensor, error) {
	want, err := h.size()
	if err != nil {
		return nil, err
	}
	if size != int64(want) {
		return nil, h.wrongLength(want, size)
	}
	t, err := h.read(r, atOnceKnown)
	if err != nil {
		return nil, err
	}
	// Reading to the end also verifies the checksum of a zip member.
	if err := expectEnd(r); err != nil {
		return nil, err
	}
	return t, nil
}

// ReadFile reads the file at path, which must be a regular file that holds one
// array and nothing more. Errors name the file.
func ReadFile(path string) (*tensor.Tensor, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ReadSized(f, size, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// open opens a regular file and returns its size in bytes. A pipe or a device
// could keep a reader waiting, or never end.
func open(path string) (f *os.File, size int64, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s: not a regular file", path)
	}
	if f, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// A counter counts the bytes read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// expectEnd returns an error unless r has nothing more to give.
func expectEnd(r io.Reader) error {
	n, err := io.Copy(io.Discard, io.LimitReader(r, 1))
	if err == nil && n > 0 {
		err = errors.New("more bytes follow the array than its header says")
	}
	return err
}
