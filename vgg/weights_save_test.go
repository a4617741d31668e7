package vgg

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// Recorded runs name their weights by this hash, so it must not change.
func TestHash(t *testing.T) {
	hash := func(change func(*Weights)) string { return tiny(t, change).Hash() }
	same := hash(func(w *Weights) {})
	want, err := os.ReadFile("testdata/hash.txt")
	if err != nil {
		t.Fatal(err)
	}
	if same != strings.TrimSpace(string(want)) {
		t.Errorf("hash %s, want %s", same, want)
	}
	if got := hash(func(w *Weights) { w.Name, w.License, w.Source = "a", "b", "c" }); got != same {
		t.Error("the hash depends on the name")
	}
	for what, change := range map[string]func(*Weights){
		"a weight": func(w *Weights) { w.Convs[1].Weight.Data()[7]++ },
		"a bias":   func(w *Weights) { w.Convs[2].Bias.Data()[1]++ },
		"a layer":  func(w *Weights) { w.Convs = w.Convs[:2] },
		"padding":  func(w *Weights) { w.Padding = tensor.PadZero },
		"scale":    func(w *Weights) { w.Input.Scale = 255 },
		"mean":     func(w *Weights) { w.Input.Mean[2] = 0 },
		"channels": func(w *Weights) { w.Input.Channels = "BGR" },
	} {
		if hash(change) == same {
			t.Errorf("the hash does not depend on %s", what)
		}
	}
	a, errA := Load("testdata/tiny.npz")
	b, errB := Load("testdata/pickle_python2.npy")
	if errA != nil || errB != nil || a.Hash() != b.Hash() {
		t.Error("the hash depends on the format of the file", errA, errB)
	}
}

func TestWriteFolder(t *testing.T) {
	want := tiny(t, func(*Weights) {})
	for name, write := range map[string]func(io.Writer, *tensor.Tensor) error{"float32": npy.Write, "float16": npy.WriteFloat16} {
		dir := filepath.Join(t.TempDir(), name)
		if err := want.WriteFolder(dir, write); err != nil {
			t.Fatal(err)
		}
		got, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got.Hash() != want.Hash() || got.Name != want.Name || got.License != want.License || got.Source != want.Source {
			t.Errorf("%s: loaded %v, wrote %v", name, got, want)
		}
		if err := want.WriteFolder(dir, write); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("writing to a folder that exists: %v", err)
		}
	}
	// Nothing is left of a folder that fails.
	parent := t.TempDir()
	for what, change := range map[string]func(*Weights){
		"too large for float16": func(w *Weights) { w.Convs[1].Bias.Data()[0] = 1e6 },
		"not complete":          func(w *Weights) { w.Input.Channels = "CMY" },
	} {
		err := tiny(t, change).WriteFolder(filepath.Join(parent, "w"), npy.WriteFloat16)
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want %q", err, what)
		}
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
