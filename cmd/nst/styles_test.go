package main

import (
	"encoding/json"
	"image"
	"math"
	"path/filepath"
	"strings"
	"testing"
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
	if got := paint(left, all); !strings.Contains(got, "nst: the masks overlap in 50 % of the picture, where their styles will conflict\n") {
		t.Errorf("stderr %q, want it to say that masks overlap", got)
	}
	if got := paint(left); strings.Contains(got, "overlap") {
		t.Errorf("stderr %q, but the second style has what the first leaves", got)
	}
}

func paintTotals(t *testing.T, args ...string) report {
	t.Helper()
	stdout, _ := mustRun(t, append(args, "--weights", smallWeights, "--size", "40", "--iterations", "3", "--json", "-q")...)
	var report report
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

	c, err := parse(t, content, "--style", style, "--style", other+"=2")
	if err != nil {
		t.Fatal(err)
	}
	if c.Paint.job.Out != "photo-painting-other.png" {
		t.Errorf("the result is named %s, not after both styles", c.Paint.job.Out)
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
