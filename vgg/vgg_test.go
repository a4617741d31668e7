package vgg

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// fullLast is the deepest layer of VGG19.
const fullLast = "conv5_4"

func TestFeatureShapes(t *testing.T) {
	net := New(Random(8, 1), MaxPooling)
	tape := autodiff.NewTape()
	want := map[string][]int{
		"conv1_1": {1, 50, 37, 8},
		"conv2_2": {1, 25, 18, 16},
		"conv3_4": {1, 12, 9, 32},
		"conv4_2": {1, 6, 4, 64},
		fullLast:  {1, 3, 2, 64},
	}
	layers := []string{"conv4_2", "conv1_1", fullLast, "conv3_4", "conv2_2"}
	for i, f := range net.Features(tape.Constant(tensor.Full(100, 1, 50, 37, 3)), layers) {
		if !slices.Equal(f.Shape(), want[layers[i]]) {
			t.Errorf("%s has shape %v, want %v", layers[i], f.Shape(), want[layers[i]])
		}
		for _, v := range f.Value().Data() {
			if v < 0 {
				t.Fatalf("%s holds %v: the activations after ReLU are wanted", layers[i], v)
			}
		}
	}
}

// TestInputConvention checks that one network, stored for RGB in 0..1 and for
// BGR in 0..255, gives the same features.
func TestInputConvention(t *testing.T) {
	rgb := Random(16, 3)
	rgb.Input = Input{Channels: "RGB", Scale: 1, Mean: [3]float32{0.5, 0.4, 0.3}, Std: [3]float32{0.25, 0.2, 0.5}}
	bgr := Random(16, 3)
	bgr.Input = Input{Channels: "BGR", Scale: 255, Mean: [3]float32{0.3 * 255, 0.4 * 255, 0.5 * 255}, Std: [3]float32{0.5 * 255, 0.2 * 255, 0.25 * 255}}
	first := bgr.Convs[0].Weight
	for o := range first.Dim(0) {
		for tap := range 9 {
			r, b := first.At(o, tap/3, tap%3, 0), first.At(o, tap/3, tap%3, 2)
			first.Set(b, o, tap/3, tap%3, 0)
			first.Set(r, o, tap/3, tap%3, 2)
		}
	}
	picture := tensor.New(1, 16, 16, 3)
	for i := range picture.Data() {
		picture.Data()[i] = float32(i * 37 % 256)
	}
	features := func(w *Weights) *tensor.Tensor {
		return New(w, MaxPooling).Features(autodiff.NewTape().Constant(picture), []string{"conv2_1"})[0].Value()
	}
	a, b := features(rgb), features(bgr)
	if d := tensor.SquaredDistance(a, b); d > 1e-10*tensor.SquaredNorm(a) {
		t.Errorf("the features differ, squared distance %v", d)
	}
	if first.At(0, 0, 0, 0) != bgr.Convs[0].Weight.At(0, 0, 0, 0) {
		t.Error("New changed the weights it was given")
	}
}

func TestPoolingIsUsed(t *testing.T) {
	w := Random(16, 1)
	picture := tensor.New(1, 16, 16, 3)
	for i := range picture.Data() {
		picture.Data()[i] = float32(i * 37 % 256)
	}
	at := func(p Pooling) float64 {
		return tensor.Sum(New(w, p).Features(autodiff.NewTape().Constant(picture), []string{"conv2_1"})[0].Value())
	}
	if m, a := at(MaxPooling), at(AvgPooling); !(m > a) {
		t.Errorf("activations add up to %v after max pooling and %v after average pooling, want more after max", m, a)
	}
}

func TestStopsAtTheDeepestLayer(t *testing.T) {
	w := Random(16, 1)
	w.Convs = w.Convs[:3] // conv1_1, conv1_2, conv2_1
	net := New(w, MaxPooling)
	if got := net.Layers(); !slices.Equal(got, []string{"conv1_1", "conv1_2", "conv2_1"}) {
		t.Errorf("layers %v", got)
	}
	f := net.Features(autodiff.NewTape().Constant(tensor.Full(1, 1, 4, 4, 3)), []string{"conv2_1"})
	if !slices.Equal(f[0].Shape(), []int{1, 2, 2, 8}) {
		t.Errorf("conv2_1 has shape %v", f[0].Shape())
	}
	err := net.Check([]string{"conv3_1"}, 100, 100)
	if err == nil || !strings.Contains(err.Error(), "layer conv3_1 is beyond the end of this network, whose layers are conv1_1, conv1_2, conv2_1") {
		t.Errorf("error %v", err)
	}
}

