package main

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// drawMask writes a mask that is white to the left of x and black elsewhere.
func drawMask(t *testing.T, path string, w, h, x int) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		if i%w < x {
			m.Pix[i] = 255
		}
	}
	writePNG(t, path, m)
}

// TestTransparentMask: what is transparent is outside, whatever its colour.
func TestTransparentMask(t *testing.T) {
	content, style, dir := pictures(t)
	grey, layer := filepath.Join(dir, "grey.png"), filepath.Join(dir, "layer.png")
	drawMask(t, grey, 48, 36, 20)
	m := image.NewNRGBA(image.Rect(0, 0, 48, 36))
	for i := range 48 * 36 {
		copy(m.Pix[4*i:], []byte{255, 255, 255, 0})
		if i%48 < 20 {
			m.Pix[4*i+3] = 255
		}
	}
	writePNG(t, layer, m)
	want := paintTotals(t, content, style, "--mask", grey, "-o", filepath.Join(dir, "a.png"))
	got := paintTotals(t, content, style, "--mask", layer, "-o", filepath.Join(dir, "b.png"))
	if !(math.Abs(got.Total-want.Total) <= 1e-3*want.Total) || !(math.Abs(got.Style-want.Style) <= 1e-3*want.Style) { // but for resampling
		t.Errorf("a mask on a transparent layer leads to %v, %v, a grey one to %v, %v", got.Total, got.Style, want.Total, want.Style)
	}
}

// TestOverlap: masks that overlap are worth a word, those that meet are not.
func TestOverlap(t *testing.T) {
	content, style, dir := pictures(t)
	left, all := filepath.Join(dir, "left.png"), filepath.Join(dir, "all.png")
	drawMask(t, left, 48, 36, 24)
	drawMask(t, all, 48, 36, 48)
	paint := func(masks ...string) string {
		args := []string{content, style, "--style", style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "48", "--iterations", "1"}
		for _, m := range masks {
			args = append(args, "--mask", m)
		}
		_, stderr := mustRun(t, args...)
		return stderr
	}
	if got := paint(left, all); !strings.Contains(got, "nst: the masks overlap in 50 % of the picture") {
		t.Errorf("stderr %q, want it to say that masks overlap", got)
	}
	if got := paint(left); strings.Contains(got, "overlap") {
		t.Errorf("stderr %q, but the second style has what the first leaves", got)
	}
}

