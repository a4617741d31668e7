package vgg

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// The files in testdata hold one network in all forms; see make_golden.py.
func TestLoadGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]struct {
		Shape        []int
		Weight, Bias []float32
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	imagenet := Input{"RGB", 1, [3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225}}
	for _, c := range []struct {
		path, name string
		padding    tensor.PadMode
		input      Input
	}{
		{"folder", "tiny", tensor.PadReflect, imagenet},
		{"tiny.npz", "tiny", tensor.PadZero, CaffeInput()},
		{"pickle_python2.npy", "pickle_python2", tensor.PadZero, CaffeInput()},
		{"pickle_protocol2.npy", "pickle_protocol2", tensor.PadZero, CaffeInput()},
		{"pickle_protocol3.npy", "pickle_protocol3", tensor.PadZero, CaffeInput()},
		{"pickle_protocol4.npy", "pickle_protocol4", tensor.PadZero, CaffeInput()},
		{"pickle_protocol5.npy", "pickle_protocol5", tensor.PadZero, CaffeInput()},
		{"pickle_fortran.npy", "pickle_fortran", tensor.PadZero, CaffeInput()},
		{"pickle_numpy2.npy", "pickle_numpy2", tensor.PadZero, CaffeInput()},
	} {
		w, err := Load(filepath.Join("testdata", c.path))
		if err != nil {
			t.Error(err)
			continue
		}
		if w.Name != c.name || w.Padding != c.padding || w.Input != c.input {
			t.Errorf("%s: got %q, %v, %v", c.path, w.Name, w.Padding, w.Input)
		}
		if !slices.Equal(w.Layers(), []string{"conv1_1", "conv1_2", "conv2_1"}) {
			t.Errorf("%s: layers %v", c.path, w.Layers())
		}
		for _, conv := range w.Convs {
			want := golden[conv.Name]
			if !slices.Equal(conv.Weight.Shape(), want.Shape) || !slices.Equal(conv.Weight.Data(), want.Weight) {
				t.Errorf("%s: %s.weight: got %v, want %v%v", c.path, conv.Name, conv.Weight, want.Shape, want.Weight)
			}
			if !slices.Equal(conv.Bias.Shape(), want.Shape[:1]) || !slices.Equal(conv.Bias.Data(), want.Bias) {
				t.Errorf("%s: %s.bias: got %v, want %v", c.path, conv.Name, conv.Bias, want.Bias)
			}
		}
	}
}

// tiny returns the network of testdata, with the given change.
func tiny(t testing.TB, change func(*Weights)) *Weights {
	w, err := Load("testdata/folder")
	if err != nil {
		t.Fatal(err)
	}
	change(w)
	return w
}

// The published network in ../shared has a quarter of VGG19's widths.
func TestLoadSlim16(t *testing.T) {
	const dir = "../../shared/weights/vgg19-slim16"
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed: %v", dir, err)
		}
		t.Skipf("%s is not here", dir)
	}
	w, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if w.Name != "vgg19-slim16" || w.Padding != tensor.PadReflect || w.Input != CaffeInput() ||
		!strings.HasPrefix(w.License, "MIT") || !strings.HasPrefix(w.Source, "Collaborative Distillation") {
		t.Errorf("got %q, %v, %v, %q, %q", w.Name, w.Padding, w.Input, w.License, w.Source)
	}
	if !slices.Equal(w.Layers(), LayerNames()[:13]) {
		t.Errorf("layers %v", w.Layers())
	}
	in := 3
	for i, c := range w.Convs {
		out := []int{16, 16, 32, 32, 64, 64, 64, 64, 128, 128, 128, 128, 128}[i]
		if !slices.Equal(c.Weight.Shape(), []int{out, 3, 3, in}) || c.Bias.Len() != out {
			t.Errorf("%s: shapes %v, %v", c.Name, c.Weight.Shape(), c.Bias.Shape())
		}
		in = out
	}
	// The file's axes are (out, in, row, column).
	raw, err := npy.ReadFile(filepath.Join(dir, "conv3_2.weight.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Convs[5].Weight.At(7, 2, 1, 33), raw.At(7, 33, 2, 1); got != want {
		t.Errorf("conv3_2: weight (7,2,1,33) is %v, want %v", got, want)
	}
}

