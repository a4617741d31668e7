package vgg

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor/npy"
)

// pickleOf returns the pickle in a .npy file of testdata.
func pickleOf(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(data)
	if _, err := npy.ReadHeader(r); err != nil {
		t.Fatal(err)
	}
	return data[len(data)-r.Len():]
}

// Pickles that hold no weights of VGG19; what is no such dictionary at all is in
// the tests of package pickle.
func TestPickleErrors(t *testing.T) {
	good := string(pickleOf(t, "pickle_protocol3.npy"))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the pickle does not contain %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct{ name, pickle, want string }{
		{"gap", swap("conv1_2", "conv1_3"), `unknown layer "conv1_3"`},
		{"missing layer", swap("conv1_2", "anything"[:7]), "conv2_1 stands where conv1_2 should be"},
		{"no pair", swap("X\x07\x00\x00\x00conv1_1", "X\x07\x00\x00\x00conv2_2NX\x07\x00\x00\x00conv1_1"), "conv2_2: no list of two arrays"},
		{"text for numbers", swap("X\x02\x00\x00\x00f4", "X\x02\x00\x00\x00U1"), `conv1_1: weight: dtype "<U1" is not read`},
		{"shape too large", swap("(K\x03K\x03K\x03K\x04t", "(K\x03K\x03K\x03K\x05t"),
			"conv1_1: weight: header says shape (3, 3, 3, 5) of <f4, 540 bytes, but only 432 follow"},
		{"shape negative", swap("(K\x03K\x03K\x03K\x04t", "(K\x03K\x03K\x03J\xff\xff\xff\xfft"), "conv1_1: weight: shape [3 3 3 -1], want"},
		{"another layout", swap("(K\x03K\x03K\x03K\x04t", "(K\x04K\x03K\x03K\x03t"), "conv1_1: weight: shape [4 3 3 3], want [3 3 3 out]"},
		{"not a number", swap(string(biasBytes(t)), "\x00\x00\xc0\x7f"+string(biasBytes(t)[4:])), "conv2_1.bias holds NaN, number 0 of 3"},
	} {
		_, err := fromPickle(strings.NewReader(c.pickle), int64(len(c.pickle)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "evil.npy")
	writeFile(t, path, []byte(objectHeader+"cos\nsystem\n(S'id'\ntR."))
	expectError(t, "through Load", path, path+": ", `wants to import "os.system"`)
}

// TestMessagesAreTheSameEveryTime: of several names that are wrong, the first in order
// is reported.
func TestMessagesAreTheSameEveryTime(t *testing.T) {
	entry := func(name string) string { return "X" + string([]byte{byte(len(name)), 0, 0, 0}) + name + "N" }
	first := "X\x07\x00\x00\x00conv1_1"
	flat := strings.Replace(string(pickleOf(t, "pickle_protocol3.npy")), first,
		entry("conv4_1_W")+entry("conv1_2_b")+entry("conv5_1_b")+entry("conv2_1_W")+first, 1)
	good, err := os.ReadFile("testdata/folder/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(good), `"sha256": {`, `"sha256": {"z": "", "y": "", "b": "", "x": "", `, 1)
	for range 20 {
		if _, err := fromPickle(strings.NewReader(flat), int64(len(flat))); err == nil || !strings.Contains(err.Error(), `"conv1_2_b"`) {
			t.Fatalf("a pickle: %v", err)
		}
		if _, err := parseManifest([]byte(broken)); err == nil || !strings.Contains(err.Error(), `"b" is not a file`) {
			t.Fatalf("a manifest: %v", err)
		}
	}
}

const objectHeader = "\x93NUMPY\x01\x00\x36\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }"

// biasBytes returns the bytes of the golden conv2_1.bias.
func biasBytes(t *testing.T) []byte {
	bias := tiny(t, func(*Weights) {}).Convs[2].Bias
	file := npyFile(t, bias)
	return file[len(file)-4*bias.Len():]
}

func FuzzPickle(f *testing.F) {
	names, err := filepath.Glob("testdata/pickle_*.npy")
	if err != nil || len(names) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range names {
		f.Add(pickleOf(f, filepath.Base(name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := fromPickle(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if err := checkLayers(w.Layers()); err != nil {
			t.Error(err)
		}
		in := 3
		for _, c := range w.Convs {
			if s := c.Weight.Shape(); len(s) != 4 || s[0] != c.Bias.Len() || s[1] != 3 || s[2] != 3 || s[3] != in {
				t.Errorf("%s: %v, %v", c.Name, s, c.Bias.Shape())
			}
			in = c.Bias.Len()
		}
	})
}