func paintTotals(t *testing.T, args ...string) paintReport {
	t.Helper()
	stdout, _ := mustRun(t, append(args, "--weights", smallWeights, "--size", "40", "--iterations", "3", "--json", "-q")...)
	var report paintReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func TestSeveralStyles(t *testing.T) {
	content, style, dir := pictures(t)
	other, out := filepath.Join(dir, "other.png"), filepath.Join(dir, "out.png")
	drawPNG(t, other, 50, 30, 7)
	mask, part := filepath.Join(dir, "mask.png"), filepath.Join(dir, "part.png")
	drawMask(t, mask, 96, 72, 40) // of other sizes than the pictures
	drawMask(t, part, 100, 60, 50)

	// The same blend in several words.
	want := paintTotals(t, content, style, "--style", other, "-o", out)
	for _, args := range [][]string{
		{content, "--style", style, "--style", other, "-o", out},
		{content, "--style", style + "=2", "--style", other + "=2.0", "-o", out},
		{content, style, "--style", other, "--mask", "all", "--mask", "all:all", "-o", out},
		{content, style, "--style", other, "--style-scale", "1", "-o", out},
		{content, style, "--style", other, "--style-size", "40", "-o", out},
	} {
		if got := paintTotals(t, args...); got.Total != want.Total {
			t.Errorf("%v costs %v, want %v", args, got.Total, want.Total)
		}
	}
	seen := map[float64]bool{want.Total: true}
	for _, args := range [][]string{
		{"--style", style + "=3", "--style", other}, {"--style", other},
		{"--style", style, "--style", other, "--style-scale", "0.8"},
		{"--style", style, "--style", other, "--style-size", "50"},
		{"--style", style, "--style", other, "--mask", mask},
		{"--style", style, "--style", other, "--mask", "all", "--mask", mask},
		{"--style", style, "--style", other, "--mask", "all", "--mask", "all:" + part},
		{"--style", style, "--style", other, "--mask", "all", "--mask", mask + ":" + part},
	} {
		got := paintTotals(t, append([]string{content, "-o", out}, args...)...)
		if seen[got.Total] {
			t.Errorf("%v costs %v, as other flags do: one is ignored", args, got.Total)
		}
		seen[got.Total] = true
		if regions := strings.Contains(strings.Join(args, " "), mask); regions != (len(got.Regions) == 2) {
			t.Errorf("%v: the report has the regions %v", args, got.Regions)
		}
	}

	p := paintCmd{ContentFile: content, styleFlags: styleFlags{Styles: []string{style, other + "=2"}}}
	if p.fillIn(); p.Out != "photo-painting-other.png" {
		t.Errorf("the result is named %s, not after both styles", p.Out)
	}
}

func TestStyleCostFlags(t *testing.T) {
	content, style, dir := pictures(t)
	seen := make(map[float64]bool)
	for _, flags := range []string{"--style-cost gram", "--style-cost mean-std", "--style-cost wasserstein", "--content-layers conv4_2=2", "--content-layers conv4_2=0.5,conv3_1",
		"--normalize-gradients --optimizer adam", "--optimizer adam"} {
		got := paintTotals(t, append([]string{content, style, "-o", filepath.Join(dir, "out.png")}, strings.Fields(flags)...)...)
		if seen[got.Total] {
			t.Errorf("%s costs %v, as other flags do", flags, got.Total)
		}
		seen[got.Total] = true
	}
}

func TestParseStyle(t *testing.T) {
	t.Chdir(t.TempDir())
	writeTestFile(t, "a=2", nil)
	writeTestFile(t, "b:c", nil)
	for text, want := range map[string]styleSource{
		"x.jpg": {file: "x.jpg", weight: 1}, "x.jpg=2": {file: "x.jpg", weight: 2}, "x=y.jpg=0.5": {file: "x=y.jpg", weight: 0.5}, "a=2": {file: "a=2", weight: 1},
	} {
		if got, err := parseStyle(text); got != want || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string][2]string{
		"x.png": {"x.png", ""}, "all": {"", ""}, "x.png:all": {"x.png", ""}, "all:y.png": {"", "y.png"}, "x:y:z": {"x:y", "z"}, "b:c": {"b:c", ""},
	} {
		if content, style, err := parseMask(text); content != want[0] || style != want[1] || err != nil {
			t.Errorf("%s: %q, %q, %v; want %q", text, content, style, err, want)
		}
	}
}

func TestSeparators(t *testing.T) {
	for _, c := range []struct {
		text           string
		posix, windows []int
	}{
		{"sky.png", nil, nil},
		{"sky.png:clouds.png", []int{7}, []int{7}},
		{`C:\sky.png`, []int{1}, nil},
		{`C:\sky.png:clouds.png`, []int{1, 10}, []int{10}},
		{`sky.png:D:\clouds.png`, []int{7, 9}, []int{7}},
		{`C:\sky.png:D:\clouds.png`, []int{1, 10, 12}, []int{10}},
		{":clouds.png", []int{0}, []int{0}},
	} {
		for windows, want := range map[bool][]int{false: c.posix, true: c.windows} {
			if got := separators(c.text, windows); !slices.Equal(got, want) {
				t.Errorf("%s, on Windows %v: colons at %v, want %v", c.text, windows, got, want)
			}
		}
	}
}

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
	got, err := loadMask(path, tensor.New(1, 2, 4, 3), "content")
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, 0, 0.2, 0.299}
	for i, v := range got.Data() {
		if math.Abs(float64(v-want[i%4])) > 1e-6 {
			t.Errorf("pixel %d is %v, want %v", i, v, want[i%4])
		}
	}
	if larger, err := loadMask(path, tensor.New(1, 50, 100, 3), "content"); err != nil || !slices.Equal(larger.Shape(), []int{1, 50, 100, 1}) {
		t.Errorf("for a larger picture: %v, %v", larger, err)
	}
}