// copyFolder copies testdata/folder, with a change to its manifest, to a new
// folder.
func copyFolder(t testing.TB, change func(m map[string]any)) string {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/folder")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	if text, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, manifestName), text)
	return dir
}

func writeFile(t testing.TB, path string, data []byte) {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// npyFile returns a tensor as the contents of a .npy file.
func npyFile(t testing.TB, a *tensor.Tensor) []byte {
	var b bytes.Buffer
	if err := npy.Write(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replace puts a tensor in place of a file of a folder and corrects its sum.
func replace(t testing.TB, dir, file string, a *tensor.Tensor) {
	data := npyFile(t, a)
	writeFile(t, filepath.Join(dir, file), data)
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	m.SHA256[file] = hex.EncodeToString(sum[:])
	if text, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, manifestName), text)
}

func TestLoadBadTensors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		file   string
		tensor *tensor.Tensor
		want   string
	}{
		{"conv1_2.weight.npy", tensor.New(2, 5, 3, 3), "conv1_2.weight.npy: shape [2 5 3 3], want [out 4 3 3]"},
		{"conv1_1.weight.npy", tensor.New(4, 4, 3, 3), "conv1_1.weight.npy: shape [4 4 3 3], want [out 3 3 3]"},
		{"conv1_2.weight.npy", tensor.New(2, 4, 5, 3), "conv1_2.weight.npy: shape [2 4 5 3], want [out 4 3 3]"},
		{"conv1_2.weight.npy", tensor.New(2, 4, 9), "conv1_2.weight.npy: shape [2 4 9], want [out 4 3 3]"},
		{"conv1_2.weight.npy", tensor.New(0, 4, 3, 3), "conv1_2.weight.npy: shape [0 4 3 3], want [out 4 3 3]"},
		{"conv1_2.weight.npy", tensor.New(7, 4, 3, 3), "conv1_2.bias.npy: shape [2], want [7]"},
		{"conv2_1.bias.npy", tensor.New(3, 1), "conv2_1.bias.npy: shape [3 1], want [3]"},
		{"conv2_1.bias.npy", tensor.New(4), "conv2_1.bias.npy: shape [4], want [3]"},
		{"conv2_1.bias.npy", tensor.FromSlice([]float32{1, nan, 2}, 3), "conv2_1.bias holds NaN, number 1 of 3"},
		{"conv1_2.weight.npy", tensor.Full(inf, 2, 4, 3, 3), "conv1_2.weight holds -Inf, number 0 of 72"},
	} {
		dir := copyFolder(t, func(map[string]any) {})
		replace(t, dir, c.file, c.tensor)
		expectError(t, c.want, dir, dir, c.want)
	}
}

// expectError checks that loading path fails with a message that begins with
// the path and contains want.
func expectError(t *testing.T, what, path, prefix, want string) {
	t.Helper()
	w, err := Load(path)
	if err == nil {
		t.Errorf("%s: loaded %v, want an error", what, w.Layers())
		return
	}
	if !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %q, want %q", what, err, want)
	}
}

func TestLoadDamagedFolder(t *testing.T) {
	none := func(map[string]any) {}
	for _, c := range []struct {
		name   string
		damage func(dir string) error
		want   string
	}{
		{"no manifest", func(dir string) error { return os.Remove(dir + "/manifest.json") }, "no manifest.json in this folder"},
		{"no file", func(dir string) error { return os.Remove(dir + "/conv1_2.bias.npy") }, "conv1_2.bias.npy is missing"},
		{"cut", func(dir string) error { return os.Truncate(dir+"/conv1_2.bias.npy", 131) },
			"conv1_2.bias.npy: header says shape (2,) of <f4, 8 bytes, but only 3 follow"},
		{"empty", func(dir string) error { return os.Truncate(dir+"/conv1_1.weight.npy", 0) }, "conv1_1.weight.npy: 0 bytes are too few"},
		{"longer", func(dir string) error { return os.Truncate(dir+"/conv1_2.bias.npy", 137) }, "conv1_2.bias.npy: header says shape (2,) of <f4, 8 bytes, but 9 follow"},
		{"other values", func(dir string) error {
			return os.WriteFile(dir+"/conv1_2.bias.npy", npyFile(t, tensor.New(2)), 0o644)
		}, "conv1_2.bias.npy: its sha256 is "},
		{"manifest cut", func(dir string) error { return os.Truncate(dir+"/manifest.json", 100) }, "manifest.json: the JSON ends too early"},
		{"huge manifest", func(dir string) error { return os.Truncate(dir+"/manifest.json", 2<<20) }, "manifest.json is larger than"},
		{"manifest is a folder", func(dir string) error {
			if err := os.Remove(dir + "/manifest.json"); err != nil {
				return err
			}
			return os.Mkdir(dir+"/manifest.json", 0o755)
		}, "manifest.json: not a regular file"},
	} {
		dir := copyFolder(t, none)
		if err := c.damage(dir); err != nil {
			t.Fatal(err)
		}
		expectError(t, c.name, dir, dir+": ", c.want)
	}
}

