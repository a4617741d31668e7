package vgg

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// Weights are the trained numbers of a VGG19, or of a network of the same
// topology with other widths, as far as its convolutions go, together with what
// must be known to use them.
type Weights struct {
	Name    string
	License string
	Source  string
	Trained *Training      // how the weights were made, if that is known
	Convs   []Conv         // conv1_1 and those that follow it, without gaps
	Padding tensor.PadMode // what a convolution finds outside the picture
	Input   Input
}

// Training says how weights were distilled from those of a teacher, in enough
// detail to do it again.
type Training struct {
	Command        string             `json:"command"`
	Teacher        string             `json:"teacher"` // name and origin
	TeacherLicense string             `json:"teacher_license"`
	Pictures       int                `json:"pictures"` // that it learned from
	Seed           uint64             `json:"seed"`
	Steps          int                `json:"steps"`
	Hours          float64            `json:"hours"`
	Errors         map[string]float64 `json:"held_out_errors"` // by layer: squared, relative to the teacher's activations
}

// A Conv holds the weights of one 3x3 convolution.
type Conv struct {
	Name   string
	Weight *tensor.Tensor // (Cout, 3, 3, Cin)
	Bias   *tensor.Tensor // (Cout)
}

// Input says which numbers the network was trained on. A picture of values v
// between 0 and 1 is fed as (v*Scale - Mean[c]) / Std[c], its channels c in
// the order of Channels.
type Input struct {
	Channels  string // "RGB" or "BGR"
	Scale     float32
	Mean, Std [3]float32
}

// CaffeInput is the convention of the original VGG networks, trained with
// Caffe: BGR, 0 to 255, less the mean colour of ImageNet's pictures
// (Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale
// Image Recognition, 2015, section 2.1).
func CaffeInput() Input {
	return Input{
		Channels: "BGR", Scale: 255,
		Mean: [3]float32{103.939, 116.779, 123.68},
		Std:  [3]float32{1, 1, 1},
	}
}

// Layers returns the names of the convolutions present, in order.
func (w *Weights) Layers() []string {
	names := make([]string, len(w.Convs))
	for i, c := range w.Convs {
		names[i] = c.Name
	}
	return names
}

// Hash returns the SHA-256, in hexadecimal, of everything that has an influence
// on the network's features: names, shapes and values of the tensors, padding
// and input convention. It does not depend on the format of the file.
func (w *Weights) Hash() string {
	h := sha256.New()
	fmt.Fprintln(h, w.Padding, w.Input)
	for _, c := range w.Convs {
		fmt.Fprintln(h, c.Name)
		for _, t := range []*tensor.Tensor{c.Weight, c.Bias} {
			if err := npy.Write(h, t); err != nil {
				panic(fmt.Sprintf("vgg: Hash: %s: %v", c.Name, err)) // a hash takes any bytes
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A layout is the order in which a file keeps the axes of a weight: axis i of
// (out, row, column, in) is axis axes[i] of the file's array.
type layout struct {
	text string // with %d for the number of input channels
	axes [4]int
}

var (
	oihw = layout{"[out %d 3 3]", [4]int{0, 2, 3, 1}} // PyTorch and Caffe
	hwio = layout{"[3 3 %d out]", [4]int{3, 0, 1, 2}} // TensorFlow
)

// A network may have twice as many filters as VGG19 in each layer, and twice as
// many weights and biases, of which that has 20,024,384. Otherwise a small
// compressed file could ask for any amount of memory, for itself or for the
// activations of its layers.
const (
	maxWidening = 2
	maxNumbers  = 2 * 20_024_384
)

// An array reads an array of a file, unless check, which is called with its shape
// before memory is taken for it, returns an error.
type array func(check func(shape []int) error) (*tensor.Tensor, error)

// add reads the next convolution and appends it, after checking that it fits the
// one before. The weight has the file's layout and is copied; the bias is kept.
func (w *Weights) add(name string, weight, bias array, l layout) error {
	in, left := 3, maxNumbers
	for _, c := range w.Convs {
		in = c.Bias.Len()
		left -= c.Weight.Len() + in
	}
	var shape []int // (out, row, column, in)
	fileWeight, err := weight(func(s []int) (err error) {
		shape, err = l.check(s, in, maxWidening*widths()[len(w.Convs)], left)
		return err
	})
	if err != nil {
		return err
	}
	out := shape[0]
	biases, err := bias(func(s []int) error {
		if !slices.Equal(s, []int{out}) {
			return fmt.Errorf("shape %s, want [%d], as many as the weight has outputs", shapeText(s), out)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := cmp.Or(finite(name+".weight", fileWeight), finite(name+".bias", biases)); err != nil {
		return err
	}
	channelsLast := tensor.New(shape...)
	tensor.Transpose(channelsLast, fileWeight, l.axes[:]...)
	w.Convs = append(w.Convs, Conv{name, channelsLast, biases})
	return nil
}

// check returns the shape (out, row, column, in) of a file's array, or an error
// unless it is that of a weight of in channels and at most most filters, whose
// numbers, biases included, are at most left.
func (l layout) check(file []int, in, most, left int) ([]int, error) {
	shape := make([]int, 4)
	if len(file) == 4 {
		for i, axis := range l.axes {
			shape[i] = file[axis]
		}
	}
	if shape[0] <= 0 || !slices.Equal(shape[1:], []int{3, 3, in}) {
		return nil, fmt.Errorf("shape %s, want "+l.text, shapeText(file), in)
	}
	if shape[0] > most {
		return nil, fmt.Errorf("shape %s: %d filters are more than twice those of VGG19, at most %d are read", shapeText(file), shape[0], most)
	}
	if shape[0] > left/(9*in+1) {
		return nil, fmt.Errorf("shape %s: the network has more than twice as many weights as VGG19", shapeText(file))
	}
	return shape, nil
}

// finite returns an error if t holds a NaN or an infinity.
func finite(name string, t *tensor.Tensor) error {
	for i, v := range t.Data() {
		if v-v != 0 { // only those two have a difference to themselves
			return fmt.Errorf("%s holds %v, number %d of %d; weights must be finite", name, v, i, t.Len())
		}
	}
	return nil
}
