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
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
)

// maxFileBytes bounds what is read of a file, and of one that does not end, such as a
// device or a pipe. With more than DefaultLimit, it is half of the limit.
const maxFileBytes = 1 << 29

// Load reads the picture in a file and returns it with shape (1, H, W, 3),
// values 0..255, as Decode does. The file may be a pipe. Every error names the file.
func Load(path string, longest int) (*tensor.Tensor, error) {
	return DefaultLimit.Load(path, longest)
}

func (l Limit) load(path string, decode func([]byte) (colour, alpha *tensor.Tensor, err error)) (*tensor.Tensor, error) {
	data, err := l.read(path)
	if err != nil {
		return nil, err
	}
	t, _, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(path), err)
	}
	return t, nil
}

// Read returns the bytes of a picture file, for Decode. The file may be a pipe, and "-"
// stands for the standard input. A file that does not begin as a picture does, or has more
// bytes than DefaultLimit, is an error. Every error names the file.
func Read(path string) ([]byte, error) { return DefaultLimit.read(path) }

func (l Limit) read(path string) ([]byte, error) {
	data, err := readFile(path, l.file(), func(start []byte) error {
		if len(start) > 0 && sniff(start) == "" {
			return foreignFormat(start)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown(path), bare(err))
	}
	return data, nil
}

// readFile returns what is in a file of at most limit bytes. check sees how it begins;
// the error that it returns, if any, ends the reading.
//
// Where the length is not known, as of a pipe, what is read is kept in pieces until its
// end has been found, so that an endless one takes no more than limit.
func readFile(path string, limit int64, check func(start []byte) error) ([]byte, error) {
	f := os.Stdin
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
		defer f.Close()
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	tooLarge := fmt.Errorf("the file is larger than %d MiB, the most that is read", limit>>20)
	switch {
	case info.IsDir():
		return nil, errors.New("this is a folder, not a picture")
	case info.Mode().IsRegular() && info.Size() > limit:
		return nil, &TooLarge{2 * info.Size(), tooLarge.Error()}
	}
	piece := int64(1 << 20)
	if info.Mode().IsRegular() && info.Size() > 0 {
		piece = info.Size() + 1 // all of it, and its end
	}
	var pieces [][]byte
	for total := int64(0); ; {
		buf := make([]byte, piece)
		n, err := io.ReadFull(f, buf)
		if len(pieces) == 0 {
			if err := check(buf[:n]); err != nil {
				return nil, err
			}
		}
		total += int64(n)
		pieces = append(pieces, buf[:n])
		switch {
		case total > limit:
			return nil, tooLarge
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			if len(pieces) == 1 {
				return pieces[0], nil
			}
			return slices.Concat(pieces...), nil
		case err != nil:
			return nil, err
		}
	}
}

// bare strips the "open photo.jpg: " from an error of package os: the messages
// of this package name the file themselves.
func bare(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
