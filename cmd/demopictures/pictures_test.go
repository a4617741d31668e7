package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/demo"
)

// The committed files are what the generator draws. Processors with fused
// multiply-add round differently, hence a tolerance.
func TestCommittedPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("drawing both pictures takes seconds")
	}
	committed := map[string][]byte{"content.jpg": demo.Content, "style.jpg": demo.Style}
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			data, err := encode(p.draw())
			if err != nil {
				t.Fatal(err)
			}
			got, want := pixels(t, data), pixels(t, committed[p.name])
			if len(got) != len(want) {
				t.Fatalf("%d pixels, want %d", len(got), len(want))
			}
			sum := 0.0
			for i := range got {
				for k := range 3 {
					sum += math.Abs(got[i][k] - want[i][k])
				}
			}
			if mean := sum / float64(3*len(got)); mean > 1.0/255 {
				t.Errorf("the file differs from what is drawn by %.2f levels on average: run go generate ./cmd/internal/demo", 255*mean)
			}
		})
	}
}

func pixels(t *testing.T, data []byte) []colour {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	var p []colour
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, b, _ := m.At(b.Min.X+x, b.Min.Y+y).RGBA()
			p = append(p, colour{float64(r) / 65535, float64(g) / 65535, float64(b) / 65535})
		}
	}
	return p
}

func TestNoise(t *testing.T) {
	lo, hi := 0.0, 0.0
	for i := range 20000 {
		x, y := float64(i%173)*0.193-9, float64(i/173)*0.211-9
		v := noise(x, y, 3)
		lo, hi = min(lo, v), max(hi, v)
		if v != noise(x, y, 3) {
			t.Fatalf("noise(%v, %v) is not repeatable", x, y)
		}
		if d := math.Abs(noise(x+1e-6, y, 3) - v); d > 1e-5 {
			t.Fatalf("noise jumps by %v at (%v, %v)", d, x, y)
		}
		if r := ridged(x, y, 4, 3); r < 0 || r > 1 {
			t.Fatalf("ridged(%v, %v) = %v, outside 0..1", x, y, r)
		}
	}
	if lo < -1 || hi > 1 || lo > -0.5 || hi < 0.5 {
		t.Errorf("noise spans %v..%v, want about -0.7..0.7", lo, hi)
	}
	if v := noise(4, -7, 3); v != 0 {
		t.Errorf("noise on a lattice point is %v, want 0", v)
	}
}

// Above the ground strokes run along the contour lines of the stream function.
func TestFlowFollowsTheStream(t *testing.T) {
	for i := range 500 {
		x, y := float64(i%25)*0.05, float64(i/25)*0.03
		dx, dy := flow(x, y)
		if n := math.Hypot(dx, dy); math.Abs(n-1) > 1e-4 {
			t.Fatalf("flow(%v, %v) has length %v, want 1", x, y, n)
		}
		if y > ground(x)-0.05 {
			continue
		}
		const e = 0.002
		along := math.Abs(stream(x+e*dx, y+e*dy) - stream(x-e*dx, y-e*dy))
		across := math.Abs(stream(x-e*dy, y+e*dx) - stream(x+e*dy, y-e*dx))
		if along > 0.02*across+1e-5 {
			t.Errorf("at (%v, %v) the stream function changes by %v along the flow, %v across it", x, y, along, across)
		}
	}
}

func TestGradient(t *testing.T) {
	stops := []stop{{0, colour{0, 0, 0}}, {0.5, colour{1, 0, 0}}, {1, colour{1, 1, 0}}}
	for _, c := range []struct {
		t    float64
		want colour
	}{{-1, colour{0, 0, 0}}, {0.25, colour{0.5, 0, 0}}, {0.5, colour{1, 0, 0}}, {0.75, colour{1, 0.5, 0}}, {2, colour{1, 1, 0}}} {
		if got := gradient(stops, c.t); got != c.want {
			t.Errorf("gradient at %v is %v, want %v", c.t, got, c.want)
		}
	}
}

func TestRender(t *testing.T) {
	m := render(3, 2, 2, func(x, y float64) colour { return colour{x / 2, y, 1} })
	if got, want := m.Bounds(), image.Rect(0, 0, 3, 2); got != want {
		t.Fatalf("bounds %v, want %v", got, want)
	}
	r, g, b, a := m.At(2, 0).RGBA()
	if r>>8 != 159 || g>>8 != 64 || b>>8 != 255 || a>>8 != 255 { // 5/8 and 1/4 of 255, rounded
		t.Errorf("pixel (2,0) is %d %d %d %d, want 159 64 255 255", r>>8, g>>8, b>>8, a>>8)
	}
	path := filepath.Join(t.TempDir(), "x.jpg")
	if err := write(path, m); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(pixels(t, data)); got != 6 {
		t.Errorf("the file holds %d pixels, want 6", got)
	}
}
