package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What an archive of arrays may have. The directory of a whole VGG19, weights and
// biases, has 32 members and 3 KB.
const (
	maxMembers   = 4096
	maxName      = 255     // bytes of a member's name
	maxDirectory = 1 << 20 // bytes
)

// NewZipReader is [zip.NewReader] for an archive from outside. The directory of
// an archive costs memory, and names with many slashes cost time, before a
// caller sees the first of its members. So it is an error if there are more than
// 4096 of them, if their names are longer than 255 bytes, or if there is more
// than 1 MiB of directory. The extension for archives from 4 GiB on, zip64, is
// not read. What members hold is not looked at.
func NewZipReader(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if err := checkEnd(r, size); err != nil {
		return nil, err
	}
	d := &directoryReader{r, maxDirectory}
	z, err := zip.NewReader(d, size)
	if err != nil {
		return nil, err
	}
	d.left = -1
	if len(z.File) > maxMembers { // the library compares 16 bits of the number
		return nil, tooManyMembers(len(z.File))
	}
	for _, member := range z.File {
		if len(member.Name) > maxName {
			return nil, fmt.Errorf("the archive has a member with a name of %d bytes; at most %d are read", len(member.Name), maxName)
		}
	}
	return z, nil
}

func tooManyMembers(n int) error {
	return fmt.Errorf("the archive has %d members; at most %d are read", n, maxMembers)
}

// checkEnd looks for the end record of a zip archive, as the library does, and
// returns an error if it announces more than is read: the library takes memory
// for as many members as are announced. An archive without one is left to the
// library.
func checkEnd(r io.ReaderAt, size int64) error {
	const (
		endLen     = 22       // bytes of the record; a comment of up to 64 KiB follows
		locatorLen = 20       // bytes of zip64's, before the record
		searched   = 66 << 10 // bytes at the end of the file: no less than the library
	)
	tail := make([]byte, min(size, searched))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return err
	}
	i := bytes.LastIndex(tail[:max(0, len(tail)-endLen+4)], []byte("PK\x05\x06"))
	if i < 0 {
		return nil
	}
	if n := int(binary.LittleEndian.Uint16(tail[i+10:])); n > maxMembers {
		return tooManyMembers(n)
	}
	if strings.HasPrefix(string(tail[max(0, i-locatorLen):]), "PK\x06\x07") {
		return errors.New("the archive is in the format for 4 GiB and more, zip64, which is not read")
	}
	return nil
}

// A directoryReader gives an error after so many bytes as are left, unless that is
// negative.
type directoryReader struct {
	r    io.ReaderAt
	left int64
}

func (d *directoryReader) ReadAt(p []byte, offset int64) (int, error) {
	if d.left < 0 {
		return d.r.ReadAt(p, offset)
	}
	if d.left < int64(len(p)) {
		return 0, fmt.Errorf("the archive has more than %d bytes of directory", maxDirectory)
	}
	d.left -= int64(len(p))
	return d.r.ReadAt(p, offset)
}
