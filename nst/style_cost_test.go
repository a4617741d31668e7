package nst_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// ownGram is nst.Gram, written with exported API only. It does not use the memory
// it is lent.
type ownGram struct{}

func (ownGram) Measure(_ []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	if mask == nil {
		return []*autodiff.Var{autodiff.Gram(a)}
	}
	return []*autodiff.Var{autodiff.GuidedGram(a, mask)}
}

func (ownGram) Target(styles []nst.Measured) []*tensor.Tensor {
	gram := tensor.New(styles[0].Statistics[0].Shape()...)
	for _, s := range styles {
		tensor.AddScaled(gram, float32(s.Share), s.Statistics[0])
	}
	return []*tensor.Tensor{gram}
}

func (ownGram) Compare(_ []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	n := float64(target[0].Len())
	return []autodiff.Term{{Of: autodiff.SquaredDistance(measured[0], measured[0].Tape().Constant(target[0])), Weight: 1 / (4 * n)}}
}

// TestStyleCostFromOutside: a style cost of another package has all that those of
// this one have. The Gram cost, written outside, gives the same bits: of cost and
// gradient, and of every evaluation at several scales.
func TestStyleCostFromOutside(t *testing.T) {
	const h, w = 64, 96
	content, picture := wave(h, w, 0), wave(h, w, 2)
	styles := map[string][]nst.Style{
		"one style": {{Picture: wave(70, 64, 1)}},
		"masks and a blend": {
			{Picture: wave(70, 64, 1), ContentMask: columns(h, w, 0, 50), StyleMask: columns(70, 64, 10, 64)},
			{Picture: wave(64, 80, 3)},
			{Picture: wave(h, w, 4), Weight: 3},
		},
	}
	for name, styles := range styles {
		for _, normalize := range []bool{false, true} {
			name := fmt.Sprintf("%s, normalised gradients %v", name, normalize)
			costs := nst.Costs{NormalizeGradients: normalize}
			want, wantGrad := gradientOf(t, picture, content, styles, costs)
			costs.StyleCost = ownGram{}
			got, grad := gradientOf(t, picture, content, styles, costs)
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%s: the cost is %+v, want %+v", name, got, want)
			}
			wantSameBits(t, name+": gradient", grad, wantGrad)

			paint := func(kind nst.StyleCost) (costs []string, picture *tensor.Tensor) {
				opt := nst.Options{
					Costs: nst.Costs{StyleCost: kind, NormalizeGradients: normalize}, MinSize: 32, Iterations: 8,
					OnEvaluation: func(p nst.Progress) { costs = append(costs, fmt.Sprintf("%d: %+v", p.Scale, p.Cost)) },
				}
				if normalize {
					opt.Optimizer = nst.Adam
				}
				if f, err := nst.NewForecast(t.Context(), small(t), content, styles, opt); err != nil || f.Time <= 0 {
					t.Errorf("%s: forecast %+v, error %v", name, f, err)
				}
				result, err := nst.Transfer(t.Context(), small(t), content, styles, opt)
				if err != nil {
					t.Fatal(err)
				}
				if result.Scales < 3 {
					t.Errorf("%s: %d scales, want several", name, result.Scales)
				}
				return costs, result.Picture
			}
			gotCosts, gotPicture := paint(ownGram{})
			wantCosts, wantPicture := paint(nst.Gram{})
			if !slices.Equal(gotCosts, wantCosts) {
				t.Errorf("%s: the costs are %v, want %v", name, gotCosts, wantCosts)
			}
			wantSameBits(t, name+": picture", gotPicture, wantPicture)
		}
	}
}

// sortedValues compares no moments but all values of each channel in the region,
// sorted: the squared Wasserstein distance of order 2 in one dimension, averaged over
// channels. The number of positions differs between style and picture, and the
// order of the values is a constant for the gradient.
type sortedValues struct{}

// Measure appends a view of the activations (P,C) and the mask.
func (sortedValues) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	s := a.Shape()
	if mask == nil {
		mask = tensor.Full(1, 1, s[1], s[2], 1)
	}
	return append(dst, autodiff.Reshape(a, s[1]*s[2], s[3]), a.Tape().Constant(mask))
}

