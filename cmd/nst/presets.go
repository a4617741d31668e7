package main

import (
	"maps"
	"slices"
	"strings"
)

// presets are sets of flags that go together, by name.
var presets = map[string]map[string]any{
	// Every window stays where it is; only the touch of the brush changes.
	"faithful": {
		"beta": "0.5", "init": "content", "content-layers": "conv3_2,conv4_2",
	},
	// Strokes as broad as the style's, as far as the drawing stays readable.
	"painterly": {
		"beta": "200", "init": "content", "content-layers": "conv4_2",
	},
	// The style, with a memory of where things were.
	"abstract": {
		"beta": "1", "init": "noise", "content-layers": "conv4_2",
	},
}

func presetNames() string { return strings.Join(slices.Sorted(maps.Keys(presets)), ",") }
