package painting

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/vgg"
)

// StyleCosts are the values of --style-cost. A new style cost needs one more line here.
var StyleCosts = map[string]nst.StyleCost{
	"gram":        nst.Gram{},
	"mean-std":    nst.MeanStd{},
	"wasserstein": nst.Wasserstein{},
}

// Check returns an error for costs that make no sense together, or layers that do not
// exist.
func (c *Costs) Check() error {
	if c.Alpha == 0 && c.Beta == 0 {
		return errors.New("--alpha and --beta are both 0, which leaves nothing to paint; give at least one above 0")
	}
	if _, ok := StyleCosts[c.StyleCost]; !ok {
		return fmt.Errorf("--style-cost must be one of %s but got %q", list(StyleCosts), c.StyleCost)
	}
	known := vgg.LayerNames()
	for _, l := range []struct {
		flag   string
		layers Layers
		costs  nst.Costs
	}{{"--content-layers", c.ContentLayers, nst.Costs{ContentLayers: c.ContentLayers}}, {"--style-layers", c.StyleLayers, nst.Costs{StyleLayers: c.StyleLayers}}} {
		if len(l.layers) == 0 {
			return fmt.Errorf("%s is empty; name at least one layer", l.flag)
		}
		for _, layer := range l.layers {
			if !slices.Contains(known, layer.Name) {
				return fmt.Errorf("%s: unknown layer %q; the layers are %s", l.flag, layer.Name, strings.Join(known, ", "))
			}
		}
		if err := l.costs.Check(); err != nil {
			return fmt.Errorf("%s: %w", l.flag, err)
		}
	}
	return nil
}

// Engine returns the costs that the options stand for.
func (c *Costs) Engine() nst.Costs {
	costs := nst.Costs{
		Alpha: c.Alpha, Beta: c.Beta, TV: c.TV, Range: c.Range,
		ContentLayers: c.ContentLayers, StyleLayers: c.StyleLayers,
		StyleCost: StyleCosts[c.StyleCost],
	}
	if c.Range == 0 {
		costs.Range = -1 // in the engine, 0 means the default
	}
	return costs
}

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