// Target returns, for each style, the sorted values (positions in the region, C),
// and last the shares.
func (sortedValues) Target(styles []nst.Measured) []*tensor.Tensor {
	var targets []*tensor.Tensor
	shares := tensor.New(len(styles))
	for k, s := range styles {
		values, mask := s.Statistics[0], s.Statistics[1]
		var sorted *tensor.Tensor
		for c := range values.Dim(1) {
			order := inOrder(values, mask, c)
			if sorted == nil {
				sorted = tensor.New(len(order), values.Dim(1))
			}
			for i, p := range order {
				sorted.Set(values.At(p, c), i, c)
			}
		}
		targets = append(targets, sorted)
		shares.Set(float32(s.Share), k)
	}
	return append(targets, shares)
}

// Compare appends the squared distance to the activations with the values that the
// style has at the same ranks; of a blend, the mean of these.
func (sortedValues) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	values, mask := measured[0].Value(), measured[1].Value()
	want := values.Clone() // outside of the region, nothing is compared
	n := 0
	for c := range values.Dim(1) {
		order := inOrder(values, mask, c)
		n = len(order)
		for i, p := range order {
			v := float32(0)
			for k, sorted := range target[:len(target)-1] {
				v += target[len(target)-1].At(k) * sorted.At(i*sorted.Dim(0)/n, c)
			}
			want.Set(v, p, c)
		}
	}
	distance := autodiff.SquaredDistance(measured[0], measured[0].Tape().Constant(want))
	return append(dst, autodiff.Term{Of: distance, Weight: 1 / float64(n*values.Dim(1))})
}

