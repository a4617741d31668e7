package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// total returns the cost of a picture from its terms.
func total(c painting.Costs, content, style, beyond, tv float64) float64 {
	return c.Alpha*content + c.Beta*style + c.Range*(c.Alpha+c.Beta)*beyond + c.TV*tv
}

func TestPaint(t *testing.T) {
	classic := withPreset(t, "classic").Costs
	if classic.Alpha != 10 || classic.Beta != 40 || classic.TV != 0 {
		t.Errorf("the classical weights are %v, %v and %v", classic.Alpha, classic.Beta, classic.TV)
	}
	t.Run("default", func(t *testing.T) { testPaint(t, painting.New().Costs) })
	t.Run("classic", func(t *testing.T) { testPaint(t, classic, "--preset", "classic") })
}

// testPaint paints a picture with everything that tells of the run. The costs are those
// of the flags.
func testPaint(t *testing.T, costs painting.Costs, flags ...string) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	stdout, stderr := mustRun(t, append([]string{content, style, "-o", in("out.png"), "--weights", smallWeights, "--size", "44", "--iterations", "6",
		"--min-size", "30", "--trace", in("trace.jsonl"), "--plot", in("plot.png"), "--frames", in("frames"), "--frame-every", "3", "--json"}, flags...)...)
	var report report
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
	lines := strings.Split(strings.TrimSpace(string(readTestFile(t, in("trace.jsonl")))), "\n")
	if len(lines) != report.Evals {
		t.Errorf("the trace has %d lines for %d evaluations", len(lines), report.Evals)
	}
	for i, line := range lines {
		var r painting.TraceLine
		if err := json.Unmarshal([]byte(line), &r); err == nil && (r.Scale != 1 || r.Width != 31 || r.Height != 23) && (r.Scale != 2 || r.Width != 44 || r.Height != 33) {
			t.Errorf("line %d: %s: want scale 1 at 31x23 or scale 2 at 44x33", i+1, line)
		}
		content := 0.0
		for _, l := range costs.ContentLayers {
			content += l.Weight * r.ContentLayers[l.Name]
		}
		layers, weights := 0.0, 0.0
		for _, l := range costs.StyleLayers {
			layers += l.Weight * r.StyleLayers[l.Name]
			weights += l.Weight
		}
		layers /= weights
		if math.Abs(content-r.Content) > 1e-9*r.Content || math.Abs(layers-r.Style) > 1e-9*r.Style || r.Iteration > i {
			t.Errorf("line %d: %s: the costs of the layers do not add up to those of all, or the iteration is wrong", i+1, line)
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Evals != i+1 || !(math.Abs(r.Total-total(costs, r.Content, r.Style, r.Range, r.TV)) <= 1e-9*r.Total) || (r.TV > 0) != (costs.TV > 0) {
			t.Errorf("line %d: %s (%v): want the evaluation and the total of its terms with the weights %+v", i+1, line, err, costs)
		}
	}
}

func TestFramesKeepTheirHandsOffInputs(t *testing.T) {
	_, style, dir := pictures(t)
	content := filepath.Join(dir, "frame-00002.png")
	drawPNG(t, content, 48, 36, 9)
	before := readTestFile(t, content)
	code, _, stderr := nstRun(t, content, style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "32", "--iterations", "3", "--frames", dir, "--frame-every", "2", "-q")
	if code != commandline.ExitFailed || !strings.Contains(stderr, dir+" already has frames") {
		t.Errorf("exit %d and %q, want %d and a word of what is there", code, stderr, commandline.ExitFailed)
	}
	if !bytes.Equal(before, readTestFile(t, content)) {
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
		"--optimizer adam --learning-rate 2", "--optimizer adam --average-decay 0", "--min-size 24",
		"--strength 60", "--content-cost absolute", "--self-similarity 0", "--style-sizes 1", "--style-cost gram", "--style-cost mean-std", "--style-cost wasserstein"} {
		args := append([]string{"paint", content, style, "-o", out, "--size", "40", "--iterations", "4", "--weights", smallWeights, "--json"}, strings.Fields(flags)...)
		stdout, _ := mustRun(t, args...)
		var report report
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
		got := readTestFile(t, out)
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
	if !strings.Contains(stdout, "nst-demo.png") || !strings.Contains(stdout, "nst photo.jpg painting.jpg") {
		t.Errorf("stdout %q: want the file and what to try next", stdout)
	}
	if !strings.Contains(stderr, "the demo") {
		t.Errorf("stderr %q does not say what is painted", stderr)
	}
	if size := readPNG(t, "nst-demo.png").Bounds().Size(); size != image.Pt(48, 32) {
		t.Errorf("the demo is %v, want 48x32, the proportions of its content", size)
	}
}

// TestDemoCommand: it paints what nst does without pictures, and takes none.
func TestDemoCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	want, _ := mustRun(t, "--size", "48", "--iterations", "2")
	whole := readTestFile(t, "nst-demo.png")
	if err := os.Remove("nst-demo.png"); err != nil {
		t.Fatal(err)
	}
	got, _ := mustRun(t, "demo", "--size", "48", "--iterations", "2")
	if !bytes.Equal(readTestFile(t, "nst-demo.png"), whole) {
		t.Error("nst demo paints another file than nst")
	}
	if lines := strings.Count(got, "\n"); lines != strings.Count(want, "\n") {
		t.Errorf("nst demo prints %q, nst prints %q", got, want)
	}
	code, stdout, stderr := nstRun(t, "demo", "photo.jpg")
	if code != commandline.ExitUsage || !strings.Contains(stderr, "unexpected argument photo.jpg") || strings.Count(stderr, "\n") != 1 || stdout != "" {
		t.Errorf("nst demo photo.jpg: exit %d, %q, %q", code, stdout, stderr)
	}
	if got := listing(t, "."); got != "nst-demo.png" {
		t.Errorf("files: %s", got)
	}
}

// The result is as transparent as the content, in the colours of the painting.
func TestPaintKeepsAlpha(t *testing.T) {
	_, style, dir := pictures(t)
	content := filepath.Join(dir, "cutout.png")
	m := image.NewNRGBA(image.Rect(0, 0, 48, 36))
	for y := range 36 {
		for x := range 48 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(7 * y), 90, uint8(255 * (x / 24))})
		}
	}
	writePNG(t, content, m)
	path, _ := paintedBy(t, dir, "out.png", content, style)
	got := readPNG(t, path)
	for _, c := range []struct {
		x    int
		want uint32
	}{{2, 0}, {38, 0xffff}} {
		if _, _, _, a := got.At(c.x, 15).RGBA(); a != c.want {
			t.Errorf("column %d has alpha %x, want %x", c.x, a, c.want)
		}
	}
}
