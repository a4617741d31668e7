package painting

import (
	"cmp"
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
	return cmp.Or(
		c.ContentLayers.check("--content-layers", nst.Costs{ContentLayers: c.ContentLayers}),
		c.StyleLayers.check("--style-layers", nst.Costs{StyleLayers: c.StyleLayers}),
	)
}

// Engine returns the costs that the options stand for.
func (c *Costs) Engine() nst.Costs {
	return nst.Costs{
		Alpha: c.Alpha, Beta: c.Beta, TV: c.TV,
		Range:         cmp.Or(c.Range, -1), // in the engine, 0 means the default
		ContentLayers: c.ContentLayers, StyleLayers: c.StyleLayers,
		StyleCost: StyleCosts[c.StyleCost],
	}
}

// Layers are layers with weights, written "conv1_1=0.5,conv2_1"; a weight that is
// left out is 1.
type Layers []nst.Layer

// check returns an error unless these are layers that the costs can be made of.
func (l Layers) check(flag string, costs nst.Costs) error {
	if len(l) == 0 {
		return fmt.Errorf("%s is empty; name at least one layer", flag)
	}
	known := vgg.LayerNames()
	for _, layer := range l {
		if !slices.Contains(known, layer.Name) {
			return fmt.Errorf("%s: unknown layer %q; the layers are %s", flag, layer.Name, strings.Join(known, ", "))
		}
	}
	if err := costs.Check(); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

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
