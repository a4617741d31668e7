package nst_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

func TestTransferLowersTheCost(t *testing.T) {
	content, style := wave(40, 48, 0), wave(32, 40, 1)
	before := content.Clone()
	for name, optimizer := range map[string]nst.Optimizer{"L-BFGS": nst.LBFGS, "Adam": nst.Adam} {
		t.Run(name, func(t *testing.T) {
			var first, last nst.Progress
			iterations := 0
			result, err := nst.Transfer(context.Background(), small(t), content, []nst.Style{{Picture: style}}, nst.Options{
				Iterations:   20,
				Optimizer:    optimizer,
				AverageDecay: 0.5, // with more, the start would still be in the average
				OnEvaluation: func(p nst.Progress) {
					if p.Evaluations == 1 {
						first = p
					}
				},
				OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
					iterations++
					last = p
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if iterations != 20 || result.Iteration != 20 || last.Iteration != 20 || result.Status != optim.MaxIterations {
				t.Errorf("%d calls, %d iterations, status %v, want 20, 20 and the maximum", iterations, result.Iteration, result.Status)
			}
			if !(result.Cost.Total < first.Cost.Total/2) {
				t.Errorf("cost went from %v to %v, want less than half", first.Cost.Total, result.Cost.Total)
			}
			o, err := nst.NewObjective(small(t), content, []nst.Style{{Picture: style}}, nst.Costs{})
			if err != nil {
				t.Fatal(err)
			}
			if cost := o.Evaluate(result.Picture, nil); cost.Total != result.Cost.Total || cost.Content != result.Cost.Content || cost.Style != result.Cost.Style {
				t.Errorf("the picture costs %+v, the result says %+v", cost, result.Cost)
			}
		})
	}
	if tensor.SquaredDistance(content, before) != 0 {
		t.Error("Transfer changed the content picture")
	}
}

func TestTransferIsTheSameToTheBit(t *testing.T) {
	paint := func(threads int) *tensor.Tensor {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		result, err := nst.Transfer(context.Background(), small(t), wave(33, 47, 0), []nst.Style{{Picture: wave(40, 31, 1)}}, nst.Options{Iterations: 8})
		if err != nil {
			t.Fatal(err)
		}
		return result.Picture
	}
	first := paint(1)
	for _, threads := range []int{1, 2, 5} {
		again := paint(threads)
		for i, v := range again.Data() {
			if v != first.Data()[i] {
				t.Fatalf("value %d is %v on %d threads, %v on one", i, v, threads, first.Data()[i])
			}
		}
	}
}

// TestHistoryBeyondTheRun: a history of more pairs than iterations takes no memory
// and changes nothing.
func TestHistoryBeyondTheRun(t *testing.T) {
	paint := func(history int) *tensor.Tensor {
		result, err := nst.Transfer(t.Context(), small(t), wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}, nst.Options{Iterations: 12, History: history})
		if err != nil {
			t.Fatal(err)
		}
		return result.Picture
	}
	if tensor.SquaredDistance(paint(math.MaxInt), paint(13)) != 0 || tensor.SquaredDistance(paint(12), paint(13)) != 0 {
		t.Error("the picture depends on the history that is not used")
	}
}

func TestOptionsOutOfRange(t *testing.T) {
	for want, opt := range map[string]nst.Options{
		"Iterations is -1":      {Iterations: -1},
		"Scales is -1":          {Scales: -1},
		"MinSize is -1":         {MinSize: -1},
		"History is -1":         {History: -1},
		"LearningRate is -1":    {LearningRate: -1},
		"LearningRate is NaN":   {LearningRate: math.NaN()},
		"AverageDecay is 1":     {AverageDecay: 1},
		"AverageDecay is NaN":   {AverageDecay: math.NaN()},
		"Optimizer is 2, but m": {Optimizer: 2},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			_, _ = nst.Transfer(t.Context(), small(t), wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}, opt)
		}()
	}
}

// TestBadCosts: costs that make no sense are an error, as in NewObjective.
func TestBadCosts(t *testing.T) {
	content, styles := wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}
	opt := nst.Options{Costs: nst.Costs{StyleLayers: []nst.Layer{{Name: "conv1_1", Weight: -1}}}}
	_, want := nst.NewObjective(small(t), content, styles, opt.Costs)
	_, transfer := nst.Transfer(t.Context(), small(t), content, styles, opt)
	_, forecast := nst.NewForecast(t.Context(), small(t), content, styles, opt)
	if want == nil || fmt.Sprint(transfer) != want.Error() || fmt.Sprint(forecast) != want.Error() {
		t.Errorf("errors %v from Transfer and %v from NewForecast, want %v", transfer, forecast, want)
	}
}

func TestTransferReturnsThePictureSoFarWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var kept *tensor.Tensor
	result, err := nst.Transfer(ctx, small(t), wave(32, 32, 0), []nst.Style{{Picture: wave(32, 32, 1)}}, nst.Options{
		OnIteration: func(p nst.Progress, picture *tensor.Tensor) {
			if p.Iteration == 3 {
				kept = picture.Clone()
				cancel()
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != optim.Cancelled || result.Iteration != 3 {
		t.Fatalf("status %v after %d iterations, want cancelled after 3", result.Status, result.Iteration)
	}
	if tensor.SquaredDistance(result.Picture, kept) != 0 {
		t.Error("the picture is not that of the third iteration")
	}
}

// oneAndTwo returns styles for a picture: one everywhere, and two that divide it.
func oneAndTwo(picture *tensor.Tensor, h, w int) map[string][]nst.Style {
	return map[string][]nst.Style{
		"one style": {{Picture: picture}},
		"two regions": {
			{Picture: picture, ContentMask: columns(h, w, 0, 30)},
			{Picture: wave(40, 32, 2), ContentMask: columns(h, w, 30, w)},
		},
	}
}

// TestPictureOfAnIteration: what OnIteration gets belongs together.
func TestPictureOfAnIteration(t *testing.T) {
	const h, w = 32, 48
	content := wave(h, w, 0)
	for name, styles := range oneAndTwo(wave(32, 32, 1), h, w) {
		objective, err := nst.NewObjective(small(t), content, styles, nst.Costs{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nst.Transfer(t.Context(), small(t), content, styles, nst.Options{
			Scales: 1, Iterations: 5,
			OnIteration: func(p nst.Progress, so *tensor.Tensor) {
				if want := objective.Evaluate(so, nil); p.Cost.Total != want.Total {
					t.Errorf("%s: iteration %d: a cost of %v with a picture that costs %v", name, p.Iteration, p.Cost.Total, want.Total)
				}
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCostOfNothing: a run that starts at a total of 0 ends at once, and tells the
// terms that do not count.
func TestCostOfNothing(t *testing.T) {
	const h, w = 32, 48
	for name, styles := range oneAndTwo(wave(32, 32, 1), h, w) {
		result, err := nst.Transfer(t.Context(), small(t), wave(h, w, 0), styles, nst.Options{Scales: 1, Costs: nst.Costs{Alpha: 10}})
		if err != nil {
			t.Fatal(err)
		}
		if c := result.Cost; result.Status != optim.Converged || c.Total != 0 || !(c.Style > 0) || len(c.Regions) != len(styles) {
			t.Errorf("%s: status %v, cost %+v; want converged, with a style cost", name, result.Status, c)
		}
	}
}

// TestCostIsThatOfThePicture: wherever a run is cancelled, also during a line
// search that has found a better picture, the result's cost is that of its picture.
func TestCostIsThatOfThePicture(t *testing.T) {
	const h, w = 32, 48
	content, picture := wave(h, w, 0), wave(32, 32, 1)
	dark := nst.Noise(h, w, 1) // the first step is bounded by the size of x; so the search goes further
	tensor.Scale(dark, dark, 1e-3)
	for name, styles := range oneAndTwo(picture, h, w) {
		objective, err := nst.NewObjective(small(t), content, styles, nst.Costs{})
		if err != nil {
			t.Fatal(err)
		}
		within := 0 // how many runs have ended within a line search
		for evaluations := range 25 {
			ctx, cancel := context.WithCancel(t.Context())
			if evaluations == 0 {
				cancel()
			}
			iterations := 0
			result, err := nst.Transfer(ctx, small(t), content, styles, nst.Options{
				Scales: 1, Start: dark,
				OnEvaluation: func(p nst.Progress) {
					if p.Evaluations == evaluations {
						cancel()
					}
				},
				OnIteration: func(nst.Progress, *tensor.Tensor) { iterations++ },
			})
			if err != nil {
				t.Fatal(err)
			}
			if result.Evaluations > iterations+1 {
				within++
			}
			if evaluations == 0 {
				continue // nothing was evaluated
			}
			if want := objective.Evaluate(result.Picture, nil); result.Cost.Total != want.Total || result.Cost.Style != want.Style {
				t.Errorf("%s: cancelled at evaluation %d: the result says %v, the picture costs %v", name, evaluations, result.Cost.Total, want.Total)
			}
		}
		if within == 0 {
			t.Errorf("%s: no run ended within a line search", name)
		}
	}
}

// TestRange: the penalty keeps a painting in 0..255, where a file can show it, and
// counts as the documentation says; without it, values stray.
func TestRange(t *testing.T) {
	const h, w = 32, 48
	content, styles := wave(h, w, 0), []nst.Style{{Picture: wave(32, 32, 1)}}
	beyond := func(p *tensor.Tensor) (mean float64) {
		for _, v := range p.Data() {
			d := max(0, float64(v)-255, -float64(v))
			mean += d * d / float64(p.Len())
		}
		return mean
	}
	// The costs of this network are small.
	stray := paintWith(t, content, styles, nst.Costs{Beta: 1e4, Range: -1})
	kept := paintWith(t, content, styles, nst.Costs{Beta: 1e4})
	if before, after := beyond(stray.Picture), beyond(kept.Picture); !(before > 1) || !(after < before/100) {
		t.Errorf("the mean squared distance to 0..255 is %v, without a penalty %v; want less than a hundredth", after, before)
	}
	if stray.Cost.Range != 0 {
		t.Errorf("a range of %v where it is left out", stray.Cost.Range)
	}
	for _, p := range []*tensor.Tensor{stray.Picture, kept.Picture} {
		plain, plainGrad := gradientOf(t, p, content, styles, nst.Costs{Alpha: 2, Beta: 3, Range: -1})
		cost, grad := gradientOf(t, p, content, styles, nst.Costs{Alpha: 2, Beta: 3, Range: 0.5})
		if want := beyond(p); !(math.Abs(cost.Range-want) <= 1e-6*want) || !(math.Abs(cost.Total-plain.Total-0.5*5*want) <= 1e-6*cost.Total) {
			t.Errorf("range %v and total %v, want %v and %v more than %v", cost.Range, cost.Total, want, 0.5*5*want, plain.Total)
		}
		for i, v := range p.Data() {
			d := v - min(max(v, 0), 255)
			want := float64(plainGrad.Data()[i]) + 0.5*5*2*float64(d)/float64(p.Len())
			if got := float64(grad.Data()[i]); !(math.Abs(got-want) <= 1e-5*(1e-3+math.Abs(want))) {
				t.Fatalf("value %v: gradient %v, want %v", v, got, want)
			}
		}
	}
}

func paintWith(t *testing.T, content *tensor.Tensor, styles []nst.Style, costs nst.Costs) *nst.Result {
	t.Helper()
	result, err := nst.Transfer(t.Context(), small(t), content, styles, nst.Options{Scales: 1, Iterations: 40, Costs: costs})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// overflowing returns a network whose weights are so large that costs overflow.
func overflowing(t *testing.T) *vgg.Network {
	t.Helper()
	w, err := vgg.Load("../testdata/weights")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range w.Convs {
		tensor.Scale(c.Weight, c.Weight, 1e6)
	}
	return vgg.New(w, vgg.MaxPooling)
}

func TestTransferKeepsTheLastGoodPicture(t *testing.T) {
	content := wave(32, 32, 0)
	result, err := nst.Transfer(context.Background(), overflowing(t), content, []nst.Style{{Picture: wave(32, 32, 1)}}, nst.Options{})
	if err == nil {
		t.Fatal("no error for a cost that overflows")
	}
	if result == nil || tensor.SquaredDistance(result.Picture, content) != 0 {
		t.Error("the last good picture, the content, was not returned")
	}
}

func TestStart(t *testing.T) {
	content := wave(32, 32, 0)
	noise := nst.Noise(32, 32, 7)
	result, err := nst.Transfer(context.Background(), small(t), content, []nst.Style{{Picture: wave(32, 32, 1)}}, nst.Options{
		Start: noise, Iterations: 1, OnEvaluation: func(p nst.Progress) {
			if p.Evaluations == 1 && p.Cost.Content == 0 {
				t.Error("the run started from the content, not from noise")
			}
		},
	})
	if err != nil || result.Iteration != 1 {
		t.Fatal(result, err)
	}
	if again := nst.Noise(32, 32, 7); tensor.SquaredDistance(noise, again) != 0 {
		t.Error("Noise differs for one seed, or Transfer changed its start")
	}
	if other := nst.Noise(32, 32, 8); tensor.SquaredDistance(noise, other) == 0 {
		t.Error("Noise is the same for two seeds")
	}
	if mean := tensor.Sum(noise) / float64(noise.Len()); !(math.Abs(mean-127.5) <= 5) {
		t.Errorf("the mean of the noise is %v, want about 127.5", mean)
	}
}
