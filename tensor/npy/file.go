package npy

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/brushgrad/brushgrad/tensor"
)

// A File is an open .npy file. Where it is mapped into memory, Data and the
// tensor that shares it are valid only until Close: using them afterwards
// crashes the program. The mapping is private: writing to it changes neither
// the file nor what others see. If another process truncates the file
// meanwhile, touching the lost part crashes the program as well (SIGBUS), so
// replace weights by renaming a new file over the old one.
type File struct {
	Header Header
	Data   []byte // all that follows the header
	unmap  func() error
}

// mapFrom is the size in bytes from which a file is mapped. Below it a read
// is cheaper than the page faults.
const mapFrom = 1 << 20

// Open opens the file at path, which must begin with a .npy header. Files of
// 1 MiB and more are mapped into memory where the system can do so, and read
// otherwise; nothing is decoded yet, so the header may name any type.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := NewFile(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// NewFile is Open for a file that is open already, positioned at its start. It
// does not close f, which may be closed at once; errors do not name the file.
func NewFile(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var data []byte
	unmap := func() error { return nil }
	switch size := info.Size(); {
	case size > math.MaxInt:
		err = fmt.Errorf("%d bytes are too many for this system's memory", size)
	case size >= mapFrom && info.Mode().IsRegular():
		data, unmap, err = mapFile(f, int(size))
	default:
		data, err = io.ReadAll(f)
	}
	if err != nil {
		return nil, err
	}
	r := bytes.NewReader(data)
	h, err := ReadHeader(r)
	if err != nil {
		unmap()
		return nil, err
	}
	return &File{h, data[len(data)-r.Len():], unmap}, nil
}

// Tensor returns the array. It shares the file's memory, without a copy, if
// the file holds little-endian float32 in C order, as most do, and the machine
// is little-endian too; it is then valid until Close. Bytes that are missing
// or left over are an error.
func (f *File) Tensor() (*tensor.Tensor, error) { return f.Header.decode(f.Data, true) }

// Close releases the memory of a mapped file.
func (f *File) Close() error {
	f.Data = nil
	unmap := f.unmap
	f.unmap = func() error { return nil }
	return unmap()
}