func TestLoadNeither(t *testing.T) {
	dir := t.TempDir()
	array := filepath.Join(dir, "array.npy")
	writeFile(t, array, npyFile(t, tensor.New(2)))
	for name, text := range map[string]string{"empty": "", "text": "hello", "short.npz": "PK\x03\x04", "short.npy": "\x93NUMPY\x01"} {
		writeFile(t, filepath.Join(dir, name), []byte(text))
	}
	for name, want := range map[string]string{
		"array.npy": "holds a single array",
		"empty":     "neither a weights folder nor",
		"text":      "neither a weights folder nor",
		"short.npz": "not a valid zip file",
		"short.npy": "too few for a .npy file",
	} {
		path := filepath.Join(dir, name)
		expectError(t, name, path, path+": ", want)
	}
	expectError(t, "missing", filepath.Join(dir, "missing"), "open "+filepath.Join(dir, "missing"), "no such file")
}

// archive writes a zip file with the given names and contents in turn.
func archive(t testing.TB, path string, members ...[2]string) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for _, m := range members {
		w, err := z.Create(m[0])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, m[1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}

// folderMembers returns the files of testdata/folder.
func folderMembers(t testing.TB) (members [][2]string) {
	entries, err := os.ReadDir("testdata/folder")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile("testdata/folder/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, [2]string{e.Name(), string(data)})
	}
	return members
}

func TestLoadArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.zip") // the name does not matter
	members := folderMembers(t)
	archive(t, path, members...)
	w, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := tiny(t, func(*Weights) {}); w.Hash() != want.Hash() || w.Name != "tiny" {
		t.Errorf("with a manifest inside: got %v, %v, %v", w.Name, w.Padding, w.Input)
	}
	is := func(name string) func([2]string) bool { return func(m [2]string) bool { return m[0] == name } }
	without := func(name string) [][2]string { return slices.DeleteFunc(slices.Clone(members), is(name)) }
	plain := without(manifestName)
	bias := members[0][1] // of conv1_1
	for _, c := range []struct {
		name    string
		members [][2]string
		want    string
	}{
		{"a file missing", without("conv2_1.weight.npy"), "conv2_1.weight.npy is missing"},
		{"twice", append(slices.Clone(members), members[0]), `"conv1_1.bias.npy" appears twice`},
		{"nothing known", [][2]string{{"data.pkl", "x"}}, "a zip archive without conv1_1.weight.npy"},
		{"a gap", append(plain, [2]string{"conv3_1.bias.npy", ""}), "conv3_1 stands where conv2_2 should be"},
		{"wrong sum", append(without("conv1_1.bias.npy"), [2]string{"conv1_1.bias.npy", bias[:len(bias)-4] + "\x00\x00\x00\x00"}), "conv1_1.bias.npy: its sha256 is"},
	} {
		archive(t, path, c.members...)
		expectError(t, c.name, path, path+": ", c.want)
	}
}

func FuzzLoadArchive(f *testing.F) {
	plain, err := os.ReadFile("testdata/tiny.npz")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	path := filepath.Join(f.TempDir(), "w.npz")
	archive(f, path, folderMembers(f)...)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := npy.NewZipReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if w, err := loadArchive(z); err == nil {
			if err := checkLayers(w.Layers()); err != nil {
				t.Error(err)
			}
		}
	})
}
