// Package vgg is VGG19 as a source of features: its sixteen convolutions by
// name, conv1_1 to conv5_4, with weights from files, as far as the deepest
// layer that is asked for.
//
// What makes a network trained to name objects useful to a painter is that its
// layers describe a picture more and more abstractly: conv1_1 sees edges and
// colours, conv3_1 textures, conv5_1 parts of objects (Gatys, Ecker and
// Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR
// 2016). The three fully connected layers at its end are not needed and not
// loaded.
package vgg

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

// Pooling says how VGG19's 2x2 poolings summarise four values.
type Pooling int

const (
	MaxPooling Pooling = iota // the largest, as the network was trained
	AvgPooling                // the mean, which Gatys et al. (2016, section 2) found slightly more appealing
)

// Network computes features. It is frozen: its weights get no gradients. It is
// safe for concurrent use.
type Network struct {
	names   []string // of the convolutions
	convs   []*layers.Conv2D
	pooled  map[string]*layers.Conv2D // those with a max pooling behind them, with that
	stack   layers.Sequential         // normalisation, the convolutions and, between them, the poolings
	padding tensor.PadMode
}

// New returns the network with the given weights, which must not change
// afterwards.
func New(w *Weights, pooling Pooling) *Network {
	n := &Network{names: w.Layers(), pooled: make(map[string]*layers.Conv2D), padding: w.Padding}
	mean, std := make([]float32, 3), make([]float32, 3) // of the RGB channels of a 0..255 picture
	n.stack = append(n.stack, layers.Named{Name: "normalise", Layer: layers.Func(func(x *autodiff.Var) *autodiff.Var {
		return autodiff.Normalize(x, mean, std)
	})})
	for i, c := range w.Convs {
		conv := &layers.Conv2D{
			Weight: c.Weight, Bias: c.Bias, ReLU: true,
			Conv: tensor.Conv{Padding: tensor.PadAll(1, w.Padding)},
		}
		n.convs = append(n.convs, conv)
		n.stack = append(n.stack, layers.Named{Name: c.Name, Layer: conv})
		if endsBlock(i) {
			n.stack = append(n.stack, layers.Named{Name: "pool after " + c.Name, Layer: pooling.layer()})
		}
	}
	// (v/255*Scale - Mean) / Std for v in 0..255 is (v - mean) / std with both
	// constants brought to that range. A network that wants BGR becomes one for
	// RGB when the columns of its first filters change places.
	for c := range 3 {
		from := c
		if w.Input.Channels == "BGR" {
			from = 2 - c
		}
		mean[c] = w.Input.Mean[from] * 255 / w.Input.Scale
		std[c] = w.Input.Std[from] * 255 / w.Input.Scale
	}
	if w.Input.Channels == "BGR" {
		first := n.convs[0].Weight.Clone()
		for d := first.Data(); len(d) > 0; d = d[3:] {
			d[0], d[2] = d[2], d[0]
		}
		n.convs[0].Weight = first
	}
	for i, conv := range n.convs {
		if endsBlock(i) && pooling == MaxPooling {
			pooled := *conv
			pooled.MaxPool = true
			n.pooled[n.names[i]] = &pooled
		}
	}
	return n
}

// layers returns the layers with each max pooling as a part of the convolution
// before it, unless that is one of those named.
func (n *Network) layers(named []string) layers.Sequential {
	stack := make(layers.Sequential, 0, len(n.stack))
	for i := 0; i < len(n.stack); i++ {
		l := n.stack[i]
		if pooled := n.pooled[l.Name]; pooled != nil && !slices.Contains(named, l.Name) {
			l.Layer = pooled
			i++
		}
		stack = append(stack, l)
	}
	return stack
}

func (p Pooling) layer() layers.Layer {
	window := tensor.Pool{KH: 2, KW: 2}
	if p == AvgPooling {
		return layers.AvgPool2D(window)
	}
	return layers.MaxPool2D(window)
}

// Layers returns the names of the layers the network has, in order.
func (n *Network) Layers() []string { return slices.Clone(n.names) }

// Picture is the name of the picture itself among layers, its RGB values in 0..255: what a
// style cost compares there are colours.
const Picture = "rgb"

// withoutPicture returns the names but for that of the picture.
func withoutPicture(names []string) []string {
	if !slices.Contains(names, Picture) {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == Picture })
}

