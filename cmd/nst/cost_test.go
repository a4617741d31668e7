package main

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor/npy"
)

func TestCost(t *testing.T) {
	content, style, dir := pictures(t)
	gradient, features := filepath.Join(dir, "g.npy"), filepath.Join(dir, "features")
	drawPNG(t, filepath.Join(dir, "image.png"), 48, 36, 5)
	stdout, _ := mustRun(t, "cost", "--content", content, "--style", style, "--image", filepath.Join(dir, "image.png"),
		"--weights", smallWeights, "--gradient", gradient, "--features", features, "--json", "--beta", "100")
	var report costReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	want := 10 * report.Content
	for _, v := range report.Style {
		want += 100 * 0.2 * v
	}
	if len(report.Style) != 5 || math.Abs(report.Total-want) > 1e-9*want {
		t.Errorf("total %v, but the terms add up to %v: %+v", report.Total, want, report)
	}
	g, err := npy.ReadFile(gradient)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range g.Data() {
		sum += float64(v) * float64(v)
	}
	if s := g.Shape(); len(s) != 3 || s[0] != 36 || s[1] != 48 || s[2] != 3 || math.Abs(math.Sqrt(sum)-report.GradientNorm) > 1e-6*report.GradientNorm {
		t.Errorf("gradient %v of norm %v, want [36 48 3] and %v", s, math.Sqrt(sum), report.GradientNorm)
	}
	f, err := npy.ReadFile(filepath.Join(features, "conv4_2.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Shape(); len(s) != 3 || s[0] != 4 || s[1] != 6 {
		t.Errorf("conv4_2 has shape %v", s)
	}
	text, _ := mustRun(t, "cost", "--content", content, "--style", style, "--image", content, "--weights", smallWeights, "--tv", "1")
	for _, word := range []string{"total", "content", "style", "conv5_1", "tv", "gradient"} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing from %q", word, text)
		}
	}
}

func TestCostOfRegions(t *testing.T) {
	content, style, dir := pictures(t)
	mask := filepath.Join(dir, "mask.png")
	drawMask(t, mask, 48, 36, 30)
	args := []string{"cost", "--content", content, "--image", content, "--style", style, "--style", style, "--mask", "all", "--mask", mask, "--weights", smallWeights}
	stdout, _ := mustRun(t, append(args, "--json")...)
	var report costReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Regions) != 2 || !(report.Regions[0] > 0) || report.Regions[0] == report.Regions[1] {
		t.Errorf("regions %v, want two that differ", report.Regions)
	}
	if text, _ := mustRun(t, args...); !strings.Contains(text, "region 2") {
		t.Errorf("%q has no word of region 2", text)
	}
}
