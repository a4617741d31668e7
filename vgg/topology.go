package vgg

import "slices"

// blocks is the table of VGG19 (configuration E of Simonyan and Zisserman,
// "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR
// 2015, table 1): the number of 3x3 convolutions in each block and their
// width. A ReLU follows every convolution and a 2x2 pooling every block.
var blocks = [...]struct{ convs, width int }{{2, 64}, {2, 128}, {4, 256}, {4, 512}, {4, 512}}

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
