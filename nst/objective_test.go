package nst_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

// golden is a case of testdata/costs.json, computed by PyTorch in float64.
type golden struct {
	Name          string             `json:"name"`
	Network       string             `json:"network"`
	Size          [2]int             `json:"size"`
	Styles        []goldenStyle      `json:"styles"`
	StyleCost     string             `json:"style_cost"`
	Normalize     bool               `json:"normalize_gradients"`
	Padding       string             `json:"padding"`
	Pooling       string             `json:"pooling"`
	Alpha         float64            `json:"alpha"`
	Beta          float64            `json:"beta"`
	TV            float64            `json:"tv"`
	ContentLayers map[string]float64 `json:"content_layers"`
	StyleLayers   map[string]float64 `json:"style_layers"`

	StyleSizes      int     `json:"style_sizes"`
	RelativeContent bool    `json:"relative_content"`
	SelfSimilarity  float64 `json:"self_similarity"`

	Total        float64            `json:"total"`
	Content      float64            `json:"content"`
	Style        map[string]float64 `json:"style"`
	Regions      []float64          `json:"regions"`
	TVValue      float64            `json:"tv_value"`
	GradientNorm float64            `json:"gradient_norm"`
}

// goldenStyle is a style of a case.
type goldenStyle struct {
	Size        [2]int  `json:"size"`
	Phase       float64 `json:"phase"`
	Weight      float64 `json:"weight"`
	ContentMask string  `json:"content_mask"`
	StyleMask   string  `json:"style_mask"`
}

func (g golden) styles() []nst.Style {
	var styles []nst.Style
	for _, s := range g.Styles {
		styles = append(styles, nst.Style{
			Picture: wave(s.Size[0], s.Size[1], s.Phase), Weight: s.Weight,
			ContentMask: maskPicture(g.Size[0], g.Size[1], s.ContentMask),
			StyleMask:   maskPicture(s.Size[0], s.Size[1], s.StyleMask),
		})
	}
	return styles
}

// maskPicture is the mask of make_goldens.py.
func maskPicture(height, width int, kind string) *tensor.Tensor {
	if kind == "" {
		return nil
	}
	m := tensor.New(1, height, width, 1)
	for i := range m.Data() {
		switch y, x := i/width, i%width; {
		case kind == "left":
			m.Data()[i] = float32(1 - float64(x)/float64(width-1))
		case y < height/2:
			m.Data()[i] = 1
		}
	}
	return m
}

// wave is the picture of make_goldens.py.
func wave(height, width int, phase float64) *tensor.Tensor {
	t := tensor.New(1, height, width, 3)
	for i := range t.Data() {
		y, x, c := i/3/width, i/3%width, i%3
		v := math.Sin(0.31*float64(c+1)*float64(x) + 0.17*float64(c+2)*float64(y) + phase)
		t.Data()[i] = float32(math.Floor(127.5 + 127.5*v))
	}
	return t
}

// network loads the network of a case, nil if it is not at hand.
func (g golden) network(t *testing.T) *vgg.Network {
	t.Helper()
	path := filepath.Join("..", "testdata", "weights")
	if g.Network == "slim16" {
		path = filepath.Join("..", "..", "shared", "weights", "vgg19-slim16")
		if _, err := os.Stat(path); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("the weights for this test are missing: %v", err)
			}
			t.Skipf("the weights for this test are not here: %v", err)
		}
	}
	w, err := vgg.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	switch g.Padding {
	case "reflect":
		w.Padding = tensor.PadReflect
	case "replicate":
		w.Padding = tensor.PadReplicate
	}
	pooling := vgg.MaxPooling
	if g.Pooling == "avg" {
		pooling = vgg.AvgPooling
	}
	return vgg.New(w, pooling)
}

