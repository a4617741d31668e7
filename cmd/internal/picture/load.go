// Package picture reads and writes the pictures of the command line.
//
// Inside the engine a picture is a *tensor.Tensor of shape (1, H, W, 3):
// float32, red, green, blue, each 0..255, the values that an sRGB file stores
// (not linear light). Everything about files stays here: formats, the
// orientation a camera notes down, colour profiles, transparency, resampling.
//
// Errors are one line that names the file, what is wrong and what would be
// right. They carry no package prefix, because they are shown to the person
// who typed the file name.
package picture

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/brushgrad/brushgrad/tensor"
)

const (
	// maxPixels is the most pixels a picture may have, before and after
	// resizing: 134 million, more than any camera phone delivers, and at 4 to 8
	// bytes a pixel what a decoder can still hold on a small machine. It is
	// checked against the header, before a pixel is allocated.
	maxPixels = 1 << 27

	// maxFileBytes bounds what is read of a file that does not end, such as a
	// device or a pipe.
	maxFileBytes = 1 << 29
)

// Load reads the picture in a file and returns it with shape (1, H, W, 3),
// values 0..255, as Decode does. Every error names the file.
func Load(path string, longest int) (*tensor.Tensor, error) {
	return load(path, func(data []byte) (*tensor.Tensor, error) { return Decode(data, longest) })
}

// LoadTo is Load for a result of exactly w x h pixels, as DecodeTo gives.
func LoadTo(path string, w, h int) (*tensor.Tensor, error) {
	return load(path, func(data []byte) (*tensor.Tensor, error) { return DecodeTo(data, w, h) })
}

// Alpha reads the alpha plane of the picture in a file, brought to w x h pixels:
// shape (1, h, w, 1), from 0, nothing to be seen, to 255, opaque. It is turned
// upright like the colours. It is nil if every pixel is opaque. Every error names
// the file; Alpha panics unless w and h are positive.
func Alpha(path string, w, h int) (alpha *tensor.Tensor, err error) {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("picture: Alpha: %d x %d pixels", w, h))
	}
	return load(path, func(data []byte) (*tensor.Tensor, error) {
		if format, err := checkHeader(data); err != nil || format == "jpeg" { // which has none
			return nil, err
		}
		_, alpha, err := decode(data, func(int, int) (int, int, error) { return w, h, nil })
		return alpha, err
	})
}

func load(path string, decode func([]byte) (*tensor.Tensor, error)) (*tensor.Tensor, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, bare(err))
	}
	t, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("this is a folder, not a picture")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(data) > maxFileBytes {
		err = fmt.Errorf("the file is larger than %d MiB, the most that is read", maxFileBytes>>20)
	}
	return data, err
}

// bare strips the "open photo.jpg: " from an error of package os: the messages
// of this package name the file themselves.
func bare(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
