package painting

import (
	"image"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestLoadMask: white is 1, black 0, and grey between, whatever the size of the
// file.
func TestLoadMask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mask.png")
	m := image.NewRGBA(image.Rect(0, 0, 4, 2))
	for i, c := range []color.RGBA{{255, 255, 255, 255}, {0, 0, 0, 255}, {51, 51, 51, 255}, {255, 0, 0, 255}} {
		m.Set(i, 0, c)
		m.Set(i, 1, c)
	}
	writePNG(t, path, m)
	got, err := newSources(t.Context(), Reading{}).mask(path, tensor.New(1, 2, 4, 3), "content")
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 0, 0.2, 0.299}
	for i, v := range got.Data() {
		if math.Abs(float64(v-want[i%4])) > 1e-6 {
			t.Errorf("pixel %d is %v, want %v", i, v, want[i%4])
		}
	}
	if larger, err := newSources(t.Context(), Reading{}).mask(path, tensor.New(1, 50, 100, 3), "content"); err != nil || !slices.Equal(larger.Shape(), []int{1, 50, 100, 1}) {
		t.Errorf("for a larger picture: %v, %v", larger, err)
	}
}

// TestOverlap: only what is beyond the whole of a pixel counts, and a style without a
// mask overlaps with nothing.
func TestOverlap(t *testing.T) {
	mask := func(values ...float32) nst.Style {
		m := tensor.New(1, 1, len(values), 1)
		copy(m.Data(), values)
		return nst.Style{ContentMask: m}
	}
	for _, c := range []struct {
		styles []nst.Style
		want   float64
	}{
		{nil, 0},
		{[]nst.Style{{}, {}}, 0},
		{[]nst.Style{mask(1, 1, 1, 1), {}}, 0},
		{[]nst.Style{mask(1, 1, 0, 0), mask(0, 0, 1, 1)}, 0},
		{[]nst.Style{mask(1, 0.5, 0, 0), mask(0, 0.5, 1, 1)}, 0},
		{[]nst.Style{mask(1, 1, 0, 0), mask(1, 0.5, 1, 1)}, 0.375},
		{[]nst.Style{mask(1, 1, 1, 1), mask(1, 1, 1, 1), mask(1, 1, 1, 1)}, 1},
	} {
		if got := overlap(c.styles); got != c.want {
			t.Errorf("overlap %v, want %v", got, c.want)
		}
	}
}
