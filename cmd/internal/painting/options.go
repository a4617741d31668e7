package painting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/demo"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
)

// Options are what decides on the look of the result, besides the pictures. Only the
// number of threads and what is refused do not.
type Options struct {
	Size        int `json:"size" default:"512" min:"1" placeholder:"PIXELS" group:"Pictures in and out:" help:"Longest side of the result (${size=512}). Styles are scaled to the same size; see --style-scale."`
	Costs       `group:"What is painted:"`
	Color       string `json:"color" enum:"style,content,match" default:"style" group:"Style and colour:" help:"Colours of the result: the style's (style); the content's, and only lightness is painted (content); or the style's, recoloured to the content's mean and covariance first (match)."`
	Reading     `group:"Pictures in and out:"`
	StyleSizing `group:"Style and colour:"`
	Start       `group:"How it is painted:"`
	Method      `group:"How it is painted:"`
	Network     `group:"Network:"`
}

// Costs are the options of the cost. The defaults are those of StyleCost sliced; others
// have their own, see defaultsOf.
type Costs struct {
	Alpha          float64 `json:"alpha" default:"1" min:"0" help:"Weight of the content. Default: 1 with --style-cost sliced, 10 with others."`
	Beta           float64 `json:"beta" default:"40" min:"0" help:"Weight of the style (${default})."`
	Strength       float64 `json:"strength" default:"50" min:"0" max:"100" placeholder:"0-100" help:"How much style, 0 to 100 (${default}). Every 25 more multiplies --beta by 10."`
	TV             float64 `json:"tv" name:"tv" default:"0.05" min:"0" help:"Weight of the total variation, which smooths the picture and keeps edges. Default: 0.05 with --style-cost sliced, 0 with others, for which 1 to 10 is a useful range."`
	Range          float64 `json:"range" default:"0.1" min:"0" help:"Penalty for values outside 0..255, relative to alpha + beta (${default}); 0 turns it off. Such values are clipped when saved; pictures read from files have none."`
	ContentLayers  Layers  `json:"content-layers" default:"conv3_2,conv4_2" placeholder:"NAME[=WEIGHT],..." help:"Layers that compare the content, with weights. Default: conv3_2,conv4_2 with --style-cost sliced, conv4_2 with others."`
	ContentCost    string  `json:"content-cost" enum:"relative,absolute" default:"relative" help:"Squared differences of activations, relative to the variance of the content's, or absolute. Default: relative with --style-cost sliced, absolute with others."`
	SelfSimilarity float64 `json:"self-similarity" default:"2" min:"0" help:"Weight of the self-similarity, relative to the content cost: which places look alike. Default: 2 with --style-cost sliced, 0 with others."`
	StyleLayers    Layers  `json:"style-layers" default:"rgb=3,conv1_1=3,conv2_1=3,conv3_1=2,conv4_1=1.5,conv5_1=1" placeholder:"NAME[=WEIGHT],..." help:"Layers that compare the style, with weights that are divided by their sum; rgb is the picture itself, for its colours. Default: rgb=3,conv1_1=3,conv2_1=3,conv3_1=2,conv4_1=1.5,conv5_1=1 with --style-cost sliced, equal weights with others."`
	StyleSizes     int     `json:"style-sizes" default:"3" min:"1" max:"8" placeholder:"N" help:"Number of sizes at which style is compared: full size, half, a quarter and so on. Default: 3 with --style-cost sliced, 1 with others."`
	StyleCost      string  `json:"style-cost" enum:"${style_costs}" default:"sliced" help:"Style statistics to compare: ${enum}. gram is the classical cost of Gatys. Default: sliced, or gram in nst cost."`
}

// Reading is what a picture may take to be read. It has no influence on those that are.
type Reading struct {
	MaxDecode int `json:"max-decode,omitempty" default:"1024" min:"1" max:"1073741824" placeholder:"MIB" help:"Most memory for decoding a picture, in MiB (${default}). A picture that would take more is refused before it is decoded."`
}

func (r Reading) limit() picture.Limit { return picture.Limit(r.MaxDecode) << 20 }

// nameLimit adds the flag to the error of a picture that is too large.
func nameLimit(err error) error {
	if large, ok := errors.AsType[*picture.TooLarge](err); ok {
		return fmt.Errorf("%w, or give --max-decode %d if there is that much memory", err, memory.MiB(large.Bytes))
	}
	return err
}

// StyleSizing are the options of the size of styles.
type StyleSizing struct {
	StyleScale float64 `json:"style-scale" default:"1" above:"0" placeholder:"FACTOR" help:"Size of the style pictures relative to the content (${default}); smaller gives finer strokes."`
	StyleSize  int     `json:"style-size" default:"0" min:"0" placeholder:"PIXELS" help:"Longest side of the style pictures, in place of --style-scale."`
}