// Check returns an error if the network lacks one of the layers, or if a
// picture of the given height and width in pixels is too small for the deepest
// of them.
func (n *Network) Check(names []string, height, width int) error {
	deepest, err := n.deepest(names)
	if err != nil {
		return err
	}
	if least := n.minSize(deepest); min(height, width) < least {
		name := Picture
		if deepest >= 0 {
			name = n.names[deepest]
		}
		return fmt.Errorf("a picture of %dx%d pixels is too small for layer %s: both sides need at least %d", width, height, name, least)
	}
	return nil
}

// deepest returns the index of the deepest of the layers, -1 for the picture.
func (n *Network) deepest(names []string) (int, error) {
	deepest := -1
	for _, name := range names {
		if name == Picture {
			continue
		}
		i := slices.Index(n.names, name)
		if i < 0 && slices.Contains(layerNames, name) {
			return 0, fmt.Errorf("layer %s is beyond the end of this network, whose layers are %s", name, strings.Join(n.names, ", "))
		}
		if i < 0 {
			return 0, unknownLayer(name)
		}
		deepest = max(deepest, i)
	}
	return deepest, nil
}

// minSize returns the shortest side of a picture that reaches a layer: each
// pooling halves it, rounding down, and a reflecting border of one pixel needs
// two pixels to reflect.
func (n *Network) minSize(layer int) int {
	size := 1
	if n.padding == tensor.PadReflect && layer >= 0 {
		size = 2
	}
	for i := range layer {
		if endsBlock(i) {
			size *= 2
		}
	}
	return size
}

// Size returns the height and the width of the activations of a layer for a
// picture of the given height and width. It panics if the layer is unknown.
func (n *Network) Size(name string, height, width int) (h, w int) {
	layer, err := n.deepest([]string{name})
	if err != nil {
		panic("vgg: Size: " + err.Error())
	}
	for i := range layer {
		if endsBlock(i) {
			height, width = height/2, width/2
		}
	}
	return height, width
}

// Channels returns the number of channels of the activations of a layer. It
// panics if the layer is unknown.
func (n *Network) Channels(name string) int {
	layer, err := n.deepest([]string{name})
	if err != nil {
		panic("vgg: Channels: " + err.Error())
	}
	if layer < 0 {
		return 3
	}
	return n.convs[layer].Weight.Dim(0)
}

// Features returns the activations (1,H/s,W/s,C) of the named layers, after
// their ReLUs, or x itself by the name of Picture, for x, a picture (1,H,W,3) of RGB values in 0..255; s is the
// number of pixels that the poolings before a layer have made one, 1 to 16.
// Nothing behind the deepest layer is computed, and the other activations are
// released. Features panics where Check returns an error.
func (n *Network) Features(x *autodiff.Var, names []string) []*autodiff.Var {
	n.mustSuit("Features", x, names)
	inner := withoutPicture(names)
	features := n.layers(inner).Features(x, layers.Vars{}, inner...)
	for i, name := range names {
		if name == Picture {
			features = slices.Insert(features, i, x)
		}
	}
	return features
}

// Visit calls f with the activations that Features returns, in the order of the
// layers and each once. They are valid until f returns and not f's to release.
// An objective that is done with them by then takes less memory, see
// [layers.Sequential.Visit]. It panics where Check returns an error.
func (n *Network) Visit(x *autodiff.Var, names []string, f func(name string, a *autodiff.Var)) {
	n.mustSuit("Visit", x, names)
	inner := withoutPicture(names)
	if len(inner) < len(names) {
		f(Picture, x)
	}
	if len(inner) > 0 {
		n.layers(inner).Visit(x, layers.Vars{}, inner, f)
	}
}

// mustSuit panics if x is no picture, or Check returns an error.
func (n *Network) mustSuit(op string, x *autodiff.Var, names []string) {
	s := x.Shape()
	if len(s) != 4 || s[3] != 3 {
		panic(fmt.Sprintf("vgg: %s: wants pictures (N,H,W,3), not %v", op, s))
	}
	if err := n.Check(names, s[1], s[2]); err != nil {
		panic(fmt.Sprintf("vgg: %s: %v", op, err))
	}
}

// FLOP returns the number of floating-point operations, two for each
// multiply-add, that the convolutions up to the deepest of the layers take
// when computed directly, for one picture. It panics if a layer is unknown.
func (n *Network) FLOP(height, width int, names []string) float64 {
	deepest, err := n.deepest(names)
	if err != nil {
		panic("vgg: FLOP: " + err.Error())
	}
	total := 0.0
	for i, c := range n.convs[:deepest+1] {
		total += 2 * float64(height) * float64(width) * float64(c.Weight.Len())
		if endsBlock(i) {
			height, width = height/2, width/2
		}
	}
	return total
}
