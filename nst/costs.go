package nst

import (
	"fmt"
	"math"
	"slices"
)

// Costs says what makes a good picture:
//
//	J(G) = Alpha J_content(C,G) + Beta sum_l lambda_l J_style_l(S,G) + TV J_tv(G)
//
// The zero value means the defaults that its fields name.
type Costs struct {
	// Alpha and Beta weigh content against style; neither may be negative.
	// Both zero means 10 and 40.
	Alpha, Beta float64
	// TV weighs the total variation of the picture, in 0..255 squared; 0
	// leaves it out.
	TV float64
	// ContentLayers names the layers at which G is compared with C; their
	// costs are added up. Empty means conv4_2.
	ContentLayers []string
	// StyleLayers names the layers at which the Gram matrices of G and S are
	// compared, with their weights lambda, which are divided by their sum.
	// Empty means conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1 with 0.2 each.
	StyleLayers []StyleLayer
}

// StyleLayer is a layer of the network with its weight in the style cost.
type StyleLayer struct {
	Name   string
	Weight float64 // not negative
}

// Check returns an error that says what is wrong with the costs, or nil. Whether
// a network has the layers is checked by NewObjective.
func (c Costs) Check() error {
	_, err := c.withDefaults()
	return err
}

// withDefaults returns the costs with defaults filled in and the weights of
// the style layers normalised, or an error that says what is wrong.
func (c Costs) withDefaults() (Costs, error) {
	for name, v := range map[string]float64{"alpha": c.Alpha, "beta": c.Beta, "tv": c.TV} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return c, fmt.Errorf("%s is %v, but must be a number not below 0", name, v)
		}
	}
	if c.Alpha == 0 && c.Beta == 0 {
		c.Alpha, c.Beta = 10, 40
	}
	if len(c.ContentLayers) == 0 {
		c.ContentLayers = []string{"conv4_2"}
	}
	if len(c.StyleLayers) == 0 {
		for _, name := range []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"} {
			c.StyleLayers = append(c.StyleLayers, StyleLayer{name, 1})
		}
	}
	seen := make(map[string]bool)
	for _, name := range c.ContentLayers {
		if seen[name] {
			return c, fmt.Errorf("content layer %s is named twice", name)
		}
		seen[name] = true
	}
	clear(seen)
	sum := 0.0
	for _, l := range c.StyleLayers {
		if seen[l.Name] {
			return c, fmt.Errorf("style layer %s is named twice", l.Name)
		}
		seen[l.Name] = true
		if !(l.Weight >= 0) {
			return c, fmt.Errorf("style layer %s has weight %v, but weights must not be negative", l.Name, l.Weight)
		}
		sum += l.Weight
	}
	if sum == 0 || math.IsInf(sum, 0) {
		return c, fmt.Errorf("the weights of the style layers add up to %v, but at least one must be above 0 and all finite", sum)
	}
	normalised := make([]StyleLayer, len(c.StyleLayers))
	for i, l := range c.StyleLayers {
		normalised[i] = StyleLayer{l.Name, l.Weight / sum}
	}
	c.StyleLayers = normalised
	return c, nil
}

// Layers returns the names of all layers of the costs, content first, each
// once.
func (c Costs) Layers() []string {
	c, _ = c.withDefaults()
	return c.layers()
}

// layers is Layers for costs that have their defaults.
func (c Costs) layers() []string {
	names := slices.Clone(c.ContentLayers)
	for _, l := range c.StyleLayers {
		if !slices.Contains(names, l.Name) {
			names = append(names, l.Name)
		}
	}
	return names
}

// Cost is the value of the objective at a picture, term by term.
type Cost struct {
	Total   float64     // J
	Content float64     // J_content
	Style   float64     // sum of lambda_l J_style_l
	Layers  []LayerCost // J_style_l, in the order of Costs.StyleLayers
	TV      float64     // J_tv
}

// LayerCost is the style cost of one layer.
type LayerCost struct {
	Name  string
	Value float64 // J_style_l, not yet multiplied by lambda_l
}
