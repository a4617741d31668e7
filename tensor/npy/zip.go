package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
)

// ReadZip reads all arrays of the .npz file at path, by their names without
// ".npy". Members may be stored or compressed; those with other names, which
// NumPy does not write, are left out. Two members of one name are an error. So is
// an archive whose arrays take more memory than 64 MiB plus 16 times the size of
// the file: a compressed file could ask for any amount. Archives must be smaller
// than 4 GiB; see [NewZipReader].
func ReadZip(path string) (map[string]*tensor.Tensor, error) {
	return readZipFile(path, func(size int64) func(string, Header) error {
		left := float64(size)*16 + 64<<20
		return func(_ string, h Header) error {
			n, err := h.count()
			if left -= 4 * float64(n); err == nil && left < 0 {
				err = fmt.Errorf("the arrays take more memory than 64 MiB plus 16 times the %d bytes of the archive", size)
			}
			return err
		}
	})
}

// ReadZipFunc is ReadZip for a caller that knows which arrays there may be:
// check is called with the name and header of each before memory is taken for
// it, and an error that it returns ends the reading. What check allows may be
// compressed by any ratio.
func ReadZipFunc(path string, check func(name string, h Header) error) (map[string]*tensor.Tensor, error) {
	return readZipFile(path, func(int64) func(string, Header) error { return check })
}

// readZipFile reads the .npz file at path with the check for a file of its size.
func readZipFile(path string, check func(size int64) func(string, Header) error) (map[string]*tensor.Tensor, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tensors, err := readZip(f, size, check(size))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

func readZip(r io.ReaderAt, size int64, check func(string, Header) error) (map[string]*tensor.Tensor, error) {
	z, err := NewZipReader(r, size)
	if err != nil {
		return nil, err
	}
	tensors := map[string]*tensor.Tensor{}
	for _, member := range z.File {
		name, ok := strings.CutSuffix(member.Name, ".npy")
		if !ok {
			continue
		}
		if tensors[name] != nil {
			return nil, fmt.Errorf("%s appears twice in the archive", quote(member.Name))
		}
		t, err := readMember(member, func(h Header) error { return check(name, h) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", quote(member.Name), err)
		}
		tensors[name] = t
	}
	return tensors, nil
}

func readMember(member *zip.File, check func(Header) error) (*tensor.Tensor, error) {
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadSized(r, member.FileInfo().Size(), check)
}

// WriteZip writes tensors to w as an .npz archive, uncompressed like numpy.savez
// and in the order of their names, so that equal tensors give equal bytes.
func WriteZip(w io.Writer, tensors map[string]*tensor.Tensor) error {
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		member, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := Write(member, tensors[name]); err != nil {
			return err
		}
	}
	return z.Close()
}
