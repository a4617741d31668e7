package nst

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Costs says what makes a good picture:
//
//	J(G) = Alpha J_content(C,G) + Beta sum_l lambda_l J_style_l(S,G) + TV J_tv(G) + Range (Alpha+Beta) J_range(G)
//
// The zero value means the defaults that its fields name.
type Costs struct {
	// Alpha and Beta weigh content against style; neither may be negative.
	// Both zero means 10 and 40.
	Alpha, Beta float64
	// TV weighs the total variation of the picture, the mean over its pixels of the
	// length of the gradient, in grey levels (autodiff.TotalVariation). 1 to 10 smooth;
	// 0 leaves it out.
	TV float64
	// Range weighs what is outside of 0..255, which no picture can show: the mean
	// squared distance of the values to this range. It is 0 for every picture that
	// was read from a file. 0 means 0.1, and below 0 leaves it out. The factor
	// Alpha+Beta has it that a hundred times both is the same as before.
	Range float64
	// ContentLayers names the layers at which G is compared with C; their
	// costs are multiplied by their weights and added up. Empty means conv4_2
	// with weight 1.
	ContentLayers []Layer
	// RelativeContent divides the sum of squared differences by that of C's activations
	// from their mean, in place of four times their number: by its natural scale, which
	// differs between layers, networks and pictures. A weight then means the same for all.
	RelativeContent bool
	// SelfSimilarity is the weight of the self-similarity of each content layer, beside
	// the content cost of 1: of G's layout, whatever it is painted in. 0 leaves it out. See
	// Objective.
	SelfSimilarity float64
	// StyleLayers names the layers at which the styles of G and S are
	// compared, with their weights lambda, which are divided by their sum. Among them,
	// as among ContentLayers, may be vgg.Picture: the picture itself, whose style is its
	// colours.
	// Empty means conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1 with 0.2 each.
	StyleLayers []Layer
	// StyleCost is what is compared of two styles; nil means Gram{}.
	StyleCost StyleCost
	// StyleSizes is the number of sizes at which style is compared: with 3, of G and S as
	// they are, of both at half size and at a quarter; J_style_l is the mean. Large
	// shapes of the style, which the layers do not see at full size, thereby count as much
	// as strokes. Sizes that are too small for the layers are left out. 0 means 1.
	StyleSizes int
	// NormalizeGradients scales the gradient that the content cost, or the style
	// cost, of a layer has with respect to the activations there: the absolute
	// values of its elements add up to Alpha or Beta times the layer's weight.
	// Each layer then counts for what its weight says, whatever the size of
	// its cost, but what Evaluate returns is no longer the gradient of the cost.
	// Adam can go by it; L-BFGS, which compares costs along a line, cannot, and
	// Transfer returns an error. It is the option of this name in Johnson's
	// "neural-style" (2015). The total variation and the range are left as they are.
	NormalizeGradients bool
}

// Layer is a layer of the network with its weight in a cost.
type Layer struct {
	Name   string
	Weight float64 // not negative
}

// errNormalizedLBFGS is the error for an optimiser that compares costs, where
// gradients are not those of a cost.
var errNormalizedLBFGS = errors.New("normalised gradients are those of no cost, and L-BFGS has to compare costs; use Adam with them")

// Check returns an error that says what is wrong with the costs, or nil. Whether
// a network has the layers is checked by NewObjective.
func (c Costs) Check() error {
	_, err := c.resolved()
	return err
}

// withDefaults returns the costs with defaults filled in.
func (c Costs) withDefaults() Costs {
	if c.Alpha == 0 && c.Beta == 0 {
		c.Alpha, c.Beta = 10, 40
	}
	if c.Range == 0 {
		c.Range = 0.1
	}
	if c.StyleCost == nil {
		c.StyleCost = Gram{}
	}
	c.StyleSizes = max(c.StyleSizes, 1)
	if len(c.ContentLayers) == 0 {
		c.ContentLayers = []Layer{{"conv4_2", 1}}
	}
	if len(c.StyleLayers) == 0 {
		for _, name := range []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"} {
			c.StyleLayers = append(c.StyleLayers, Layer{name, 1})
		}
	}
	return c
}

// resolved returns the costs with defaults filled in and the weights of the style
// layers divided by their sum, or an error that says what is wrong. Costs are
// resolved only once: the quotients need not add up to exactly 1, and to divide
// them again could change their last bits.
func (c Costs) resolved() (Costs, error) {
	for _, v := range []struct {
		name  string
		value float64
	}{{"alpha", c.Alpha}, {"beta", c.Beta}, {"tv", c.TV}, {"range", max(c.Range, 0)}, {"self-similarity", c.SelfSimilarity}} {
		if !(v.value >= 0) || math.IsInf(v.value, 1) {
			return c, fmt.Errorf("%s is %v, but must be a number not below 0", v.name, v.value)
		}
	}
	c = c.withDefaults()
	if _, err := sumOfWeights("content", c.ContentLayers); err != nil {
		return c, err
	}
	sum, err := sumOfWeights("style", c.StyleLayers)
	if err != nil {
		return c, err
	}
	normalised := make([]Layer, len(c.StyleLayers))
	for i, l := range c.StyleLayers {
		normalised[i] = Layer{l.Name, l.Weight / sum}
	}
	c.StyleLayers = normalised
	return c, nil
}

// sumOfWeights returns the sum of the layers' weights, or an error that says
// what is wrong with them.
func sumOfWeights(kind string, layers []Layer) (float64, error) {
	seen := make(map[string]bool)
	sum := 0.0
	for _, l := range layers {
		if seen[l.Name] {
			return 0, fmt.Errorf("%s layer %s is named twice", kind, l.Name)
		}
		seen[l.Name] = true
		if !(l.Weight >= 0) {
			return 0, fmt.Errorf("%s layer %s has weight %v, but weights must not be negative", kind, l.Name, l.Weight)
		}
		sum += l.Weight
	}
	if sum == 0 || math.IsInf(sum, 0) {
		return 0, fmt.Errorf("the weights of the %s layers add up to %v, but at least one must be above 0 and all finite", kind, sum)
	}
	return sum, nil
}

// Layers returns the names of all layers of the costs, content first, each
// once.
func (c Costs) Layers() []string {
	c = c.withDefaults()
	names := layerNames(c.ContentLayers)
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
	// ContentLayers are the parts of J_content, in the order of Costs.ContentLayers and
	// not yet multiplied by the weights of the layers. Each is with its self-similarity.
	ContentLayers []LayerCost
	// Regions are the style costs, sum of lambda_l J_style_l, of the styles with
	// a content mask, each in its region, and of those without, blended, at the
	// place of the first of these. Multiplied by the shares of the style cost
	// that the regions have, they add up to Style.
	Regions []float64
	TV      float64 // J_tv
	Range   float64 // J_range
}

// LayerCost is the style or content cost of one layer.
type LayerCost struct {
	Name  string
	Value float64 // not yet multiplied by the weight of the layer
}
