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

// large returns a tensor whose file is beyond the size from which files are
// mapped.
func large() *tensor.Tensor {
	t := tensor.New(3, mapFrom/8)
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

func TestOpenSharesMapping(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.npy")
	want := large()
	if err := os.WriteFile(path, written(t, want), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Tensor()
	if err != nil {
		t.Fatal(err)
	}
	if !tensor.SameShape(got, want) || !slices.Equal(got.Data(), want.Data()) {
		t.Error("the mapped tensor differs from the one written")
	}
	if values, ok := view(f.Data); ok && &values[0] != &got.Data()[0] {
		t.Error("the tensor is a copy of the file's memory")
	}
	// Writing reaches neither the file nor a second reader.
	got.Data()[0] = 42
	again, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if again.Data()[0] != want.Data()[0] {
		t.Errorf("writing to the tensor changed the file: %v", again.Data()[0])
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	// What ReadFile returned does not depend on any mapping.
	if !slices.Equal(again.Data(), want.Data()) {
		t.Error("ReadFile differs from what was written")
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