func (g golden) costs() nst.Costs {
	c := nst.Costs{
		Alpha: g.Alpha, Beta: g.Beta, TV: g.TV, NormalizeGradients: g.Normalize,
		StyleSizes: g.StyleSizes, RelativeContent: g.RelativeContent, SelfSimilarity: g.SelfSimilarity,
	}
	c.StyleCost = map[string]nst.StyleCost{"mean-std": nst.MeanStd{}, "sliced": nst.Sliced{}, "wasserstein": nst.Wasserstein{}}[g.StyleCost]
	for _, name := range append(vgg.LayerNames(), vgg.Picture) {
		if w, ok := g.StyleLayers[name]; ok {
			c.StyleLayers = append(c.StyleLayers, nst.Layer{Name: name, Weight: w})
		}
		if w, ok := g.ContentLayers[name]; ok {
			c.ContentLayers = append(c.ContentLayers, nst.Layer{Name: name, Weight: w})
		}
	}
	return c
}

// TestCostsAgreeWithPyTorch compares every term and the gradient with float64.
// With fused multiply-adds the relative errors are a few 1e-7, without them up
// to 2e-5, where the Gram matrices of both pictures are nearly equal and their
// difference has lost digits. The tolerance is what the program promises.
func TestCostsAgreeWithPyTorch(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "costs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var goldens []golden
	if err := json.Unmarshal(text, &goldens); err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		t.Run(g.Name, func(t *testing.T) {
			content := wave(g.Size[0], g.Size[1], 0)
			image := wave(g.Size[0], g.Size[1], 2)
			o, err := nst.NewObjective(g.network(t), content, g.styles(), g.costs())
			if err != nil {
				t.Fatal(err)
			}
			grad := tensor.New(image.Shape()...)
			cost := o.Evaluate(image, grad)
			near := func(what string, got, want, tolerance float64) {
				t.Helper()
				if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
					t.Errorf("%s is %v, PyTorch has %v", what, got, want)
				}
			}
			near("total", cost.Total, g.Total, 1e-4)
			near("content", cost.Content, g.Content, 1e-4)
			if len(cost.Layers) != len(g.Style) {
				t.Errorf("%d style layers, want %d", len(cost.Layers), len(g.Style))
			}
			for _, l := range cost.Layers {
				near(l.Name, l.Value, g.Style[l.Name], 1e-4)
			}
			for i, want := range g.Regions {
				near(fmt.Sprint("region ", i), cost.Regions[i], want, 1e-4)
			}
			if g.TV > 0 {
				near("total variation", cost.TV, g.TVValue, 1e-9)
			}
			near("gradient norm", norm(grad), g.GradientNorm, 1e-4)
			if g.Network == "small" {
				want, err := npy.ReadFile(filepath.Join("..", "testdata", "gradient-"+g.Name+".npy"))
				if err != nil {
					t.Fatal(err)
				}
				difference := math.Sqrt(tensor.SquaredDistance(grad.Reshape(want.Shape()...), want))
				if !(difference <= 1e-4*g.GradientNorm) {
					t.Errorf("gradient differs from PyTorch's by %.2g of its norm", difference/g.GradientNorm)
				}
			}
			if again := o.Evaluate(image, nil); again.Total != cost.Total {
				t.Errorf("without a gradient the cost is %v, with one %v", again.Total, cost.Total)
			}
		})
	}
}

func norm(t *tensor.Tensor) float64 {
	return math.Sqrt(tensor.SquaredDistance(t, tensor.New(t.Shape()...)))
}

// small is the network of testdata.
func small(t *testing.T) *vgg.Network { return golden{}.network(t) }

func TestDefaultCosts(t *testing.T) {
	o, err := nst.NewObjective(small(t), wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}, nst.Costs{})
	if err != nil {
		t.Fatal(err)
	}
	c := o.Costs()
	if c.Alpha != 10 || c.Beta != 40 || c.TV != 0 || c.Range != 0.1 {
		t.Errorf("alpha %v, beta %v, tv %v, range %v, want 10, 40, 0 and 0.1", c.Alpha, c.Beta, c.TV, c.Range)
	}
	if len(c.ContentLayers) != 1 || c.ContentLayers[0] != (nst.Layer{Name: "conv4_2", Weight: 1}) {
		t.Errorf("content layers %v", c.ContentLayers)
	}
	for i, name := range []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"} {
		if got := c.StyleLayers[i]; got.Name != name || got.Weight != 0.2 {
			t.Errorf("style layer %d is %v", i, got)
		}
	}
}

