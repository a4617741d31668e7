package chart

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// TestFlat: a curve of one height is drawn, be it ever so low or high.
func TestFlat(t *testing.T) {
	for _, y := range []float64{5e-324, 1e-310, 1e-300, 0.5, 1, 7, 1e300} {
		for _, n := range []int{1, 2} {
			s := Series{Name: "flat", X: []float64{1, 2}[:n], Y: []float64{y, y}[:n]}
			if _, err := PNG("Cost", "evaluations", []Series{s}); err != nil {
				t.Errorf("%d points at %g: %v", n, y, err)
			}
		}
	}
}

// TestPNG: every series is there in its colour, and one that falls by a constant
// factor is a straight line, as on a logarithmic scale.
func TestPNG(t *testing.T) {
	var falling, flat Series
	for i := range 21 {
		x := float64(10 * i)
		falling.X, falling.Y = append(falling.X, x), append(falling.Y, 1000*math.Pow(0.7, float64(i)))
		flat.X, flat.Y = append(flat.X, x), append(flat.Y, 2000)
	}
	nothing := Series{Name: "nothing", X: []float64{0, 1}, Y: []float64{0, math.NaN()}}
	data, err := PNG("Cost", "evaluations", []Series{nothing, flat, falling, nothing})
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	width, height := m.Bounds().Dx(), m.Bounds().Dy()
	if width < 400 || math.Abs(float64(width)/float64(height)-1.6) > 0.01 {
		t.Errorf("the drawing is %dx%d, want 16 to 10", width, height)
	}
	// heights returns the mean height of a colour in each column that it is in, in
	// the left half: the legend is on the right.
	heights := func(c color.RGBA) (xs, ys []float64) {
		for x := range width / 2 {
			sum, n := 0.0, 0
			for y := range height {
				if color.RGBAModel.Convert(m.At(x, y)) == c {
					sum, n = sum+float64(y), n+1
				}
			}
			if n > 0 {
				xs, ys = append(xs, float64(x)), append(ys, sum/float64(n))
			}
		}
		return xs, ys
	}
	// The first colour is that of letters, too, where these are smoothed.
	for i, falls := range map[int]bool{1: false, 2: true} {
		xs, ys := heights(colours[i])
		last := len(xs) - 1
		if last < width/4 {
			t.Fatalf("series %d is seen in %d columns", i, last+1)
		}
		slope := (ys[last] - ys[0]) / (xs[last] - xs[0])
		if falls != (slope > 0.1) {
			t.Errorf("series %d falls by %v pixels each", i, slope)
		}
		for k, x := range xs {
			if want := ys[0] + slope*(x-xs[0]); math.Abs(ys[k]-want) > 2 {
				t.Errorf("series %d, column %v: at height %v, the straight line at %v", i, x, ys[k], want)
			}
		}
	}
	if xs, _ := heights(colours[3]); len(xs) > 0 {
		t.Error("a series without values above 0 is drawn")
	}
}

func TestPNGErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		series []Series
	}{
		{"no series", nil},
		{"only 0", []Series{{Name: "a", X: []float64{1}, Y: []float64{0}}}},
		{"infinite", []Series{{Name: "a", X: []float64{1}, Y: []float64{math.Inf(1)}}}},
	} {
		if data, err := PNG("", "", c.series); err == nil || data != nil {
			t.Errorf("%s: %d bytes and %v, want an error alone", c.name, len(data), err)
		}
	}
}
