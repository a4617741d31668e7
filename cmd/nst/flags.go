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
	return checkThreads(f.Threads)
}

// maxThreads is more than any machine has cores; Go takes memory for each thread.
const maxThreads = 1024

// checkThreads returns an error if --threads makes no sense.
func checkThreads(n int) error {
	if n < 0 || n > maxThreads {
		return fmt.Errorf("--threads is %d, but must be from 1 to %d, or 0 for all cores", n, maxThreads)
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
		if f.weights, err = vgg.Load(f.Weights); err != nil {
			err = fmt.Errorf("--weights: %w", err)
		}
	}
	return err
}

// costFlags choose the cost.
type costFlags struct {
	Alpha              float64    `default:"10" help:"Weight of the content."`
	Beta               float64    `default:"40" help:"Weight of the style."`
	TV                 float64    `name:"tv" default:"0" help:"Weight of the total variation: more is smoother."`
	Range              float64    `default:"0.1" help:"Weight of values outside of what a picture can show, 0..255, in units of alpha + beta; 0 lets them stray and clips them when saved (${default})."`
	ContentLayers      layerFlags `default:"conv4_2" placeholder:"NAME[=WEIGHT],..." help:"Layers that compare the content, with weights (${default})."`
	StyleLayers        layerFlags `default:"conv1_1,conv2_1,conv3_1,conv4_1,conv5_1" placeholder:"NAME[=WEIGHT],..." help:"Layers that compare the style, with weights that are divided by their sum (${default})."`
	StyleCost          string     `enum:"gram,mean-std,wasserstein" default:"gram" help:"What is compared of two styles: ${enum}. The last two are on another scale: try --beta from 4 to 40."`
	NormalizeGradients bool       `help:"Let each layer pull with a strength of its weight, whatever its cost, as in neural-style. Takes --optimizer adam."`
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *costFlags) Validate() error {
	for _, v := range []struct {
		flag  string
		value float64
	}{{"--alpha", f.Alpha}, {"--beta", f.Beta}, {"--tv", f.TV}, {"--range", f.Range}} {
		if !(v.value >= 0) || math.IsInf(v.value, 1) {
			return fmt.Errorf("%s is %v, but must be a number not below 0", v.flag, v.value)
		}
	}
	if f.Alpha == 0 && f.Beta == 0 {
		return errors.New("--alpha and --beta are both 0, which leaves nothing to paint; give at least one above 0")
	}
	known := vgg.LayerNames()
	for _, v := range []struct {
		flag  string
		costs nst.Costs
	}{{"--content-layers", nst.Costs{ContentLayers: f.ContentLayers}}, {"--style-layers", nst.Costs{StyleLayers: f.StyleLayers}}} {
		for _, l := range slices.Concat(v.costs.ContentLayers, v.costs.StyleLayers) {
			if !slices.Contains(known, l.Name) {
				return fmt.Errorf("%s: unknown layer %q; the layers are %s", v.flag, l.Name, strings.Join(known, ", "))
			}
		}
		if err := v.costs.Check(); err != nil {
			return fmt.Errorf("%s: %w", v.flag, err)
		}
	}
	return nil
}

func (f *costFlags) costs() nst.Costs {
	costs := nst.Costs{
		Alpha: f.Alpha, Beta: f.Beta, TV: f.TV, Range: f.Range,
		ContentLayers: f.ContentLayers, StyleLayers: f.StyleLayers,
		StyleCost:          styleCosts[f.StyleCost],
		NormalizeGradients: f.NormalizeGradients,
	}
	if f.Range == 0 {
		costs.Range = -1 // to the engine, 0 means the default
	}
	return costs
}

// styleCosts are the values of --style-cost.
var styleCosts = map[string]nst.StyleCost{
	"gram": nst.Gram{}, "mean-std": nst.MeanStd{}, "wasserstein": nst.Wasserstein{},
}

// layerFlags is the value of --content-layers and --style-layers.
type layerFlags []nst.Layer

// UnmarshalText parses "conv1_1=0.5,conv2_1=1"; a weight that is left out is 1.
func (f *layerFlags) UnmarshalText(text []byte) error {
	*f = nil
	for item := range strings.SplitSeq(string(text), ",") {
		name, number, given := strings.Cut(strings.TrimSpace(item), "=")
		if name == "" {
			return fmt.Errorf("%q: the name of a layer is missing; write for example conv1_1=0.5,conv2_1=1", text)
		}
		weight := 1.0
		if given {
			var err error
			if weight, err = strconv.ParseFloat(number, 64); err != nil {
				return fmt.Errorf("%q: the weight %q is not a number; write for example conv1_1=0.5,conv2_1=1", item, number)
			}
		}
		*f = append(*f, nst.Layer{Name: name, Weight: weight})
	}
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (f layerFlags) MarshalText() ([]byte, error) {
	var items []string
	for _, l := range f {
		items = append(items, l.Name+"="+strconv.FormatFloat(l.Weight, 'g', -1, 64))
	}
	return []byte(strings.Join(items, ",")), nil
}
