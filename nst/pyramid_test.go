package nst_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// paintPyramid paints wave(64,96) with scales from 32 pixels on.
func paintPyramid(t *testing.T, ctx context.Context, opt nst.Options) *nst.Result {
	t.Helper()
	opt.MinSize = 32
	result, err := nst.Transfer(ctx, small(t), wave(64, 96, 0), []nst.Style{{Picture: wave(70, 64, 1)}}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestPyramidScales(t *testing.T) {
	for _, c := range []struct {
		scales     int
		iterations int
		want       string
	}{
		{0, 30, "34x23:4 48x32:4 68x45:4 96x64:31"},
		{1, 5, "96x64:6"},
		{2, 5, "68x45:2 96x64:6"},
		{9, 5, "34x23:2 48x32:2 68x45:2 96x64:6"},
	} {
		var at []string // scale and, for each, the number of accepted points, its start included
		points, total := 0, 0
		last := nst.Progress{}
		result := paintPyramid(t, t.Context(), nst.Options{
			Iterations: c.iterations, Scales: c.scales,
			OnEvaluation: func(p nst.Progress) {
				if p.Scale != last.Scale {
					at = append(at, fmt.Sprintf("%dx%d", p.Width, p.Height))
					points = 1
				}
				if p.Work < last.Work || p.Evaluations != last.Evaluations+1 {
					t.Errorf("after %+v comes %+v", last, p)
				}
				last = p
			},
			OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
				points++
				total++
				at[len(at)-1], _, _ = strings.Cut(at[len(at)-1], ":")
				at[len(at)-1] += fmt.Sprintf(":%d", points)
				if picture.Dim(1) != p.Height || picture.Dim(2) != p.Width {
					t.Errorf("picture %v at %dx%d", picture.Shape(), p.Width, p.Height)
				}
			},
		})
		if got := strings.Join(at, " "); got != c.want {
			t.Errorf("%d scales: %s, want %s", c.scales, got, c.want)
		}
		if result.Iteration != total || result.Iterations != total || result.Work != 1 || result.Scale != result.Scales || result.Scales != len(at) {
			t.Errorf("%d scales: the result is %+v after %d iterations", c.scales, result.Progress, total)
		}
	}
}

// TestPyramidStopsWhereAStyleIsTooSmall: for conv5_1 both sides need 16 pixels.
func TestPyramidStopsWhereAStyleIsTooSmall(t *testing.T) {
	result, err := nst.Transfer(t.Context(), small(t), wave(64, 96, 0), []nst.Style{{Picture: wave(70, 64, 1)}, {Picture: wave(23, 64, 1)}},
		nst.Options{Iterations: 1, MinSize: 32})
	if err != nil || result.Scales != 2 {
		t.Errorf("%+v, %v: want two scales", result, err)
	}
}

// TestPyramidPassesOnWhatItPainted: full size does not start at the content but at what the
// scale before has made of it, and the result's cost is that of its picture at full size.
// TestPyramidStopsWhereARegionVanishes: at 90 of 128 pixels the poolings drop the
// last columns.
func TestPyramidStopsWhereARegionVanishes(t *testing.T) {
	const size = 128
	edge := columns(size, size, size-3, size)
	for name, styles := range map[string][]nst.Style{
		"content mask": {{Picture: wave(size, size, 1), ContentMask: edge}, {Picture: wave(size, size, 2), ContentMask: columns(size, size, 0, size-3)}},
		"style mask":   {{Picture: wave(size, size, 1), StyleMask: edge}},
	} {
		result, err := nst.Transfer(t.Context(), small(t), wave(size, size, 0), styles, nst.Options{Iterations: 1, MinSize: 32})
		if err != nil || result.Scales != 1 {
			t.Errorf("%s: %+v, %v; want a single scale", name, result, err)
		}
	}
}

func TestPyramidPassesOnWhatItPainted(t *testing.T) {
	start := func(scales int) (first nst.Cost, result *nst.Result) {
		result = paintPyramid(t, t.Context(), nst.Options{Iterations: 30, Scales: scales, OnEvaluation: func(p nst.Progress) {
			if p.Scale == p.Scales && first.Total == 0 {
				first = p.Cost
			}
		}})
		return first, result
	}
	one, _ := start(1)
	two, many := start(2)
	if one.Content != 0 || !(two.Content > 0) {
		t.Errorf("full size starts at a content cost of %v, without a pyramid at %v; want something painted and 0", two.Content, one.Content)
	}
	o, err := nst.NewObjective(small(t), wave(64, 96, 0), []nst.Style{{Picture: wave(70, 64, 1)}}, nst.Costs{})
	if err != nil {
		t.Fatal(err)
	}
	if cost := o.Evaluate(many.Picture, nil); cost.Total != many.Cost.Total {
		t.Errorf("the picture costs %v, the result says %v", cost.Total, many.Cost.Total)
	}
}

func TestPyramidIsTheSameToTheBit(t *testing.T) {
	for _, optimizer := range []nst.Optimizer{nst.LBFGS, nst.Adam} {
		paint := func(threads int) []float32 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			return paintPyramid(t, t.Context(), nst.Options{Iterations: 6, Optimizer: optimizer}).Picture.Data()
		}
		if one := paint(1); !slices.Equal(one, paint(2)) || !slices.Equal(one, paint(5)) {
			t.Errorf("optimizer %d: the picture depends on the number of threads", optimizer)
		}
	}
}

