package npy

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// large returns a tensor of more than is read in one go.
func large() *tensor.Tensor {
	t := tensor.New(3, 1<<17)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range t.Data() {
		t.Data()[i] = float32(r.NormFloat64())
	}
	return t
}

// written returns what Write writes.
func written(t *testing.T, a *tensor.Tensor) []byte {
	var b bytes.Buffer
	if err := Write(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The tensor of a file is a copy: what happens to the file later has no effect.
func TestReadFileCopies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.npy")
	want := large()
	if err := os.WriteFile(path, written(t, want), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if !tensor.SameShape(got, want) || !slices.Equal(got.Data(), want.Data()) {
		t.Error("the tensor differs from the one written")
	}
}

// A file that loses its end, or gains one, after its length was checked is an error.
func TestReadSizedChangingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.npy")
	data := written(t, large())
	for _, c := range []struct {
		size int
		want string
	}{
		{len(data) - 1, "1572864 bytes, but only 1572863 follow"},
		{len(data) / 2, "but only "},
		{0, "but only 0 follow"},
		{len(data) + 1, "more bytes follow the array"},
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadSized(f, int64(len(data)), func(Header) error { return os.Truncate(path, int64(c.size)) })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d of %d bytes: error %v, want %q", c.size, len(data), err, c.want)
		}
		f.Close()
	}
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.npy")
	data := written(t, large())
	bad := slices.Clone(data)
	copy(bad, "PK\x03\x04")
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"short", data[:len(data)-5], "1572864 bytes, but only 1572859 follow"},
		{"long", append(slices.Clone(data), 0), "1572864 bytes, but 1572865 follow"},
		{"magic", bad, "not a .npy file"},
		{"small and long", []byte(header(dict("'|i1'", "False", "()")) + "ab"), "header says shape () of |i1, 1 bytes, but 2 follow"},
	} {
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadFile(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "missing.npy")} {
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
