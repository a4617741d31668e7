package vgg

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// folderWith returns a copy of testdata/folder with another file, whose sum is
// right if there is a manifest.
func folderWith(t testing.TB, file string, data []byte) string {
	sum := sha256.Sum256(data)
	dir := copyFolder(t, func(m map[string]any) {
		if file != manifestName {
			m["sha256"].(map[string]any)[file] = hex.EncodeToString(sum[:])
		}
	})
	writeFile(t, filepath.Join(dir, file), data)
	return dir
}

func TestHostileFolders(t *testing.T) {
	for what, l := range arrayLies() {
		for _, file := range files("conv1_1") {
			data := append([]byte(l.text), make([]byte, min(l.zeros, 1<<20))...)
			expectRefusal(t, file+": "+what, folderWith(t, file, data))
		}
	}
	for what, text := range manifestLies() {
		expectRefusal(t, "manifest: "+what, folderWith(t, manifestName, []byte(text)))
	}
	// A file with a hole takes no room, and may say that it has any size.
	for what, size := range map[string]int64{"1 TiB": 1 << 40, "5 GB": 128 + 5_000_000_000} {
		for _, file := range []string{manifestName, "conv1_1.weight.npy", "conv1_2.bias.npy"} {
			dir := folderWith(t, file, []byte(npyText("'|u1'", "(5000000000,)", "")))
			if err := os.Truncate(filepath.Join(dir, file), size); err != nil {
				t.Logf("no file of %s here: %v", what, err)
				continue
			}
			expectRefusal(t, file+" of "+what, dir)
		}
	}
	for _, file := range []string{manifestName, "conv1_1.weight.npy"} {
		dir := folderWith(t, file, nil)
		expectRefusal(t, "empty "+file, dir)
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		expectRefusal(t, "no "+file, dir)
		if err := os.Mkdir(filepath.Join(dir, file), 0o777); err != nil {
			t.Fatal(err)
		}
		expectRefusal(t, file+" is a folder", dir)
	}
}

// FuzzFolder: whatever is in a manifest and a file, damage ends in an error of one
// short line.
func FuzzFolder(f *testing.F) {
	manifest, err := os.ReadFile("testdata/folder/manifest.json")
	if err != nil {
		f.Fatal(err)
	}
	weight, err := os.ReadFile("testdata/folder/conv1_1.weight.npy")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(manifest, weight)
	for _, l := range arrayLies() {
		f.Add(manifest, []byte(l.text))
	}
	for _, text := range manifestLies() {
		if len(text) < 5000 {
			f.Add([]byte(text), weight)
		}
	}
	others := fstest.MapFS{}
	for _, m := range folderMembers(f) {
		others[m[0]] = &fstest.MapFile{Data: []byte(m[1])}
	}
	f.Fuzz(func(t *testing.T, manifest, weight []byte) {
		folder := fstest.MapFS{}
		for name, file := range others {
			folder[name] = file
		}
		var m map[string]any
		if json.Unmarshal(manifest, &m) == nil {
			if sums, ok := m["sha256"].(map[string]any); ok {
				sum := sha256.Sum256(weight)
				sums["conv1_1.weight.npy"] = hex.EncodeToString(sum[:])
				if text, err := json.Marshal(m); err == nil {
					manifest = text
				}
			}
		}
		folder[manifestName] = &fstest.MapFile{Data: manifest}
		folder["conv1_1.weight.npy"] = &fstest.MapFile{Data: weight}
		w, err := LoadFS(folder)
		checkLoaded(t, "fuzzed", w, err)
	})
}

// checkLoaded checks weights for consistency, or the message of an error.
func checkLoaded(t *testing.T, what string, w *Weights, err error) {
	t.Helper()
	if err != nil {
		checkMessage(t, what, err.Error())
		return
	}
	if err := checkLayers(w.Layers()); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if strings.ContainsAny(w.Name, "\x1b\n") {
		t.Errorf("%s: a network named %q", what, w.Name)
	}
	in := 3
	for _, c := range w.Convs {
		if s := c.Weight.Shape(); len(s) != 4 || s[0] != c.Bias.Len() || s[1] != 3 || s[2] != 3 || s[3] != in {
			t.Errorf("%s: %s: %v, %v", what, c.Name, s, c.Bias.Shape())
		}
		in = c.Bias.Len()
	}
}