// inOrder returns the positions inside a mask in the order of a channel's values.
func inOrder(values, mask *tensor.Tensor, channel int) []int {
	var order []int
	for p, m := range mask.Data() {
		if m >= 0.5 {
			order = append(order, p)
		}
	}
	slices.SortStableFunc(order, func(p, q int) int {
		switch d := values.At(p, channel) - values.At(q, channel); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	return order
}

// TestStyleCostOfSortedValues: a style cost may compare what has another shape in
// each picture and layer. Its value is what it is when computed from features,
// and its gradient what costs change by.
func TestStyleCostOfSortedValues(t *testing.T) {
	const h, w = 32, 48
	content, picture, style := wave(h, w, 0), wave(h, w, 2), wave(40, 56, 1)
	costs := nst.Costs{Beta: 1, StyleCost: sortedValues{}, StyleLayers: []nst.Layer{{Name: "conv1_1", Weight: 1}, {Name: "conv2_1", Weight: 1}}}

	o, err := nst.NewObjective(small(t), content, []nst.Style{{Picture: style}}, costs)
	if err != nil {
		t.Fatal(err)
	}
	grad := tensor.New(picture.Shape()...)
	cost := o.Evaluate(picture, grad)
	features, styleFeatures := o.Features(picture), o.Features(style)
	for _, l := range cost.Layers {
		column := func(f *tensor.Tensor, c int) (values []float64) {
			for i := c; i < f.Len(); i += f.Dim(3) {
				values = append(values, float64(f.Data()[i]))
			}
			slices.Sort(values)
			return values
		}
		want := 0.0
		for c := range features[l.Name].Dim(3) {
			a, b := column(features[l.Name], c), column(styleFeatures[l.Name], c)
			for i, v := range a {
				d := v - b[i*len(b)/len(a)]
				want += d * d / float64(len(a)*features[l.Name].Dim(3))
			}
		}
		if !(math.Abs(l.Value-want) <= 1e-5*want) {
			t.Errorf("%s: the cost is %v, want %v", l.Name, l.Value, want)
		}
	}

	// Along the gradient, costs change by its squared norm.
	const step = 0.05 // grey levels
	forth, back := picture.Clone(), picture.Clone()
	length := norm(grad)
	tensor.AddScaled(forth, float32(step/length), grad)
	tensor.AddScaled(back, float32(-step/length), grad)
	slope := (o.Evaluate(forth, nil).Total - o.Evaluate(back, nil).Total) / (2 * step)
	if !(math.Abs(slope-length) <= 0.01*length) {
		t.Errorf("along the gradient, of norm %v, the cost changes by %v a grey level", length, slope)
	}

	own := []nst.Style{{Picture: picture, ContentMask: columns(h, w, 0, 24), StyleMask: columns(h, w, 0, 24)}, {Picture: style}, {Picture: wave(32, 32, 3)}}
	masked, _ := gradientOf(t, picture, content, own, costs)
	if masked.Regions[0] != 0 || !(masked.Regions[1] > 0) {
		t.Errorf("regions cost %v, want 0 for the one in its own style and more for the other", masked.Regions)
	}
	var first float64
	result, err := nst.Transfer(t.Context(), small(t), content, own, nst.Options{
		Costs: costs, MinSize: 32, Iterations: 20,
		OnEvaluation: func(p nst.Progress) {
			if p.Scale == p.Scales && first == 0 {
				first = p.Cost.Style
			}
		},
	})
	if err != nil || result.Scales < 2 || !(result.Cost.Style < first/2) {
		t.Errorf("%+v, error %v; want several scales, and less than half of %v", result, err, first)
	}
}

// selfReturning measures the activations themselves, which are the network's to
// release.
type selfReturning struct{ nst.MeanStd }

func (s selfReturning) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	return append(s.MeanStd.Measure(dst, a, mask), a)
}

// TestActivationsAsStatistics: a statistic that is the activations is not released,
// for one region or several.
func TestActivationsAsStatistics(t *testing.T) {
	content, picture := wave(32, 48, 0), wave(32, 48, 2)
	styles := []nst.Style{{Picture: wave(32, 32, 1), ContentMask: columns(32, 48, 0, 20)}, {Picture: wave(32, 32, 3)}}
	want, wantGrad := gradientOf(t, picture, content, styles, nst.Costs{StyleCost: nst.MeanStd{}})
	got, grad := gradientOf(t, picture, content, styles, nst.Costs{StyleCost: selfReturning{}})
	if got.Total != want.Total {
		t.Errorf("the cost is %v, want %v", got.Total, want.Total)
	}
	wantSameBits(t, "gradient", grad, wantGrad)
}

// TestBrokenStyleCosts: what is no cost ends a run or panics.
func TestBrokenStyleCosts(t *testing.T) {
	content, styles := wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}
	paint := func(compare func(measured *autodiff.Var) autodiff.Term) (result *nst.Result, panicked any, err error) {
		defer func() { panicked = recover() }()
		result, err = nst.Transfer(t.Context(), small(t), content, styles, nst.Options{Costs: nst.Costs{StyleCost: comparing{compare: compare}}})
		return result, nil, err
	}
	result, _, err := paint(func(m *autodiff.Var) autodiff.Term {
		return autodiff.Term{Of: autodiff.Sum(m), Weight: math.NaN()}
	})
	if err == nil || result == nil || tensor.SquaredDistance(result.Picture, content) != 0 || !math.IsNaN(result.Cost.Total) {
		t.Errorf("a cost of NaN gives %+v and error %v; want the content, the cost, and an error", result, err)
	}
	for name, compare := range map[string]func(*autodiff.Var) autodiff.Term{
		"no scalar": func(m *autodiff.Var) autodiff.Term { return autodiff.Term{Of: m, Weight: 1} },
		"another tape": func(*autodiff.Var) autodiff.Term {
			return autodiff.Term{Of: autodiff.NewTape().Leaf(tensor.New()), Weight: 1}
		},
	} {
		if _, panicked, _ := paint(compare); panicked == nil {
			t.Errorf("%s: no panic", name)
		}
	}
}

// comparing is the Gram cost with another Compare.
type comparing struct {
	nst.Gram
	compare func(measured *autodiff.Var) autodiff.Term
}

func (c comparing) Compare(dst []autodiff.Term, measured []*autodiff.Var, _ []*tensor.Tensor) []autodiff.Term {
	return append(dst, c.compare(measured[0]))
}
