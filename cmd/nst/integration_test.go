package main

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// collage writes a content, two styles and masks for both into a new folder, and
// returns the flags that paint them at three scales. The names are relative to it.
func collage(t *testing.T) (dir string, args []string) {
	t.Helper()
	dir = t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	drawPNG(t, in("photo.png"), 96, 72, 9)
	drawPNG(t, in("one.png"), 80, 80, 3)
	drawPNG(t, in("two.png"), 100, 60, 7)
	drawMask(t, in("left.png"), 96, 72, 40)
	drawMask(t, in("all.png"), 96, 72, 96)
	drawMask(t, in("part.png"), 100, 60, 50)
	return dir, []string{"photo.png", "--style", "one.png=2", "--style", "two.png", "--mask", "left.png", "--mask", "./all.png:part.png",
		"--size", "64", "--min-size", "24", "--scales", "3", "--iterations", "10", "--weights", weightsFromHere}
}

// TestTogether paints several styles with masks at several scales, in the colours of
// each, with all that shows the run, and paints it again.
func TestTogether(t *testing.T) {
	for _, color := range []string{"style", "content", "match"} {
		t.Run(color, func(t *testing.T) {
			dir, args := collage(t)
			t.Chdir(dir)
			stdout, _ := mustRun(t, append(args, "--color", color, "-o", "out.png", "--record", "out.json", "--trace", "trace.jsonl", "--timelapse", "out.apng",
				"--coarse-share", "0.1", "--frames", "frames", "--frame-every", "4", "--preview", "preview.png", "--json", "-q")...)
			var report report
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatal(err)
			}
			// A tenth of the iterations at each of two smaller scales.
			if report.Width != 64 || report.Height != 48 || report.Iterations != 12 || len(report.Regions) != 2 {
				t.Errorf("report %+v: want 64x48, 12 iterations and 2 regions", report)
			}
			c := painting.New().Costs
			if want := total(c, report.Content, report.Style, report.Range, report.TV); !(math.Abs(report.Total-want) <= 1e-9*want) || report.TV == 0 {
				t.Errorf("the total is %v, but its terms add up to %v: %+v", report.Total, want, report)
			}
			want := "out.png out.json preview.png trace.jsonl out.apng"
			for _, n := range []string{"00", "04", "08", "12"} {
				want += " " + filepath.Join("frames", "frame-000"+n+".png")
			}
			if got := slices.Sorted(slices.Values(report.Files)); report.Out != "out.png" || !slices.Equal(got, slices.Sorted(slices.Values(strings.Fields(want)))) {
				t.Errorf("the report lists %q for %s, want %s", got, report.Out, want)
			}
			samePicture(t, readPNG(t, "preview.png"), readPNG(t, "out.png"), "preview")
			samePicture(t, readPNG(t, "frames/frame-00012.png"), readPNG(t, "out.png"), "last frame")
			if got := listing(t, "frames"); got != "frame-00000.png frame-00004.png frame-00008.png frame-00012.png" {
				t.Errorf("frames: %s", got)
			}
			if n := len(readAPNG(t, "out.apng").Frames); n < 4 || n > 13 {
				t.Errorf("the animation has %d frames, want at most the start and twelve iterations", n)
			}
			scales := make(map[string]bool)
			for line := range strings.Lines(string(readTestFile(t, "trace.jsonl"))) {
				var r painting.TraceLine
				if err := json.Unmarshal([]byte(line), &r); err != nil {
					t.Fatal(err)
				}
				scales[fmt.Sprintf("%d: %dx%d", r.Scale, r.Width, r.Height)] = true
			}
			if len(scales) != 3 || !scales["1: 32x24"] || !scales["3: 64x48"] {
				t.Errorf("the trace has the scales %v", scales)
			}
			for i, from := range []string{"out.png", "out.json"} {
				again := fmt.Sprintf("again%d.png", i)
				mustRun(t, "again", from, "-o", again, "-q")
				if !sameFiles(t, "out.png", again) {
					t.Errorf("painted again from %s, it is another file", from)
				}
			}
		})
	}
}

// TestMasksKeepStylesApart: with layers that see a pixel's neighbours alone and no
// content, what becomes of a pixel inside of one mask has nothing to do with the
// style of the other, and it has with its own.
func TestMasksKeepStylesApart(t *testing.T) {
	dir, _ := collage(t)
	t.Chdir(dir)
	const w, h, edge = 96, 72, 40
	right := image.NewGray(image.Rect(0, 0, w, h))
	for i := range right.Pix {
		if i%w >= edge {
			right.Pix[i] = 255
		}
	}
	writePNG(t, "right.png", right)
	drawPNG(t, "three.png", 50, 50, 2)
	gradient := func(left, right string) *tensor.Tensor {
		mustRun(t, "cost", "--content", "photo.png", "--image", "photo.png", "--style", left, "--style", right, "--mask", "left.png", "--mask", "right.png",
			"--alpha", "0", "--style-layers", "conv1_1", "--weights", weightsFromHere, "--gradient", "gradient.npy")
		g, err := npy.ReadFile("gradient.npy")
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	before := gradient("one.png", "two.png")
	for _, c := range []struct {
		name        string
		after       *tensor.Tensor
		same, other [2]int // first and last column without and with the style that has changed
	}{
		{"the right", gradient("one.png", "three.png"), [2]int{0, edge - 2}, [2]int{edge + 1, w - 1}},
		{"the left", gradient("three.png", "two.png"), [2]int{edge + 1, w - 1}, [2]int{0, edge - 2}},
	} {
		differ := func(columns [2]int) (n int) {
			for y := range h {
				for x := columns[0]; x <= columns[1]; x++ {
					if c.after.At(y, x, 0) != before.At(y, x, 0) {
						n++
					}
				}
			}
			return n
		}
		if n := differ(c.same); n > 0 {
			t.Errorf("another style on %s changes %d pixels on the other side", c.name, n)
		}
		if n := differ(c.other); n < h*(c.other[1]-c.other[0])/2 {
			t.Errorf("another style on %s changes only %d pixels there", c.name, n)
		}
	}
}

// TestAgainWithMasks: the files of a record are looked for beside it, and each that
// is gone is named.
func TestAgainWithMasks(t *testing.T) {
	dir, args := collage(t)
	t.Chdir(dir)
	mustRun(t, append(args, "-o", "out.png", "--record", "out.json", "-q")...)
	elsewhere := t.TempDir()
	if err := os.CopyFS(elsewhere, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	record := filepath.Join(elsewhere, "out.json")
	mustRun(t, "again", record, "-o", "again.png", "-q")
	samePicture(t, readPNG(t, "again.png"), readPNG(t, filepath.Join(elsewhere, "out.png")), "again.png")

	for _, gone := range []string{"part.png", "two.png"} {
		if err := os.Remove(filepath.Join(elsewhere, gone)); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := nstRun(t, "again", record, "-o", "third.png", "--anyway")
	if code != commandline.ExitFailed || !strings.Contains(stderr, "missing: part.png, two.png;") || strings.Count(stderr, "\n") != 1 || stdout != "" {
		t.Errorf("exit %d, stdout %q, stderr %q, want the names of two missing files", code, stdout, stderr)
	}
	if got := listing(t, "."); got != "again.png" {
		t.Errorf("files: %s", got)
	}
}