func TestLayersOfCosts(t *testing.T) {
	layer := func(name string, weight float64) []nst.Layer { return []nst.Layer{{Name: name, Weight: weight}} }
	for _, test := range []struct {
		costs nst.Costs
		want  string
	}{
		{nst.Costs{}, "[conv4_2 conv1_1 conv2_1 conv3_1 conv4_1 conv5_1]"},
		{nst.Costs{StyleLayers: layer("conv4_2", 1)}, "[conv4_2]"},
		{nst.Costs{ContentLayers: layer("conv1_2", 1), StyleLayers: layer("conv2_2", 3)}, "[conv1_2 conv2_2]"},
		{nst.Costs{Alpha: -1, ContentLayers: layer("conv1_2", -1), StyleLayers: layer("conv2_2", 0)}, "[conv1_2 conv2_2]"},
	} {
		if got := fmt.Sprint(test.costs.Layers()); got != test.want {
			t.Errorf("%+v: layers %s, want %s", test.costs, got, test.want)
		}
	}
}

func TestContentItselfCostsNoContent(t *testing.T) {
	content := wave(32, 48, 0)
	o, err := nst.NewObjective(small(t), content, []nst.Style{{Picture: content}}, nst.Costs{})
	if err != nil {
		t.Fatal(err)
	}
	if cost := o.Evaluate(content, nil); cost.Total != 0 {
		t.Errorf("the content in its own style costs %+v, want 0", cost)
	}
}

func TestNewObjectiveErrors(t *testing.T) {
	picture := wave(32, 32, 0)
	layer := func(name string, weight float64) []nst.Layer {
		return []nst.Layer{{Name: name, Weight: weight}}
	}
	for name, c := range map[string]struct {
		costs   nst.Costs
		content *tensor.Tensor
		want    string
	}{
		"unknown content layer": {costs: nst.Costs{ContentLayers: layer("conv9_9", 1)}, want: `unknown layer "conv9_9": the layers are conv1_1, conv1_2`},
		"unknown style layer":   {costs: nst.Costs{StyleLayers: layer("relu1_1", 1)}, want: `unknown layer "relu1_1"`},
		"layer not in network":  {costs: nst.Costs{ContentLayers: layer("conv5_4", 1)}, want: "conv5_4 is beyond the end of this network"},
		"negative weight":       {costs: nst.Costs{StyleLayers: layer("conv1_1", -1)}, want: "style layer conv1_1 has weight -1"},
		"NaN weight":            {costs: nst.Costs{StyleLayers: layer("conv1_1", math.NaN())}, want: "style layer conv1_1 has weight NaN"},
		"all weights zero":      {costs: nst.Costs{StyleLayers: layer("conv1_1", 0)}, want: "add up to 0"},
		"layer twice":           {costs: nst.Costs{ContentLayers: append(layer("conv1_1", 1), layer("conv1_1", 1)...)}, want: "content layer conv1_1 is named twice"},
		"negative alpha":        {costs: nst.Costs{Alpha: -1}, want: "alpha is -1"},
		"infinite beta":         {costs: nst.Costs{Beta: math.Inf(1)}, want: "beta is +Inf"},
		"picture too small":     {content: wave(15, 64, 0), want: "content: a picture of 64x15 pixels is too small for layer conv5_1: both sides need at least 16"},
	} {
		t.Run(name, func(t *testing.T) {
			content := picture
			if c.content != nil {
				content = c.content
			}
			_, err := nst.NewObjective(small(t), content, []nst.Style{{Picture: picture}}, c.costs)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