// Start are the options of the picture to start from.
type Start struct {
	Init      string  `json:"init" default:"content" placeholder:"PICTURE" help:"Picture to start from: content, style, noise, grey, or a file, which is scaled to the content's size (${default})."`
	InitNoise float64 `json:"init-noise" needs:"init!=noise" default:"0" min:"0" max:"1" placeholder:"SHARE" help:"Share of noise in the start, 0 to 1 (${default})."`
	Seed      uint64  `json:"seed" needs:"init=noise|init-noise" default:"0" placeholder:"N" help:"Seed of the noise (${default})."`
}

// Starts are the values of --init that are no files.
var Starts = []string{"content", "style", "noise", "grey"}

// Method are the options of the optimiser and its scales. The bounds are beyond what
// any run needs, and keep out what does not fit into memory or a number.
type Method struct {
	Iterations         int     `json:"iterations" default:"100" min:"1" max:"100000000" placeholder:"N" help:"Optimiser steps at full size. Default: 100 with --style-cost sliced, 50 of them for the demo; 350 with others."`
	CoarseShare        float64 `json:"coarse-share" needs:"scales!=1" default:"0.33" above:"0" max:"10" placeholder:"SHARE" help:"Steps at each smaller scale, as a share of --iterations. Default: 0.33 with --style-cost sliced, 0.1 with others."`
	Scales             int     `json:"scales" default:"0" min:"0" placeholder:"N" help:"Number of scales, coarse to fine, each larger than the one before by the square root of 2; 1 is full size only, 0 as many as --min-size allows."`
	MinSize            int     `json:"min-size" needs:"scales!=1" default:"128" min:"1" placeholder:"PIXELS" help:"Longest side of the smallest scale, at least (${default})."`
	Margin             int     `json:"margin" default:"16" min:"0" max:"1000" placeholder:"PIXELS" help:"Width of the margin that is painted around the picture and cut off at the end (${default}). It keeps odd colours away from the edges; 0 turns it off."`
	Optimizer          string  `json:"optimizer" enum:"lbfgs,adam" default:"lbfgs" help:"Method: ${enum}."`
	History            int     `json:"history" needs:"optimizer=lbfgs" default:"20" min:"1" max:"1000" placeholder:"N" help:"Steps that L-BFGS remembers, 24 bytes per pixel each (${default})."`
	LearningRate       float64 `json:"learning-rate" needs:"optimizer=adam" default:"5" above:"0" placeholder:"LEVELS" help:"Length of Adam's steps, in levels of 0..255 (${default})."`
	AverageDecay       float64 `json:"average-decay" needs:"optimizer=adam" default:"0.9" min:"0" below:"1" placeholder:"SHARE" help:"Decay of the moving average of pictures that Adam returns (${default}); 0 returns the last picture."`
	NormalizeGradients bool    `json:"normalize-gradients" help:"Scale each layer's gradient to the layer's weight, whatever its cost, as neural-style does. Requires --optimizer adam."`
}

// Network are the options of the network and the cores it runs on.
type Network struct {
	Weights string `json:"weights,omitempty" placeholder:"PATH" help:"VGG19 weights: a folder with manifest.json, a TensorFlow vgg19.npy, or an .npz. Default: the built-in network, distilled from VGG19."`
	Pooling string `json:"pooling" enum:"max,avg" default:"max" help:"Pooling: max, as VGG19 was trained, or avg, the mean."`
	Cores
}

// Cores is the number of threads; no machine has as many cores as its bound, and Go
// takes memory for each thread.
type Cores struct {
	Threads int `json:"threads,omitempty" default:"0" min:"0" max:"1024" placeholder:"N" help:"Threads to use; 0 means one per core. Results are bit-identical for any number."`
}

// Format says how the picture is stored. The extension of its name decides the rest.
type Format struct {
	Quality int `json:"quality" needs:"out=*.jpg|out=*.jpeg" default:"95" min:"1" max:"100" placeholder:"1-100" help:"Quality of a JPEG (${default})."`
	Bits    int `json:"bits" default:"0" min:"0" max:"16" placeholder:"8|16" help:"Bits per channel, 8 or 16. Default: 16 in a TIFF, 8 elsewhere; a JPEG has 8 only."`
	DPI     int `json:"dpi" name:"dpi" default:"0" min:"0" max:"65535" placeholder:"N" help:"Resolution for print, in pixels per inch, stored in the file."`
}

// Picture returns the options with which package picture writes.
func (f Format) Picture() picture.Options {
	return picture.Options{Quality: f.Quality, Bits: f.Bits, DPI: f.DPI}
}