// TestSmallestPicture paints at the least size that Check allows and is
// refused one pixel below it.
func TestSmallestPicture(t *testing.T) {
	for _, c := range []struct {
		padding tensor.PadMode
		layer   string
		least   int
	}{
		{tensor.PadReflect, "conv1_1", 2}, {tensor.PadZero, "conv1_1", 1},
		{tensor.PadReflect, "conv4_2", 16}, {tensor.PadReplicate, "conv4_2", 8},
		{tensor.PadReflect, "conv5_1", 32}, {tensor.PadZero, "conv5_4", 16},
	} {
		w := Random(16, 1)
		w.Padding = c.padding
		net := New(w, MaxPooling)
		net.Features(autodiff.NewTape().Constant(tensor.New(1, c.least, c.least+3, 3)), []string{c.layer})
		if err := net.Check([]string{c.layer}, c.least+3, c.least-1); err == nil {
			t.Errorf("%s with %v padding: no error one pixel below %d", c.layer, c.padding, c.least)
		}
	}
}

func TestRandomIsReproducible(t *testing.T) {
	first, again := Random(16, 1).Hash(), Random(16, 1).Hash()
	if first != again {
		t.Error("two networks of one seed differ")
	}
	if first == Random(16, 2).Hash() {
		t.Error("two seeds give one network")
	}
}

// TestFLOP counts VGG19 to conv5_1 by hand: per pixel of the picture 0.722
// million operations.
func TestFLOP(t *testing.T) {
	net := New(Random(1, 1), MaxPooling)
	want := 2 * 9 * 256 * 256 * (3*64 + 64*64 + (64*128+128*128)/4. + (128*256+3*256*256)/16. + (256*512+3*512*512)/64. + 512*512/256.)
	if got := net.FLOP(256, 256, []string{"conv4_2", "conv5_1"}); got != want {
		t.Errorf("FLOP = %v, want %v", got, want)
	}
}

// TestSize: sizes of layers are those of their activations, odd ones rounded
// down at each pooling.
func TestSize(t *testing.T) {
	net := New(Random(32, 1), MaxPooling)
	for layer, want := range map[string][2]int{"conv1_1": {47, 61}, "conv1_2": {47, 61}, "conv2_1": {23, 30}, "conv3_4": {11, 15}, "conv5_1": {2, 3}} {
		if h, w := net.Size(layer, 47, 61); h != want[0] || w != want[1] {
			t.Errorf("%s of a picture of 47x61 has %dx%d positions, want %v", layer, h, w, want)
		}
	}
}

// TestChannels: a quarter of VGG19's.
func TestChannels(t *testing.T) {
	net := New(Random(4, 1), MaxPooling)
	for name, want := range map[string]int{"conv1_1": 16, "conv2_2": 32, "conv3_1": 64, "conv5_4": 128} {
		if got := net.Channels(name); got != want {
			t.Errorf("%s has %d channels, want %d", name, got, want)
		}
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, `vgg: Channels: unknown layer "conv6_1"`) {
			t.Errorf("an unknown layer panics with %q", got)
		}
	}()
	net.Channels("conv6_1")
}

// TestPicture: the picture itself is a layer like the others, whose values are as they were
// given.
func TestPicture(t *testing.T) {
	net := New(Random(8, 1), MaxPooling)
	x := autodiff.NewTape().Constant(tensor.Full(100, 1, 5, 7, 3))
	features := net.Features(x, []string{"conv1_1", Picture, "conv2_1"})
	if len(features) != 3 || features[1] != x || features[0].Shape()[3] != 8 || features[2].Shape()[3] != 16 {
		t.Errorf("%d features, want conv1_1, the picture and conv2_1", len(features))
	}
	var visited []string
	net.Visit(x, []string{"conv1_2", Picture}, func(name string, a *autodiff.Var) {
		visited = append(visited, name)
		if name == Picture && a != x {
			t.Error("what is visited as the picture is not the picture")
		}
	})
	if !slices.Equal(visited, []string{Picture, "conv1_2"}) {
		t.Errorf("visited %v, want the picture and conv1_2", visited)
	}
	net.Visit(x, []string{Picture}, func(string, *autodiff.Var) { visited = nil })
	if visited != nil {
		t.Error("the picture alone is not visited")
	}
	if err := net.Check([]string{Picture}, 0, 7); err == nil || !strings.Contains(err.Error(), "7x0 pixels is too small for layer rgb") {
		t.Errorf("a picture without a row: %v", err)
	}
	height, width := net.Size(Picture, 5, 7)
	if err := net.Check([]string{Picture}, 1, 1); err != nil || height != 5 || width != 7 || net.Channels(Picture) != 3 {
		t.Errorf("the picture of 7x5 pixels is %dx%d with %d channels, error %v", width, height, net.Channels(Picture), err)
	}
}