func TestPyramidReturnsThePictureSoFarWhenCancelled(t *testing.T) {
	for scale := range 5 { // 0 before anything
		ctx, cancel := context.WithCancel(t.Context())
		var kept *tensor.Tensor
		if scale == 0 {
			cancel()
		}
		result := paintPyramid(t, ctx, nst.Options{Iterations: 20, OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
			if p.Scale == scale && kept == nil {
				kept = picture.Clone()
				cancel()
			}
		}})
		cancel()
		if result.Status != optim.Cancelled || result.Scale != max(1, scale) || result.Scales != 4 {
			t.Errorf("cancelled at scale %d: %v at scale %d of %d", scale, result.Status, result.Scale, result.Scales)
		}
		if !slices.Equal(result.Picture.Shape(), []int{1, 64, 96, 3}) {
			t.Errorf("cancelled at scale %d: the picture is %v", scale, result.Picture.Shape())
		} else if kept != nil && tensor.SquaredDistance(result.Picture, nst.Resize(kept, 64, 96)) != 0 {
			t.Errorf("cancelled at scale %d: the picture is not that of the last iteration, enlarged", scale)
		}
	}
}

// TestPyramidCancelledBetweenScales: what counts is the scale that was painted.
func TestPyramidCancelledBetweenScales(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last nst.Progress
	var kept *tensor.Tensor
	result := paintPyramid(t, ctx, nst.Options{Iterations: 10, OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
		if p.Scale == 2 { // its only iteration
			last, kept = p, picture.Clone()
			cancel()
		}
	}})
	if result.Status != optim.Cancelled || result.Scale != 2 || result.Cost.Total != last.Cost.Total || result.Evaluations != last.Evaluations {
		t.Errorf("%v with %+v, want cancelled after %+v", result.Status, result.Progress, last)
	}
	if tensor.SquaredDistance(result.Picture, nst.Resize(kept, 64, 96)) != 0 {
		t.Error("the picture is not that of the last iteration, enlarged")
	}
}

func TestPyramidKeepsTheLastGoodPicture(t *testing.T) {
	result, err := nst.Transfer(t.Context(), overflowing(t), wave(64, 96, 0), []nst.Style{{Picture: wave(64, 64, 1)}}, nst.Options{MinSize: 32})
	if err == nil || result == nil || !slices.Equal(result.Picture.Shape(), []int{1, 64, 96, 3}) {
		t.Errorf("%v and error %v, want a picture of the content's shape and an error", result, err)
	}
}

// TestAdamAverages: the picture is the average, and its cost is that of the
// picture.
func TestAdamAverages(t *testing.T) {
	content, styles := wave(32, 40, 0), []nst.Style{{Picture: wave(32, 32, 1)}}
	paint := func(decay float64) *nst.Result {
		result, err := nst.Transfer(t.Context(), small(t), content, styles, nst.Options{Optimizer: nst.Adam, Iterations: 5, AverageDecay: decay})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	plain, averaged := paint(-1), paint(0.8)
	if tensor.SquaredDistance(plain.Picture, averaged.Picture) == 0 {
		t.Error("the average is the last picture")
	}
	o, err := nst.NewObjective(small(t), content, styles, nst.Costs{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*nst.Result{plain, averaged} {
		if cost := o.Evaluate(r.Picture, nil); cost.Total != r.Cost.Total {
			t.Errorf("the picture costs %v, the result says %v", cost.Total, r.Cost.Total)
		}
	}
}
