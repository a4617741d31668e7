// Package distilled holds the network that ships with Brushgrad: the topology of
// VGG19 up to conv5_1, with a quarter of its widths at the layers that style
// transfer compares, trained by cmd/distil. weights/manifest.json says how, and
// NOTICE whose work it rests on. It is a package of its own so that only those
// programs carry its 3 MB that use it.
package distilled

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/brushgrad/brushgrad/vgg"
)

//go:embed weights
var files embed.FS

// Weights returns the network's weights, a new copy each time.
func Weights() *vgg.Weights {
	folder, err := fs.Sub(files, "weights")
	if err != nil {
		panic(err) // "weights" is a valid path
	}
	w, err := vgg.LoadFS(folder)
	if err != nil {
		panic(fmt.Sprintf("distilled: the embedded weights: %v", err)) // damaged before it was compiled in
	}
	return w
}
