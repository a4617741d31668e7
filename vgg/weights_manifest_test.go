package vgg

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestManifestErrors(t *testing.T) {
	input := func(m map[string]any) map[string]any { return m["input"].(map[string]any) }
	sums := func(m map[string]any) map[string]any { return m["sha256"].(map[string]any) }
	for _, c := range []struct {
		name   string
		change func(m map[string]any)
		want   string
	}{
		{"network", func(m map[string]any) { m["network"] = "vgg16" }, `"network" is "vgg16", want "vgg19"`},
		{"no network", func(m map[string]any) { delete(m, "network") }, `"network" is "", want "vgg19"`},
		{"no layers", func(m map[string]any) { delete(m, "layers") }, `"layers" is missing`},
		{"zero layers", func(m map[string]any) { m["layers"] = []string{} }, `"layers": no layers; at least conv1_1`},
		{"unknown layer", func(m map[string]any) { m["layers"] = []string{"conv1_1", "conv9_1"} },
			`"layers": unknown layer "conv9_1": the layers are conv1_1, conv1_2, conv2_1,`},
		{"escaping layer", func(m map[string]any) { m["layers"] = []string{"../conv1_1"} }, `unknown layer "../conv1_1"`},
		{"order", func(m map[string]any) { m["layers"] = []string{"conv1_2", "conv1_1"} }, "conv1_2 stands where conv1_1 should be"},
		{"gap", func(m map[string]any) { m["layers"] = []string{"conv1_1", "conv2_1"} }, "conv2_1 stands where conv1_2 should be"},
		{"twice", func(m map[string]any) { m["layers"] = []string{"conv1_1", "conv1_1"} }, "conv1_1 stands where conv1_2 should be"},
		{"17 layers", func(m map[string]any) { m["layers"] = append(LayerNames(), "conv5_4") }, "conv5_4 stands where the end of the list should be"},
		{"padding", func(m map[string]any) { m["padding"] = "same" }, `"padding" is "same", want "zero", "reflect" or "replicate"`},
		{"no padding", func(m map[string]any) { delete(m, "padding") }, `"padding" is ""`},
		{"no input", func(m map[string]any) { delete(m, "input") }, `"input" is missing`},
		{"channels", func(m map[string]any) { input(m)["channels"] = "rgb" }, `"channels" is "rgb", want "RGB" or "BGR"`},
		{"scale", func(m map[string]any) { input(m)["scale"] = 2 }, `"scale" is 2, want 1 or 255`},
		{"no scale", func(m map[string]any) { delete(input(m), "scale") }, `"scale" is 0, want 1 or 255`},
		{"mean", func(m map[string]any) { input(m)["mean"] = []int{1, 2} }, `"mean" has 2 numbers, want 3`},
		{"no std", func(m map[string]any) { delete(input(m), "std") }, `"std" has 0 numbers, want 3`},
		{"std 0", func(m map[string]any) { input(m)["std"] = []int{1, 0, 1} }, `"std" is [1 0 1], want 3 numbers above 0`},
		{"mean no number", func(m map[string]any) { input(m)["mean"] = []any{1, 2, "x"} }, "cannot unmarshal string"},
		{"mean too large", func(m map[string]any) { input(m)["mean"] = []any{1, 2, 1e300} }, "cannot unmarshal number 1e+300"},
		{"unknown key", func(m map[string]any) { m["colour"] = 1 }, `unknown field "colour"`},
		{"unknown key inside", func(m map[string]any) { input(m)["colour"] = 1 }, `unknown field "colour"`},
		{"no sums", func(m map[string]any) { delete(m, "sha256") }, `"sha256": conv1_1.weight.npy is missing`},
		{"one sum missing", func(m map[string]any) { delete(sums(m), "conv2_1.bias.npy") }, `"sha256": conv2_1.bias.npy is missing`},
		{"sum too short", func(m map[string]any) { sums(m)["conv2_1.bias.npy"] = "abc" }, `the sum of conv2_1.bias.npy is "abc", want 64`},
		{"sum of something else", func(m map[string]any) { sums(m)["../../etc/passwd"] = strings.Repeat("0", 64) }, `"../../etc/passwd" is not a file of a VGG19`},
	} {
		dir := copyFolder(t, c.change)
		expectError(t, c.name, dir, dir+": manifest.json: ", c.want)
	}
}

// A network may be cut short by shortening the list of layers.
func TestManifestShortened(t *testing.T) {
	w, err := Load(copyFolder(t, func(m map[string]any) { m["layers"] = []string{"conv1_1", "conv1_2"} }))
	if err != nil || len(w.Convs) != 2 {
		t.Errorf("got %v, %v", w, err)
	}
}

func FuzzManifest(f *testing.F) {
	text, err := os.ReadFile("testdata/folder/manifest.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"network": "vgg19", "layers": []} {}`))
	f.Add([]byte(`{"network": "vgg19", "layers": ["conv1_1"], "padding": "zero", "input": {"channels": "RGB", "scale": 1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err != nil {
			return
		}
		// What was accepted is accepted again, and means the same.
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		n, err := parseManifest(again)
		if err != nil {
			t.Fatalf("%s was accepted, but not %s: %v", text, again, err)
		}
		if v, w := m.weights(), n.weights(); v.Padding != w.Padding || v.Input != w.Input || v.Name != w.Name {
			t.Fatalf("%s means %v, but %s %v", text, v, again, w)
		}
		for _, layer := range m.Layers {
			for _, file := range files(layer) {
				if strings.ContainsAny(file, `/\`) || len(m.SHA256[file]) != 64 {
					t.Fatalf("%s: file %q, sum %q", text, file, m.SHA256[file])
				}
			}
		}
	})
}
