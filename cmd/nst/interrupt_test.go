package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestInterruptKeepsThePicture(t *testing.T) {
	content, style, dir := pictures(t)
	out := filepath.Join(dir, "out.png")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for { // until the third iteration has been saved
			if _, err := os.Stat(filepath.Join(dir, "frame-00003.png")); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{content, style, "-o", out, "--weights", smallWeights, "--iterations", "1000000", "--size", "96", "--frames", dir, "--frame-every", "3"}, terminal{&stdout, &stderr})
	if code != exitInterrupted {
		t.Errorf("exit %d, want %d: %s", code, exitInterrupted, stderr.String())
	}
	if size := readPNG(t, out).Bounds().Size(); size.X != 96 {
		t.Errorf("the picture is %v", size)
	}
	if !strings.Contains(stdout.String(), "Interrupted after") || strings.Contains(stderr.String(), "nst: ") {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
}

// TestInterruptBeforeTheFirstIteration: there is nothing to keep, and what was
// there before stays.
func TestInterruptBeforeTheFirstIteration(t *testing.T) {
	content, style, dir := pictures(t)
	out := filepath.Join(dir, "out.png")
	writeTestFile(t, out, []byte("of yesterday"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for want, args := range map[string][]string{
		"there is no picture yet": {content, style, "-o", out, "--timelapse", filepath.Join(dir, "out.gif"), "--frames", dir, "--preview", filepath.Join(dir, "now.png")},
		"before the first of 2":   {"sweep", content, style, "-o", out, "--beta", "1,2"},
		"the same command goes on with " + filepath.Join("out", "photo-painting.png"): {"batch", "--contents", content, "--styles", style, "--out-dir", filepath.Join(dir, "out")},
	} {
		var stdout, stderr bytes.Buffer
		code := run(ctx, append(args, "--weights", smallWeights, "--size", "40", "--quiet"), terminal{&stdout, &stderr})
		text := strings.ReplaceAll(stderr.String(), dir+string(filepath.Separator), "")
		if code != exitInterrupted || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("exit %d, %q and %q, want %d and %q", code, stdout.String(), stderr.String(), exitInterrupted, want)
		}
	}
	if got := listing(t, dir); got != "out out.png painting.png photo.png" {
		t.Errorf("files: %s", got)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != "of yesterday" {
		t.Errorf("out.png is %q, %v", got, err)
	}
}

// TestTimelapseOfNothing: the picture is as good as it can be from the beginning.
func TestTimelapseOfNothing(t *testing.T) {
	dir := t.TempDir()
	flat := filepath.Join(dir, "flat.png")
	drawPNG(t, flat, 40, 40, 100)
	for _, name := range []string{"out.gif", "out.apng"} {
		_, _ = mustRun(t, flat, flat, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "40", "--quiet", "--timelapse", filepath.Join(dir, name))
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
