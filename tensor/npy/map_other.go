//go:build !unix

package npy

import (
	"io"
	"os"
)

// mapFile reads the first size bytes of f, for systems without mmap.
func mapFile(f *os.File, size int) (data []byte, unmap func() error, err error) {
	data, err = io.ReadAll(io.LimitReader(f, int64(size)))
	return data, func() error { return nil }, err
}
