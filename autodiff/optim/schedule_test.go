package optim_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// TestCosine checks the corners of the schedule; the rest of the curve is
// compared with PyTorch's in torch_test.go.
func TestCosine(t *testing.T) {
	c := optim.Cosine{Peak: 8, Final: 2, Warmup: 4, Steps: 12}
	flat := optim.Cosine{Peak: 8, Final: 2, Warmup: 3, Steps: 3}
	for _, test := range []struct {
		c    optim.Cosine
		step int
		want float64
	}{
		{c, 0, 2}, {c, 1, 4}, {c, 3, 8}, {c, 4, 8}, {c, 8, 5}, {c, 12, 2}, {c, 1000, 2},
		{flat, 2, 8}, {flat, 3, 2}, // no cosine at all
		{optim.Cosine{Peak: 8, Steps: 4}, 0, 8}, {optim.Cosine{Peak: 8, Steps: 4}, 2, 4}, {optim.Cosine{Peak: 8}, 0, 0},
	} {
		if got := test.c.Rate(test.step); !(math.Abs(got-test.want) <= 1e-15*test.want) {
			t.Errorf("%+v: rate of step %d is %v, wants %v", test.c, test.step, got, test.want)
		}
	}
	if last := (optim.Cosine{Peak: 1e-3, Steps: 1e6}).Rate(1e6 - 1); !(last > 0) {
		t.Errorf("the last rate before the end is %v, wants more than 0", last)
	}
}

func TestCosinePanics(t *testing.T) {
	for _, c := range []optim.Cosine{
		{}, {Peak: -1, Steps: 2}, {Peak: math.NaN(), Steps: 2}, {Peak: math.Inf(1), Steps: 2},
		{Peak: 1, Final: -1, Steps: 2}, {Peak: 1, Final: math.NaN(), Steps: 2}, {Peak: 1, Final: math.Inf(1), Steps: 2},
		{Peak: 1, Warmup: -1, Steps: 2}, {Peak: 1, Warmup: 3, Steps: 2}, {Peak: 1, Steps: -1},
	} {
		wantPanic(t, "optim: Cosine: ", func() { c.Rate(0) })
	}
	wantPanic(t, "step -1 ", func() { optim.Cosine{Peak: 1, Steps: 2}.Rate(-1) })
}

func wantPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if message, ok := recover().(string); !ok || !strings.Contains(message, text) {
			t.Errorf("panics with %q, wants %q", message, text)
		}
	}()
	f()
}

func TestClipNorm(t *testing.T) {
	grads := func() [][]float32 { return [][]float32{{3, 0}, {}, {-4}, {12}} }
	for _, test := range []struct {
		max, factor float64
	}{{26, 1}, {13, 1}, {6.5, 0.5}, {1.625, 0.125}, {math.Inf(1), 1}} {
		got := grads()
		if norm := optim.ClipNorm(got, test.max); norm != 13 {
			t.Errorf("max %g: norm %v, wants 13", test.max, norm)
		}
		for i, g := range grads() {
			for j, v := range g {
				if want := v * float32(test.factor); got[i][j] != want {
					t.Errorf("max %g: gradient %d element %d is %v, wants %v", test.max, i, j, got[i][j], want)
				}
			}
		}
	}
	if norm := optim.ClipNorm(nil, 1); norm != 0 {
		t.Errorf("the norm of nothing is %v", norm)
	}
	// Squares beyond the range of float32, above and below.
	for _, v := range []float32{1e30, 1e-30} {
		if norm := optim.ClipNorm([][]float32{{v, v, v, v}}, math.Inf(1)); norm != 2*float64(v) {
			t.Errorf("four times %g have norm %v, wants %v", v, norm, 2*float64(v))
		}
	}
	for _, max := range []float64{0, -1, math.NaN()} {
		wantPanic(t, "optim: ClipNorm: max ", func() { optim.ClipNorm(grads(), max) })
	}
}

// TestClipNormNotFinite: such gradients stay as they are.
func TestClipNormNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		grads := [][]float32{{3, 4}, {float32(bad)}}
		norm := optim.ClipNorm(grads, 1)
		if math.IsNaN(norm) != math.IsNaN(bad) || math.IsInf(norm, 1) != math.IsInf(bad, 0) {
			t.Errorf("the norm with an element %v is %v", bad, norm)
		}
		if grads[0][0] != 3 || grads[0][1] != 4 || math.Float32bits(grads[1][0]) != math.Float32bits(float32(bad)) {
			t.Errorf("gradients with an element %v became %v", bad, grads)
		}
	}
}

// TestThreads: the same bits for any number of them.
func TestThreads(t *testing.T) {
	run := func(threads int) (norm float64, params [][]float32) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		lengths := []int{100_001, 16, 1, 70_000}
		params, grads := waves(lengths, 0), waves(lengths, 1)
		adam := &optim.Adam{WeightDecay: 0.1}
		for range 3 {
			norm = optim.ClipNorm(grads, 5)
			adam.Step(params, grads)
		}
		return norm, params
	}
	norm, params := run(1)
	for _, threads := range []int{2, 3, 7} {
		gotNorm, got := run(threads)
		if gotNorm != norm {
			t.Errorf("%d threads: norm %v, one thread %v", threads, gotNorm, norm)
		}
		checkSameBits(t, got, params)
	}
}

// waves returns slices of such lengths with values that look random.
func waves(lengths []int, seed int) [][]float32 {
	out := make([][]float32, len(lengths))
	for i, n := range lengths {
		out[i] = make([]float32, n)
		for j := range out[i] {
			out[i][j] = float32(math.Sin(float64(j*j+7*i+seed) + 0.5))
		}
	}
	return out
}

func checkSameBits(t *testing.T, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for j := range want[i] {
			if math.Float32bits(got[i][j]) != math.Float32bits(want[i][j]) {
				t.Fatalf("parameter %d element %d is %v, wants %v", i, j, got[i][j], want[i][j])
			}
		}
	}
}
