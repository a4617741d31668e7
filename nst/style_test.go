package nst_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// columns returns a mask that is 1 in columns [lo,hi) and 0 elsewhere.
func columns(height, width, lo, hi int) *tensor.Tensor {
	m := tensor.New(1, height, width, 1)
	for i := range m.Data() {
		if x := i % width; x >= lo && x < hi {
			m.Data()[i] = 1
		}
	}
	return m
}

// crop returns columns [lo,hi) of a picture.
func crop(p *tensor.Tensor, lo, hi int) *tensor.Tensor {
	h, w := p.Dim(1), p.Dim(2)
	out := tensor.New(1, h, hi-lo, 3)
	for y := range h {
		copy(out.Data()[y*(hi-lo)*3:][:(hi-lo)*3], p.Data()[(y*w+lo)*3:])
	}
	return out
}

// TestRegionsFallAsAlone paints the left half of a picture in one style and the
// right half in another: the style cost of each half falls to the same part of
// what it was, to within 20 %, as in a run on a picture of that half alone. (The
// layers are those that see at most 24 pixels, of 128; positions of deeper ones
// see both halves at once, which neither style allows for. The memory is short: if
// both halves shared one, 1.9 times as much would be left of the second.)
func TestRegionsFallAsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long without assembly")
	}
	const h, w = 64, 256
	content := wave(h, w, 0)
	styles := []*tensor.Tensor{wave(48, 80, 1), wave(56, 56, 2.5)}
	for i, v := range styles[0].Data() { // darker, and the other one of other colours
		styles[0].Data()[i] = v / 3
	}
	for i, v := range styles[1].Data() {
		styles[1].Data()[i] = 255 - v*float32(i%3)/3
	}
	var shallow []nst.Layer
	for _, name := range []string{"conv1_1", "conv2_1", "conv3_1"} {
		shallow = append(shallow, nst.Layer{Name: name, Weight: 1})
	}
	run := func(content *tensor.Tensor, styles []nst.Style) (first, last []float64) {
		result, err := nst.Transfer(context.Background(), small(t), content, styles, nst.Options{
			Iterations: 120, History: 3, Scales: 1, Costs: nst.Costs{Alpha: 10, Beta: 1, Range: -1, StyleLayers: shallow},
			OnEvaluation: func(p nst.Progress) {
				if p.Evaluations == 1 {
					first = p.Cost.Regions
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return first, result.Cost.Regions
	}
	first, last := run(content, []nst.Style{
		{Picture: styles[0], ContentMask: columns(h, w, 0, w/2)},
		{Picture: styles[1], ContentMask: columns(h, w, w/2, w)},
	})
	for i, style := range styles {
		before, after := run(crop(content, i*w/2, (i+1)*w/2), []nst.Style{{Picture: style}})
		t.Logf("region %d: %.4g to %.4g, alone %.4g to %.4g", i+1, first[i], last[i], before[0], after[0])
		left, alone := last[i]/first[i], after[0]/before[0]
		if !(math.Abs(left/alone-1) <= 0.2) || !(alone < 0.2) {
			t.Errorf("%.3g of the cost of region %d is left, %.3g alone; want the same to within 20 %%", left, i+1, alone)
		}
	}
}

// gradientOf returns the cost of a picture and its gradient.
func gradientOf(t *testing.T, picture, content *tensor.Tensor, styles []nst.Style, costs nst.Costs) (nst.Cost, *tensor.Tensor) {
	t.Helper()
	o, err := nst.NewObjective(small(t), content, styles, costs)
	if err != nil {
		t.Fatal(err)
	}
	grad := tensor.New(picture.Shape()...)
	return o.Evaluate(picture, grad), grad
}

func wantSameBits(t *testing.T, what string, got, want *tensor.Tensor) {
	t.Helper()
	for i, v := range got.Data() {
		if v != want.Data()[i] {
			t.Fatalf("%s: value %d is %v, want %v", what, i, v, want.Data()[i])
		}
	}
}

// TestFullMasksAreNoMasks: masks of ones change nothing, to the bit.
func TestFullMasksAreNoMasks(t *testing.T) {
	content, style, picture := wave(40, 56, 0), wave(33, 48, 1), wave(40, 56, 2)
	want, wantGrad := gradientOf(t, picture, content, []nst.Style{{Picture: style}}, nst.Costs{})
	got, grad := gradientOf(t, picture, content, []nst.Style{{
		Picture: style, Weight: 3, ContentMask: columns(40, 56, 0, 56), StyleMask: columns(33, 48, 0, 48),
	}}, nst.Costs{})
	if got.Total != want.Total {
		t.Errorf("with full masks the cost is %v, without %v", got.Total, want.Total)
	}
	wantSameBits(t, "gradient", grad, wantGrad)
}

// TestOutsideOfRegions: outside of all masks, the style costs have no gradient
// but what the network carries over the edge.
func TestOutsideOfRegions(t *testing.T) {
	content, picture := wave(40, 128, 0), wave(40, 128, 2)
	costs := nst.Costs{Beta: 1, StyleLayers: []nst.Layer{{Name: "conv2_1", Weight: 1}}}
	for name, kind := range map[string]nst.StyleCost{"gram": nst.Gram{}, "mean and std": nst.MeanStd{}, "sliced": nst.Sliced{}, "Wasserstein": nst.Wasserstein{}} {
		costs.StyleCost = kind
		_, grad := gradientOf(t, picture, content, []nst.Style{{Picture: wave(40, 40, 1), ContentMask: columns(40, 128, 0, 64)}}, costs)
		inside, outside := 0.0, 0.0
		for i, v := range grad.Data() {
			switch x := i / 3 % 128; {
			case x < 64:
				inside += math.Abs(float64(v))
			case x > 64+8:
				outside += math.Abs(float64(v))
			}
		}
		if !(inside > 0) || outside != 0 {
			t.Errorf("%s: the gradient adds up to %v inside and to %v outside, want 0", name, inside, outside)
		}
	}
}

// TestSharesOfRegions: styles of equal weight count by their areas, others by
// weight times area, and shares add up to what is covered.
func TestSharesOfRegions(t *testing.T) {
	content, picture := wave(32, 64, 0), wave(32, 64, 2)
	left, right := columns(32, 64, 0, 48), columns(32, 64, 48, 64)
	style := func(phase, weight float64, mask *tensor.Tensor) nst.Style {
		return nst.Style{Picture: wave(32, 32, phase), Weight: weight, ContentMask: mask}
	}
	for name, c := range map[string]struct {
		styles []nst.Style
		shares []float64
	}{
		"equal weights":   {[]nst.Style{style(1, 0, left), style(3, 0, right)}, []float64{0.75, 0.25}},
		"a third of each": {[]nst.Style{style(1, 1, left), style(3, 3, right)}, []float64{0.5, 0.5}},
		"one region":      {[]nst.Style{style(1, 5, right)}, []float64{0.25}},
		"and the rest":    {[]nst.Style{style(1, 1, nil), style(3, 4, right), style(4, 3, nil)}, []float64{0.75, 0.25}},
		"overlapping":     {[]nst.Style{style(1, 1, left), style(3, 1, left)}, []float64{0.375, 0.375}},
	} {
		cost, _ := gradientOf(t, picture, content, c.styles, nst.Costs{})
		if len(cost.Regions) != len(c.shares) {
			t.Errorf("%s: %d regions, want %d", name, len(cost.Regions), len(c.shares))
			continue
		}
		want := 0.0
		for i, s := range c.shares {
			want += s * cost.Regions[i]
		}
		if !(math.Abs(cost.Style-want) <= 1e-6*want) {
			t.Errorf("%s: the style cost is %v, want %v, the regions' %v by %v", name, cost.Style, want, cost.Regions, c.shares)
		}
	}
}

// TestBlends: a blend costs as much as its parts, but for a constant that does
// not depend on the picture, if costs are quadratic in the statistics; and two
// styles that are one are as good as one.
func TestBlends(t *testing.T) {
	content := wave(32, 48, 0)
	a, b := nst.Style{Picture: wave(40, 32, 1), Weight: 3}, nst.Style{Picture: wave(32, 56, 3), Weight: 1}
	cost := func(phase float64, kind nst.StyleCost, styles ...nst.Style) float64 {
		c, _ := gradientOf(t, wave(32, 48, phase), content, styles, nst.Costs{StyleCost: kind})
		return c.Style
	}
	constant := func(phase float64) float64 {
		return 0.75*cost(phase, nst.Gram{}, a) + 0.25*cost(phase, nst.Gram{}, b) - cost(phase, nst.Gram{}, a, b)
	}
	if c, d := constant(2), constant(5); !(math.Abs(c-d) <= 1e-4*c) || !(c > 0) {
		t.Errorf("a blend costs %v less than its parts for one picture, %v for another", c, d)
	}
	for _, kind := range []nst.StyleCost{nst.Gram{}, nst.MeanStd{}, nst.Sliced{}, nst.Wasserstein{}} {
		twice := a
		twice.Weight = 1
		if one, two := cost(2, kind, a), cost(2, kind, a, twice); !(math.Abs(one-two) <= 1e-5*one) {
			t.Errorf("style cost %T: %v for a style, %v for a blend of it with itself", kind, one, two)
		}
		own, limit := nst.Style{Picture: wave(32, 48, 2)}, 1e-5
		if kind == (nst.Sliced{}) { // a distance, not its square, of up to 1536 values from 1024 quantiles
			limit = 0.06
		}
		if self, other := cost(2, kind, own), cost(2, kind, a); !(math.Abs(self) <= limit*other) {
			t.Errorf("style cost %T: a picture costs %v in its own style, and %v in another", kind, self, other)
		}
	}
}

// TestTheRest: styles without a mask have what the masks of others leave, also at
// soft edges; nothing is an error.
func TestTheRest(t *testing.T) {
	content, picture := wave(32, 64, 0), wave(32, 64, 2)
	soft := tensor.New(1, 32, 64, 1)
	rest := tensor.New(1, 32, 64, 1)
	for i := range soft.Data() {
		soft.Data()[i] = float32(i%64) / 63
		rest.Data()[i] = 1 - soft.Data()[i]
	}
	a, b := nst.Style{Picture: wave(40, 32, 1), ContentMask: soft}, nst.Style{Picture: wave(32, 56, 3)}
	got, gotGrad := gradientOf(t, picture, content, []nst.Style{a, b}, nst.Costs{})
	b.ContentMask = rest
	want, wantGrad := gradientOf(t, picture, content, []nst.Style{a, b}, nst.Costs{})
	if got.Total != want.Total {
		t.Errorf("a style without a mask costs %v, with the mask of what is left %v", got.Total, want.Total)
	}
	wantSameBits(t, "gradient", gotGrad, wantGrad)

	a.ContentMask, b.ContentMask = columns(32, 64, 0, 64), nil
	if _, err := nst.NewObjective(small(t), content, []nst.Style{a, b}, nst.Costs{}); err == nil || !strings.Contains(err.Error(), "leave nothing") {
		t.Errorf("error %v, want one that says that nothing is left", err)
	}
}

func TestMaskErrors(t *testing.T) {
	picture := wave(32, 64, 0)
	tooLarge, negative := columns(32, 64, 0, 9), columns(32, 64, 0, 9)
	tooLarge.Set(1.5, 0, 3, 3, 0)
	negative.Set(float32(math.NaN()), 0, 3, 3, 0)
	odd := wave(33, 64, 0) // a row that the first pooling drops
	last := tensor.New(1, 33, 64, 1)
	last.Set(1, 0, 32, 5, 0)
	for name, c := range map[string]struct {
		style nst.Style
		want  string
	}{
		"above 1":     {nst.Style{Picture: picture, ContentMask: tooLarge}, "content mask: value 1.5"},
		"NaN":         {nst.Style{Picture: picture, StyleMask: negative}, "style mask: value NaN"},
		"empty":       {nst.Style{Picture: picture, StyleMask: tensor.New(1, 32, 64, 1)}, "style mask: 0 everywhere"},
		"lost":        {nst.Style{Picture: odd, StyleMask: last}, "style mask: no pixel above 0 where layer conv2_1"},
		"bad weight":  {nst.Style{Picture: picture, Weight: -1}, "style: weight -1"},
		"lost region": {nst.Style{Picture: picture, ContentMask: last}, "content mask: no pixel above 0 where layer conv2_1"},
	} {
		content := picture
		if name == "lost region" {
			content = odd
		}
		_, err := nst.NewObjective(small(t), content, []nst.Style{c.style}, nst.Costs{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "[1 64 32 1]") || !strings.Contains(got, "[1 32 64 3]") {
			t.Errorf("a mask of another size panics with %q, want both shapes", got)
		}
	}()
	_, _ = nst.NewObjective(small(t), picture, []nst.Style{{Picture: picture, StyleMask: columns(64, 32, 0, 9)}}, nst.Costs{})
}

// TestSameBitsOfStyles: with masks and each style cost, on any number of threads.
func TestSameBitsOfStyles(t *testing.T) {
	for _, costs := range []nst.Costs{{}, {StyleCost: nst.MeanStd{}}, {StyleCost: nst.Wasserstein{}}, {StyleCost: nst.Sliced{}, StyleSizes: 2, SelfSimilarity: 1, RelativeContent: true}, {NormalizeGradients: true}} {
		var want *tensor.Tensor
		for _, threads := range []int{1, 2, 5} {
			func() {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
				_, got := gradientOf(t, wave(90, 110, 2), wave(90, 110, 0), []nst.Style{
					{Picture: wave(80, 96, 1), ContentMask: columns(90, 110, 0, 60), StyleMask: columns(80, 96, 30, 96)},
					{Picture: wave(60, 77, 3)},
				}, costs)
				if want == nil {
					want = got
				}
				wantSameBits(t, fmt.Sprintf("%+v, %d threads", costs, threads), got, want)
			}()
		}
	}
}

// TestNormalizedGradients: the gradient of a cost at its layer has the length that its weight
// says, whatever the cost; and the method has to be one that can go by it.
func TestNormalizedGradients(t *testing.T) {
	content, picture := wave(32, 48, 0), wave(32, 48, 2)
	styles := []nst.Style{{Picture: wave(32, 48, 1)}}
	costs := nst.Costs{Alpha: 10, Beta: 40, NormalizeGradients: true}
	_, want := gradientOf(t, picture, content, styles, costs)
	costs.StyleLayers = nil
	for _, name := range []string{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"} {
		costs.StyleLayers = append(costs.StyleLayers, nst.Layer{Name: name, Weight: 7})
	}
	_, got := gradientOf(t, picture, content, styles, costs)
	if d := tensor.SquaredDistance(got, want); !(d <= 1e-10*norm(want)*norm(want)) {
		t.Errorf("layers of weight 7 each give another gradient than the default, by %v squared", d)
	}
	result, err := nst.Transfer(context.Background(), small(t), content, styles, nst.Options{Costs: costs, Optimizer: nst.Adam, Iterations: 40})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := gradientOf(t, content, content, styles, costs)
	if !(result.Cost.Style < before.Style/2) {
		t.Errorf("the style cost went from %v to %v, want less than half", before.Style, result.Cost.Style)
	}
	if _, err := nst.Transfer(context.Background(), small(t), content, styles, nst.Options{Costs: costs}); err == nil || !strings.Contains(err.Error(), "use Adam") {
		t.Errorf("error %v with L-BFGS, want one that names Adam", err)
	}
}
