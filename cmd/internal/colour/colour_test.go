package colour

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/brushgrad/brushgrad/tensor"
)

// random returns a picture whose channels are correlated mixtures, 0..255.
func random(h, w int, seed uint64) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 1))
	var mix [9]float64
	for i := range mix {
		mix[i] = rng.Float64()
		if i%4 == 0 {
			mix[i]++ // far from singular: every direction of colour varies
		}
	}
	t := tensor.New(1, h, w, 3)
	for i := 0; i < t.Len(); i += 3 {
		a, b, c := rng.Float64(), rng.Float64(), rng.Float64()
		for k := range 3 {
			t.Data()[i+k] = float32(60 * (mix[3*k]*a + mix[3*k+1]*b + mix[3*k+2]*c))
		}
	}
	return t
}

// channel returns one channel as gonum/stat wants it.
func channel(t *tensor.Tensor, c int) []float64 {
	var v []float64
	for i := c; i < t.Len(); i += 3 {
		v = append(v, float64(t.Data()[i]))
	}
	return v
}

// covarianceOf is the population covariance, computed by gonum/stat.
func covarianceOf(t *tensor.Tensor, a, b int) float64 {
	n := float64(t.Len() / 3)
	return stat.Covariance(channel(t, a), channel(t, b), nil) * (n - 1) / n
}

// TestMatch: mean and covariance of what Match returns are the target's, as
// gonum/stat computes them.
func TestMatch(t *testing.T) {
	for seed := range uint64(5) {
		style, content := random(31, 47, 2*seed), random(40, 23, 2*seed+1)
		got := Match(style, content)
		for a := range 3 {
			mean, want := stat.Mean(channel(got, a), nil), stat.Mean(channel(content, a), nil)
			if math.Abs(mean-want) > 1e-4 {
				t.Errorf("seed %d: the mean of channel %d is %v, want %v", seed, a, mean, want)
			}
			for b := range 3 {
				if c, want := covarianceOf(got, a, b), covarianceOf(content, a, b); math.Abs(c-want) > 1e-3 {
					t.Errorf("seed %d: the covariance of channels %d and %d is %v, want %v", seed, a, b, c, want)
				}
			}
		}
	}
}

// TestMatchToItself: colours that match already are left alone.
func TestMatchToItself(t *testing.T) {
	style := random(20, 30, 9)
	got := Match(style, style)
	for i, v := range got.Data() {
		if math.Abs(float64(v-style.Data()[i])) > 1e-3 {
			t.Fatalf("value %d is %v, want %v", i, v, style.Data()[i])
		}
	}
}

// TestMatchGrey: a grey style has no colour to stretch. Its mean becomes the
// content's, and no noise is blown up.
func TestMatchGrey(t *testing.T) {
	style, content := Grey(random(20, 30, 3)), random(20, 30, 4)
	style.Data()[0] += 0.5 // what JPEG leaves
	got := Match(style, content)
	for c := range 3 {
		mean, want := stat.Mean(channel(got, c), nil), stat.Mean(channel(content, c), nil)
		if math.Abs(mean-want) > 1e-3 {
			t.Errorf("the mean of channel %d is %v, want %v", c, mean, want)
		}
		if s, most := covarianceOf(got, c, c), covarianceOf(content, c, c)*1.01; !(s <= most) {
			t.Errorf("channel %d has variance %v, more than the content's %v", c, s, most)
		}
	}
	flat := tensor.New(1, 4, 4, 3)
	for _, v := range Match(flat, content).Data() {
		if v-v != 0 {
			t.Fatal("a picture of one colour is matched to values that are not finite")
		}
	}
}

func TestMatchLuma(t *testing.T) {
	style, content := random(31, 47, 5), random(40, 23, 6)
	got, want := channel(MatchLuma(style, content), 1), channel(Grey(content), 1)
	if a, b := stat.Mean(got, nil), stat.Mean(want, nil); math.Abs(a-b) > 1e-3 {
		t.Errorf("mean %v, want %v", a, b)
	}
	if a, b := stat.PopStdDev(got, nil), stat.PopStdDev(want, nil); math.Abs(a-b) > 1e-3 {
		t.Errorf("deviation %v, want %v", a, b)
	}
}

// TestKeep: the chroma is the content's in every pixel, the luma the painted
// one wherever the colour allows it, and nothing has to be clamped. The painted
// values go beyond 0..255, as L-BFGS leaves them.
func TestKeep(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	painted, content := tensor.New(1, 50, 60, 3), tensor.New(1, 50, 60, 3)
	for i := range painted.Data() {
		painted.Data()[i] = 400*rng.Float32() - 70
		content.Data()[i] = float32(rng.IntN(256))
	}
	got := Keep(painted, content)
	moved := 0
	for i := 0; i < got.Len(); i += 3 {
		g, c, p := got.Data()[i:i+3], content.Data()[i:i+3], painted.Data()[i:i+3]
		yg, yc, yp := luma64(g), luma64(c), luma64(p)
		low, high := math.Inf(-1), math.Inf(1)
		for k := range 3 {
			if chroma, want := float64(g[k])-yg, float64(c[k])-yc; math.Abs(chroma-want) > 1e-3 {
				t.Fatalf("pixel %d: chroma %v, want %v", i/3, chroma, want)
			}
			if g[k] < -1e-3 || g[k] > 255.001 {
				t.Fatalf("pixel %d: %v is outside 0..255", i/3, g)
			}
			low = max(low, -(float64(c[k]) - yc))
			high = min(high, 255-(float64(c[k])-yc))
		}
		if want := max(low, min(high, yp)); math.Abs(yg-want) > 1e-3 {
			t.Fatalf("pixel %d: luma %v, want %v, the nearest to %v in %v..%v", i/3, yg, want, yp, low, high)
		}
		if math.Abs(yg-yp) > 1e-3 {
			moved++
		}
	}
	if moved == 0 || moved == got.Len()/3 {
		t.Errorf("the luma gave way in %d of %d pixels: the test shows nothing", moved, got.Len()/3)
	}
}

func luma64(p []float32) float64 {
	return 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2])
}

func TestShapes(t *testing.T) {
	defer func() {
		if r, _ := recover().(string); !strings.HasPrefix(r, "colour: Keep: the painted picture") {
			t.Errorf("panic %q", r)
		}
	}()
	Keep(tensor.New(1, 2, 3, 3), tensor.New(1, 3, 2, 3))
}
