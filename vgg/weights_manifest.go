package vgg

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg/internal/foreign"
)

// A manifest is the file manifest.json of a weights folder. docs/weights.md
// describes it.
type manifest struct {
	Network string            `json:"network"`
	Name    string            `json:"name,omitempty"`
	Layers  []string          `json:"layers"`
	Padding string            `json:"padding"`
	Input   *manifestInput    `json:"input"`
	License string            `json:"license,omitempty"`
	Source  string            `json:"source,omitempty"`
	Trained *Training         `json:"trained,omitempty"`
	SHA256  map[string]string `json:"sha256"`
}

type manifestInput struct {
	Channels string    `json:"channels"`
	Scale    float32   `json:"scale"`
	Mean     []float32 `json:"mean"`
	Std      []float32 `json:"std"`
}

// parseManifest reads a manifest and checks everything in it that can be
// checked without the tensors.
func parseManifest(text []byte) (*manifest, error) {
	if depth(text) > maxDepth {
		return nil, fmt.Errorf("more than %d objects and lists inside each other", maxDepth)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	m := new(manifest)
	if err := d.Decode(m); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, errors.New("the JSON ends too early")
		}
		return nil, errors.New(foreign.Message(strings.TrimPrefix(err.Error(), "json: ")))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more text follows the JSON object")
	}
	if m.Network != "vgg19" {
		return nil, fmt.Errorf(`"network" is %s, want "vgg19"`, foreign.Quote(m.Network))
	}
	if m.Layers == nil {
		return nil, errors.New(`"layers" is missing: the names of the convolutions, in order`)
	}
	if err := checkLayers(m.Layers); err != nil {
		return nil, fmt.Errorf(`"layers": %w`, err)
	}
	if _, err := parsePadding(m.Padding); err != nil {
		return nil, err
	}
	if err := m.Input.check(); err != nil {
		return nil, err
	}
	// Programs print the name.
	control := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	if strings.ContainsFunc(m.Name, control) || len(m.Name) > maxName {
		return nil, fmt.Errorf(`"name" is %s, want at most %d bytes without control characters`, foreign.Quote(m.Name), maxName)
	}
	return m, m.checkSums()
}

// maxName bounds the length of a network's name, in bytes.
const maxName = 200

// maxDepth bounds how deep a manifest's objects and lists are inside each other;
// those that a manifest may have need 3.
const maxDepth = 8

// depth returns how many objects and lists are inside each other in a JSON text.
func depth(text []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

func parsePadding(name string) (tensor.PadMode, error) {
	for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
		if name == mode.String() {
			return mode, nil
		}
	}
	return 0, fmt.Errorf(`"padding" is %s, want "zero", "reflect" or "replicate"`, foreign.Quote(name))
}

func (in *manifestInput) check() error {
	if in == nil {
		return errors.New(`"input" is missing: an object with channels, scale, mean and std`)
	}
	if in.Channels != "RGB" && in.Channels != "BGR" {
		return fmt.Errorf(`"input": "channels" is %s, want "RGB" or "BGR"`, foreign.Quote(in.Channels))
	}
	if in.Scale != 1 && in.Scale != 255 {
		return fmt.Errorf(`"input": "scale" is %v, want 1 or 255`, in.Scale)
	}
	if len(in.Mean) != 3 {
		return fmt.Errorf(`"input": "mean" has %d numbers, want 3`, len(in.Mean))
	}
	if len(in.Std) != 3 {
		return fmt.Errorf(`"input": "std" has %d numbers, want 3`, len(in.Std))
	}
	if slices.Min(in.Std) <= 0 {
		return fmt.Errorf(`"input": "std" is %v, want 3 numbers above 0`, in.Std)
	}
	return nil
}

// checkSums checks that there is a well-formed sum for each file needed and
// none for a file that no VGG19 has. One for a layer that is not listed does
// no harm: someone shortened the list.
func (m *manifest) checkSums() error {
	for _, name := range m.Layers {
		for _, file := range files(name) {
			if m.SHA256[file] == "" {
				return fmt.Errorf(`"sha256": %s is missing`, file)
			}
		}
	}
	for _, file := range slices.Sorted(maps.Keys(m.SHA256)) { // in order, so that the message is the same every time
		sum := m.SHA256[file]
		layer, _, _ := strings.Cut(file, ".")
		if !slices.Contains(layerNames, layer) || !slices.Contains(files(layer), file) {
			return fmt.Errorf(`"sha256": %s is not a file of a VGG19, such as %s`, foreign.Quote(file), files("conv1_1")[0])
		}
		if len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "" {
			return fmt.Errorf(`"sha256": the sum of %s is %s, want 64 lower-case hexadecimal digits`, file, foreign.Quote(sum))
		}
	}
	return nil
}

// files returns the names of the files of a layer: weight and bias. As they
// are made from names of VGG19's layers alone, none can lead out of a folder.
func files(layer string) []string { return []string{layer + ".weight.npy", layer + ".bias.npy"} }

// weights returns weights that hold what the manifest says, and no layers yet.
func (m *manifest) weights() *Weights {
	padding, _ := parsePadding(m.Padding) // checked by parseManifest
	in := Input{m.Input.Channels, m.Input.Scale, [3]float32(m.Input.Mean), [3]float32(m.Input.Std)}
	return &Weights{Name: m.Name, License: m.License, Source: m.Source, Trained: m.Trained, Padding: padding, Input: in}
}
