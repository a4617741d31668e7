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
	got, err := newSources(t.Context(), New().Reading).mask(path, tensor.New(1, 2, 4, 3), "content")
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 0, 0.2, 0.299}
	for i, v := range got.Data() {
		if math.Abs(float64(v-want[i%4])) > 1e-6 {
			t.Errorf("pixel %d is %v, want %v", i, v, want[i%4])
		}
	}
	if larger, err := newSources(t.Context(), New().Reading).mask(path, tensor.New(1, 50, 100, 3), "content"); err != nil || !slices.Equal(larger.Shape(), []int{1, 50, 100, 1}) {
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

// TestEnlarged: by either side of a narrow picture, and of the styles by their own size.
func TestEnlarged(t *testing.T) {
	dir := t.TempDir()
	tall, wide := filepath.Join(dir, "tall.png"), filepath.Join(dir, "wide.png")
	drawPNG(t, tall, 30, 40, 3)
	drawPNG(t, wide, 50, 10, 3)
	for _, c := range []struct {
		size   int
		sizing StyleSizing
		want   string
	}{
		{40, StyleSizing{1, 0}, ""},
		{41, StyleSizing{1, 0}, tall + " from 30x40 to 31x41"},
		{60, StyleSizing{1, 0}, tall + " from 30x40 to 45x60, " + wide + " from 50x10 to 60x12"},
		{60, StyleSizing{0.5, 0}, tall + " from 30x40 to 45x60"},
		{20, StyleSizing{1, 100}, wide + " from 50x10 to 100x20"},
	} {
		s := newSources(t.Context(), New().Reading)
		for _, name := range []string{tall, wide} {
			if _, err := s.read(name); err != nil {
				t.Fatal(err)
			}
		}
		job := New()
		job.Content, job.Styles, job.Size, job.StyleSizing = tall, []Style{{File: wide, Weight: 1}, {File: wide, Weight: 2}}, c.size, c.sizing
		want := c.want
		if want != "" {
			want = "enlarged, which adds no detail: " + want + " (see --size and --style-scale)"
		}
		if got := s.enlarged(&job); got != want {
			t.Errorf("--size %d, %+v: %q, want %q", c.size, c.sizing, got, want)
		}
	}
	job := New()
	if err := job.Apply(nil, Demo); err != nil {
		t.Fatal(err)
	}
	job.Content, job.Styles = DemoContent, []Style{{File: DemoStyle, Weight: 1}}
	if got := newSources(t.Context(), New().Reading).enlarged(&job); got != "" {
		t.Errorf("the demo: %s", got)
	}
}
