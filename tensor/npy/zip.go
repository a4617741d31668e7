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
// NumPy does not write, are left out. Two members of one name are an error.
func ReadZip(path string) (map[string]*tensor.Tensor, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer z.Close()
	tensors, err := readZip(&z.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

func readZip(z *zip.Reader) (map[string]*tensor.Tensor, error) {
	tensors := map[string]*tensor.Tensor{}
	for _, member := range z.File {
		name, ok := strings.CutSuffix(member.Name, ".npy")
		if !ok {
			continue
		}
		if tensors[name] != nil {
			return nil, fmt.Errorf("%s appears twice in the archive", member.Name)
		}
		t, err := readMember(member)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member.Name, err)
		}
		tensors[name] = t
	}
	return tensors, nil
}

func readMember(member *zip.File) (*tensor.Tensor, error) {
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t, err := Read(r)
	if err != nil {
		return nil, err
	}
	// Reading to the end also verifies the member's checksum.
	if err := expectEnd(r); err != nil {
		return nil, err
	}
	return t, nil
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
