package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// networkFlags choose the network and the cores it runs on.
type networkFlags struct {
	Weights string `placeholder:"PATH" help:"VGG19 weights: a folder with manifest.json, a TensorFlow vgg19.npy, or an .npz. Without it a small network that is built in paints, distilled from a VGG19."`
	Pooling string `enum:"max,avg" default:"max" help:"What a pooling takes of four values: the largest (max, as VGG19 was trained) or the mean (avg)."`
	Threads int    `default:"0" placeholder:"N" help:"Cores to use; 0 means all. The picture is the same to the bit for any number."`

	weights *vgg.Weights // once they have been read
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *networkFlags) Validate() error {
	if f.Threads < 0 {
		return fmt.Errorf("--threads is %d, but must be 1 or more, or 0 for all cores", f.Threads)
	}
	return nil
}

// network applies --threads and returns the network.
func (f *networkFlags) network() (*vgg.Network, error) {
	if f.Threads > 0 {
		runtime.GOMAXPROCS(f.Threads)
	}
	if err := f.loadWeights(); err != nil {
		return nil, err
	}
	pooling := vgg.MaxPooling
	if f.Pooling == "avg" {
		pooling = vgg.AvgPooling
	}
	return vgg.New(f.weights, pooling), nil
}

// loadWeights reads the weights, unless that has been done.
func (f *networkFlags) loadWeights() (err error) {
	switch {
	case f.weights != nil:
	case f.Weights == "":
		f.weights = distilled.Weights()
	default:
		f.weights, err = vgg.Load(f.Weights)
	}
	return err
}

// costFlags choose the cost.
type costFlags struct {
	Alpha         float64    `default:"10" help:"Weight of the content."`
	Beta          float64    `default:"40" help:"Weight of the style."`
	TV            float64    `name:"tv" default:"0" help:"Weight of the total variation: more is smoother."`
	ContentLayers []string   `default:"conv4_2" placeholder:"NAME,..." help:"Layers that compare the content (${default})."`
	StyleLayers   styleFlags `default:"conv1_1,conv2_1,conv3_1,conv4_1,conv5_1" placeholder:"NAME[=WEIGHT],..." help:"Layers that compare the style, with weights that are divided by their sum (${default})."`
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *costFlags) Validate() error {
	for _, v := range []struct {
		flag  string
		value float64
	}{{"--alpha", f.Alpha}, {"--beta", f.Beta}, {"--tv", f.TV}} {
		if !(v.value >= 0) || math.IsInf(v.value, 1) {
			return fmt.Errorf("%s is %v, but must be a number not below 0", v.flag, v.value)
		}
	}
	if f.Alpha == 0 && f.Beta == 0 {
		return errors.New("--alpha and --beta are both 0, which leaves nothing to paint; give at least one above 0")
	}
	known := vgg.LayerNames()
	names := slices.Clone(f.ContentLayers)
	for _, l := range f.StyleLayers {
		names = append(names, l.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown layer %q; the layers are %s", name, strings.Join(known, ", "))
		}
	}
	if err := f.costs().Check(); err != nil {
		return fmt.Errorf("--content-layers, --style-layers: %w", err)
	}
	return nil
}

func (f *costFlags) costs() nst.Costs {
	return nst.Costs{
		Alpha: f.Alpha, Beta: f.Beta, TV: f.TV,
		ContentLayers: f.ContentLayers, StyleLayers: f.StyleLayers,
	}
}

// styleFlags is the value of --style-layers.
type styleFlags []nst.StyleLayer

// UnmarshalText parses "conv1_1=0.5,conv2_1=1"; a weight that is left out is 1.
func (f *styleFlags) UnmarshalText(text []byte) error {
	*f = nil
	for item := range strings.SplitSeq(string(text), ",") {
		name, number, given := strings.Cut(strings.TrimSpace(item), "=")
		weight := 1.0
		if given {
			var err error
			if weight, err = strconv.ParseFloat(number, 64); err != nil {
				return fmt.Errorf("%q: the weight %q is not a number; write for example conv1_1=0.5,conv2_1=1", item, number)
			}
		}
		*f = append(*f, nst.StyleLayer{Name: name, Weight: weight})
	}
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (f styleFlags) MarshalText() ([]byte, error) {
	var items []string
	for _, l := range f {
		items = append(items, l.Name+"="+strconv.FormatFloat(l.Weight, 'g', -1, 64))
	}
	return []byte(strings.Join(items, ",")), nil
}
