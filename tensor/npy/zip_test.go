package npy

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npz"

	"github.com/brushgrad/brushgrad/tensor"
)

func TestReadZipGolden(t *testing.T) {
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		got, err := ReadZip("testdata/" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		a, b := got["a"], got["b/c"]
		if len(got) != 2 || !slices.Equal(a.Shape(), []int{2, 3}) || !slices.Equal(a.Data(), []float32{0, 1, 2, 3, 4, 5}) ||
			!slices.Equal(b.Shape(), []int{2}) || !slices.Equal(b.Data(), []float32{1.5, -2}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWriteZip(t *testing.T) {
	want := map[string]*tensor.Tensor{
		"conv1_1.weight": tensor.Full(2, 3, 4), "b": tensor.Scalar(7), "empty": tensor.New(0, 5),
	}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := WriteZip(b, want); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("writing the same tensors twice gives different bytes")
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(path, first.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadZip(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for name, w := range want {
		if g := got[name]; g == nil || !tensor.SameShape(g, w) || !slices.Equal(g.Data(), w.Data()) {
			t.Errorf("%s: got %v, want %v", name, g, w)
		}
	}
	var theirs []float32
	if err := npz.Read(bytes.NewReader(first.Bytes()), "conv1_1.weight.npy", &theirs); err != nil || len(theirs) != 12 || theirs[5] != 2 {
		t.Errorf("npyio reads %v, %v", theirs, err)
	}
}

// archive returns a zip file of the given names and contents, in turn.
func archive(t testing.TB, members ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadZipErrors(t *testing.T) {
	good := header(dict("'|i1'", "False", "(2,)")) + "ab"
	damaged := archive(t, "a.npy", good)
	damaged[bytes.Index(damaged, []byte("a.npy"))+20] ^= 0x55
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "zip: not a valid zip file"},
		{"twice", archive(t, "a.npy", good, "a.npy", good), `"a.npy" appears twice`},
		{"short member", archive(t, "a.npy", good[:len(good)-1]), `"a.npy": header says shape (2,) of |i1, 2 bytes, but only 1 follow`},
		{"long member", archive(t, "a.npy", good+"c"), `"a.npy": header says shape (2,) of |i1, 2 bytes, but 3 follow`},
		{"objects", archive(t, "a.npy", header(dict("'|O'", "False", "(2,)"))), `"a.npy": the array holds pickled`},
		{"damaged", damaged, `"a.npy": `},
		{"cut", archive(t, "a.npy", good)[:100], "zip: not a valid zip file"},
	} {
		path := filepath.Join(t.TempDir(), "a.npz")
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadZip(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, error %v, want %q", c.name, got, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	if err := os.WriteFile(path, archive(t, "a.npy", good, "README", "text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadZip(path); err != nil || len(got) != 1 {
		t.Errorf("with a README inside: %v, %v", got, err)
	}
}