// Outputs are the files that a run writes; an empty name stands for none. They have
// no influence on the picture.
type Outputs struct {
	Out    string `json:"out,omitempty" short:"o" placeholder:"FILE" group:"Pictures in and out:" help:"Picture to write, .png, .jpg or .tiff. Default: CONTENT-STYLE.png in the current folder, or nst-demo.png for the demo; if that exists, CONTENT-STYLE-2.png and so on."`
	Record string `json:"record,omitempty" placeholder:"FILE.json" group:"Pictures in and out:" help:"Write the record of the run, from which nst again paints the same picture. A PNG holds it too."`
	Showing
	Frames     string `json:"frames,omitempty" placeholder:"DIR" group:"See it happen:" help:"Write frame-00000.png and so on into this folder, numbered by iteration. It must not contain frames."`
	Timelapse  string `json:"timelapse,omitempty" placeholder:"FILE.gif" group:"See it happen:" help:"Write the run as an animation: .gif, or .png or .apng in full colour."`
	FrameEvery int    `json:"frame-every,omitempty" needs:"frames" default:"10" min:"1" placeholder:"N" group:"See it happen:" help:"Iterations between frames (${default})."`
	Trace      string `json:"trace,omitempty" placeholder:"FILE.jsonl" group:"See it happen:" help:"Write the costs of every evaluation, one JSON object per line."`
	Plot       string `json:"plot,omitempty" placeholder:"FILE.png" group:"See it happen:" help:"Plot the costs against the evaluations."`
}

// Showing is the file that shows a run while it goes on.
type Showing struct {
	Preview string `json:"preview,omitempty" placeholder:"FILE.png" group:"See it happen:" help:"Write the picture so far, at most once a second, for a viewer that reloads the file."`
}

// StyleCosts are the values of --style-cost. A new style cost needs one more line here,
// and one in defaultsOf.
var StyleCosts = map[string]nst.StyleCost{
	"gram":        nst.Gram{},
	"mean-std":    nst.MeanStd{},
	"sliced":      nst.Sliced{},
	"wasserstein": nst.Wasserstein{},
}

// classic are the defaults of the classical costs: the formulas of docs/costs.md as they
// are.
var classic = Preset{
	"alpha": "10", "tv": "0", "content-layers": "conv4_2", "content-cost": "absolute", "self-similarity": "0",
	"style-layers": "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "style-sizes": "1", "iterations": "350", "coarse-share": "0.1",
}

// defaultsOf has the defaults that go with a style cost, where they are not those of the
// options.
var defaultsOf = map[string]Preset{"gram": classic, "mean-std": classic, "wasserstein": classic}

// Preset is a set of options that go together: their values as they would be typed.
type Preset map[string]string

// Presets are the values of --preset.
var Presets = map[string]Preset{
	// Every window stays where it is; only the brushwork changes.
	"faithful": {"strength": "35", "content-layers": "conv3_2=0.3,conv4_2"},
	// Thick strokes, larger than the style's own, which bend the drawing.
	"oil": {"strength": "60", "content-layers": "conv4_2", "style-scale": "1.6"},
	// Soft washes without a line.
	"watercolour": {"tv": "0.3", "style-layers": "rgb=4,conv1_1=2,conv2_1=2,conv3_1=2,conv4_1=1"},
	// The drawing in the style's lines and dots, without its larger shapes.
	"ink": {"strength": "55", "content-layers": "conv3_2", "style-layers": "rgb=4,conv1_1=6,conv2_1=4,conv3_1=1"},
	// Flat areas in the style's colours.
	"poster": {"tv": "0.6", "style-layers": "rgb=8,conv1_1=2,conv2_1=1,conv3_1=1,conv4_1=1"},
	// The style, with a memory of where things were.
	"abstract": {"strength": "40", "init": "noise", "self-similarity": "5"},
	// The method of Gatys, Ecker and Bethge.
	"classic": {"style-cost": "gram"},
}

// Demo is the preset of the demo, which has to be done in less than half a minute on two
// cores.
var Demo = Preset{"size": "400", "iterations": "50"}

// The built-in pictures of the demo, by the names that a job has for them. A file of
// such a name is ./builtin:lake.
const (
	DemoContent = "builtin:lake"
	DemoStyle   = "builtin:sun"
)

var builtIn = map[string][]byte{DemoContent: demo.Content, DemoStyle: demo.Style}

// Vars returns what the tags of options refer to as ${name}: lists of values, with
// commas between them.
func Vars() map[string]string {
	return map[string]string{"style_costs": list(StyleCosts), "presets": list(Presets)}
}

func list[V any](of map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(of)), ",") }

// Layers are layers with weights, written "conv1_1=0.5,conv2_1"; a weight that is
// left out is 1.
type Layers []nst.Layer

// UnmarshalText parses the text of layers.
func (l *Layers) UnmarshalText(text []byte) error {
	*l = nil
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
		*l = append(*l, nst.Layer{Name: name, Weight: weight})
	}
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (l Layers) MarshalText() ([]byte, error) {
	var items []string
	for _, layer := range l {
		items = append(items, layer.Name+"="+strconv.FormatFloat(layer.Weight, 'g', -1, 64))
	}
	return []byte(strings.Join(items, ",")), nil
}
