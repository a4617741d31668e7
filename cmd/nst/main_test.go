package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor/npy"
)

const smallWeights = "../../testdata/weights"

// nst runs a command line and returns its exit code and what it printed.
func nstRun(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), args, terminal{&out, &err})
	return code, out.String(), err.String()
}

// mustRun is nstRun for a command that has to succeed.
func mustRun(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := nstRun(t, args...)
	if code != exitOK {
		t.Fatalf("nst %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout, stderr
}

// drawPNG writes a picture of coloured stripes.
func drawPNG(t *testing.T, path string, w, h, period int) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(255 * (x / period % 2)), uint8(255 * (y / period % 2)), uint8(x * 255 / w), 255})
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, m); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, path, buf.Bytes())
}

func writeTestFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// pictures writes a content and a style picture and returns their names and
// that of a folder for results.
func pictures(t *testing.T) (content, style, dir string) {
	dir = t.TempDir()
	content, style = filepath.Join(dir, "photo.png"), filepath.Join(dir, "painting.png")
	drawPNG(t, content, 48, 36, 9)
	drawPNG(t, style, 40, 40, 3)
	return content, style, dir
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPaint(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	stdout, stderr := mustRun(t, content, style, "-o", in("out.png"), "--weights", smallWeights, "--size", "44", "--iterations", "6",
		"--min-size", "30", "--trace", in("trace.jsonl"), "--plot", in("plot.png"), "--frames", in("frames"), "--frame-every", "3", "--json")
	var report paintReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	if report.Width != 44 || report.Height != 33 || report.Iterations != 7 || report.Evals < 9 || !(report.Total > 0) {
		t.Errorf("report %+v", report)
	}
	for _, name := range []string{"out.png", "frames/frame-00000.png", "frames/frame-00003.png", "frames/frame-00006.png"} {
		if size := readPNG(t, in(name)).Bounds().Size(); size != image.Pt(44, 33) {
			t.Errorf("%s is %v", name, size)
		}
	}
	if size := readPNG(t, in("plot.png")).Bounds().Size(); size.X < 300 {
		t.Errorf("the plot is %v", size)
	}
	for _, want := range []string{"44x33, 7 iterations at 2 scales from 31x23 on: about ", " MiB.\n", "scale 1 of 2, 31x23: iteration 0 of 7", "scale 2 of 2, 44x33: iteration 1 of 7"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr %q does not say %q", stderr, want)
		}
	}
	trace, err := os.ReadFile(in("trace.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(trace)), "\n")
	if len(lines) != report.Evals {
		t.Errorf("the trace has %d lines for %d evaluations", len(lines), report.Evals)
	}
	for i, line := range lines {
		var r traceRecord
		if err := json.Unmarshal([]byte(line), &r); err == nil && (r.Scale != 1 || r.Width != 31 || r.Height != 23) && (r.Scale != 2 || r.Width != 44 || r.Height != 33) {
			t.Errorf("line %d: %s: want scale 1 at 31x23 or scale 2 at 44x33", i+1, line)
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Evals != i+1 || !(math.Abs(r.Total-10*r.Content-40*r.Style) <= 1e-9*r.Total) {
			t.Errorf("line %d: %s (%v): want the evaluation and a total of 10 content + 40 style", i+1, line, err)
		}
	}
}

func TestFramesKeepTheirHandsOffInputs(t *testing.T) {
	_, style, dir := pictures(t)
	content := filepath.Join(dir, "frame-00002.png")
	drawPNG(t, content, 48, 36, 9)
	before, err := os.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	code, _, stderr := nstRun(t, content, style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "32", "--iterations", "3", "--frames", dir, "--frame-every", "2", "-q")
	if code != exitFailed || !strings.Contains(stderr, "would overwrite") {
		t.Errorf("exit %d and %q, want %d and a word of what would be overwritten", code, stderr, exitFailed)
	}
	if after, err := os.ReadFile(content); err != nil || !bytes.Equal(before, after) {
		t.Error("the content picture was overwritten")
	}
}

func TestPaintStartsAndOptimisers(t *testing.T) {
	content, style, dir := pictures(t)
	out := filepath.Join(dir, "out.jpg")
	other := filepath.Join(dir, "other.png") // of another size than the content
	drawPNG(t, other, 30, 50, 7)
	totals := make(map[float64]string)
	for _, flags := range []string{"--init content", "--init style", "--init noise", "--init noise --seed 5", "--optimizer adam", "--pooling avg", "--tv 0.001", "--beta 1000",
		"--content-layers conv2_2,conv3_1", "--style-layers conv1_1=3,conv2_1", "--history 1", "--alpha 0",
		"--init grey", "--init " + other, "--init-noise 0.3", "--init-noise 0.3 --seed 5", "--init style --init-noise 0.3",
		"--optimizer adam --learning-rate 2", "--optimizer adam --average-decay 0", "--min-size 24"} {
		args := append([]string{"paint", content, style, "-o", out, "--size", "40", "--iterations", "4", "--weights", smallWeights, "--json"}, strings.Fields(flags)...)
		stdout, _ := mustRun(t, args...)
		var report paintReport
		if err := json.Unmarshal([]byte(stdout), &report); err != nil {
			t.Fatal(err)
		}
		if other, ok := totals[report.Total]; ok {
			t.Errorf("%s and %s end with the same cost %v: one of them is ignored", flags, other, report.Total)
		}
		totals[report.Total] = flags
	}
}

func TestPaintSameBitsForAnyThreads(t *testing.T) {
	content, style, dir := pictures(t)
	var first []byte
	for _, threads := range []string{"1", "2", "2"} {
		out := filepath.Join(dir, "out.png")
		mustRun(t, content, style, "-o", out, "--weights", smallWeights, "--iterations", "4", "--size", "48", "--threads", threads, "-q")
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !bytes.Equal(got, first) {
			t.Errorf("--threads %s gives another picture", threads)
		}
	}
}

func TestDemo(t *testing.T) {
	t.Chdir(t.TempDir())
	stdout, stderr := mustRun(t, "--size", "48", "--iterations", "2")
	if !strings.Contains(stdout, demoOut) || !strings.Contains(stdout, "nst photo.jpg painting.jpg") {
		t.Errorf("stdout %q: want the file and what to try next", stdout)
	}
	if !strings.Contains(stderr, "the demo") {
		t.Errorf("stderr %q does not say what is painted", stderr)
	}
	if m := readPNG(t, demoOut); m.Bounds().Dx() != 48 && m.Bounds().Dy() != 48 {
		t.Errorf("the demo is %v", m.Bounds())
	}
}

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

func TestBench(t *testing.T) {
	stdout, _ := mustRun(t, "bench", "--size", "32", "--evals", "1", "--network", "default", "--json")
	var report map[string]any
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"size", "threads", "evals", "seconds_median", "seconds_min", "forward_median", "rss_mib", "rss_base_mib", "gflops_direct_equivalent", "fma_peak_gflops"} {
		if v, ok := report[key].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v, want a number above 0", key, report[key])
		}
	}
}

// TestBenchLayers: every convolution up to conv5_1 is there, with its size, and
// the total adds up.
func TestBenchLayers(t *testing.T) {
	stdout, _ := mustRun(t, "bench", "--layers", "--size", "48", "--evals", "1", "--network", "default", "--json")
	var reports []layerReport
	if err := json.Unmarshal([]byte(stdout), &reports); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 14 || reports[0].Layer != "conv1_1" || reports[12].Layer != "conv5_1" || reports[13].Layer != "total" {
		t.Fatalf("reports %+v, want 13 convolutions and the total", reports)
	}
	if r := reports[12]; r.Height != 3 || r.Width != 3 || r.Out != 128 || r.GFLOP != 2*9*9*128*float64(r.In)/1e9 {
		t.Errorf("conv5_1 is %+v, want 3x3 pixels, 128 channels and 9 products of these by the channels before", r)
	}
	sum := layerReport{}
	for _, r := range reports[:13] {
		for _, p := range []pass{r.Forward, r.Backward} {
			if !(p.Seconds > 0) || !(p.OfPeak > 0) || math.Abs(p.GFLOPS*p.Seconds/r.GFLOP-1) > 1e-9 {
				t.Errorf("%s: %+v does not fit %v GFLOP", r.Layer, p, r.GFLOP)
			}
		}
		sum.GFLOP += r.GFLOP
		sum.Forward.Seconds += r.Forward.Seconds
		sum.Backward.Seconds += r.Backward.Seconds
	}
	total := reports[13]
	for _, d := range []float64{total.GFLOP - sum.GFLOP, total.Forward.Seconds - sum.Forward.Seconds, total.Backward.Seconds - sum.Backward.Seconds} {
		if math.Abs(d) > 1e-9 {
			t.Errorf("total is %+v, but the layers add up to %+v", total, sum)
		}
	}
	stdout, _ = mustRun(t, "bench", "--layers", "--size", "32", "--evals", "1", "--network", "default")
	if n := strings.Count(stdout, "\nconv"); n != 13 {
		t.Errorf("the table has %d convolutions, want 13:\n%s", n, stdout)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"paint", "--help"}, {"cost", "--help"}, {"bench", "--help"}} {
		stdout, _ := mustRun(t, args...)
		if !strings.Contains(stdout, "Usage: nst") {
			t.Errorf("nst %v prints %q", args, stdout)
		}
	}
}
