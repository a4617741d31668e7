package vgg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/vgg/internal/foreign"
)

// blocks is the table of VGG19 (configuration E of Simonyan and Zisserman,
// "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR
// 2015, table 1): the number of 3x3 convolutions in each block and their
// width. A ReLU follows every convolution and a 2x2 pooling every block.
var blocks = [...]struct{ convs, width int }{{2, 64}, {2, 128}, {4, 256}, {4, 512}, {4, 512}}

// layerNames are VGG19's sixteen convolutions, conv1_1 to conv5_4, in order.
var layerNames = func() (names []string) {
	for b, block := range blocks {
		for i := range block.convs {
			names = append(names, fmt.Sprintf("conv%d_%d", b+1, i+1))
		}
	}
	return names
}()

// LayerNames returns the names of VGG19's sixteen convolutions, conv1_1 to
// conv5_4, in order.
func LayerNames() []string { return slices.Clone(layerNames) }

// endsBlock reports whether a pooling follows the layer with this index.
func endsBlock(layer int) bool {
	end := 0
	for _, block := range blocks {
		end += block.convs
		if layer == end-1 {
			return true
		}
	}
	return false
}

// EndsBlock reports whether VGG19 has a pooling behind the layer of this name.
func EndsBlock(name string) bool { return endsBlock(slices.Index(layerNames, name)) }

// widths returns the number of filters of each of the sixteen layers.
func widths() []int {
	var w []int
	for _, block := range blocks {
		w = append(w, slices.Repeat([]int{block.width}, block.convs)...)
	}
	return w
}

// unknownLayer is the error for a name that no layer of VGG19 has.
func unknownLayer(name string) error {
	return fmt.Errorf("unknown layer %s: the layers are %s", foreign.Quote(name), strings.Join(layerNames, ", "))
}

// checkLayers returns an error unless names are the first convolutions of
// VGG19, at least one, in order and without gaps.
func checkLayers(names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("no layers; at least %s is needed", layerNames[0])
	}
	for i, name := range names {
		if !slices.Contains(layerNames, name) {
			return unknownLayer(name)
		}
		want := "the end of the list"
		if i < len(layerNames) {
			want = layerNames[i]
		}
		if name != want {
			return fmt.Errorf("%s stands where %s should be: the layers must be those of VGG19, "+
				"in order and without gaps from %s on", name, want, layerNames[0])
		}
	}
	return nil
}
