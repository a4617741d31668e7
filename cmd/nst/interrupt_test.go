package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline/commandlinetest"
)

// TestInterruptKeepsThePicture: what is written is what a run ends with that has as
// many iterations as had been made.
func TestInterruptKeepsThePicture(t *testing.T) {
	content, style, dir := pictures(t)
	out, whole := filepath.Join(dir, "out.png"), filepath.Join(dir, "whole.png")
	args := []string{content, style, "--weights", smallWeights, "--size", "40", "--scales", "1"}
	var stdout, stderr bytes.Buffer
	code := run(commandlinetest.EndsAfter(t.Context(), 20), append(args, "-o", out, "--iterations", "1000000"), terminal{&stdout, &stderr})
	if code != commandline.ExitInterrupted {
		t.Errorf("exit %d, want %d: %s", code, commandline.ExitInterrupted, stderr.String())
	}
	if strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("stderr %q says again what stdout does", stderr.String())
	}
	var done int
	if _, err := fmt.Sscanf(stdout.String(), "Interrupted after %d of 1000000 iterations.\n", &done); err != nil || done < 2 {
		t.Fatalf("stdout %q: %d iterations, %v", stdout.String(), done, err)
	}
	mustRun(t, append(args, "-o", whole, "--iterations", fmt.Sprint(done))...)
	samePicture(t, readPNG(t, filepath.Join(dir, "out-unfinished.png")), readPNG(t, whole), "the interrupted picture")
	if !strings.Contains(stdout.String(), "out-unfinished.png: ") {
		t.Errorf("stdout %q does not say where the picture is", stdout.String())
	}
	if got := listing(t, dir); got != "out-unfinished.png painting.png photo.png whole.png" {
		t.Errorf("files: %s", got)
	}
}

// TestBatchInterrupted: the picture that is being painted is saved under a name of its
// own. The next time it is painted whole.
func TestBatchInterrupted(t *testing.T) {
	dir, args := gallery(t)
	var stdout bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	stderr := &lineHook{text: "2 of 12: ", do: cancel}
	if code := run(ctx, args, terminal{&stdout, stderr}); code != commandline.ExitInterrupted {
		t.Errorf("exit %d, want %d: %s", code, commandline.ExitInterrupted, stderr)
	}
	if got := listing(t, filepath.Join(dir, "out")); got != "a-x.png" {
		t.Errorf("interrupted before the second picture, there is %q", got)
	}
	code := run(commandlinetest.EndsAfter(t.Context(), 20), append(args, "--iterations", "1000000"), terminal{&stdout, stderr})
	if code != commandline.ExitInterrupted {
		t.Errorf("exit %d, want %d: %s", code, commandline.ExitInterrupted, stderr)
	}
	if got := listing(t, filepath.Join(dir, "out")); got != "a-x-unfinished.png a-x.png" {
		t.Errorf("interrupted while the first picture is painted with other flags, there is %q", got)
	}
	if _, text := mustRun(t, args...); !strings.Contains(text, "12 pictures: 11 painted, 1 there already, 0 failed") {
		t.Errorf("the next time: %q", text)
	}
}

// TestSweepInterrupted: the pictures that are done are on the sheet.
func TestSweepInterrupted(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	args := []string{content, style, "--weights", smallWeights, "--size", "64", "--iterations", "1"}
	ctx, cancel := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	stderr := &lineHook{text: "2 of 3: ", do: cancel}
	code := run(ctx, append([]string{"sweep", "--beta", "1,10,1000", "-o", in("sheet.png")}, args...), terminal{&stdout, stderr})
	if code != commandline.ExitInterrupted || stdout.Len() > 0 {
		t.Errorf("exit %d, want %d: stdout %q, stderr %q", code, commandline.ExitInterrupted, &stdout, stderr)
	}
	sheet := readPNG(t, in("sheet.png"))
	for beta, want := range map[string]bool{"1": true, "10": false, "1000": false} {
		mustRun(t, append(args, "--beta", beta, "-q", "-o", in("one.png"))...)
		if on := find(sheet, readPNG(t, in("one.png"))).X >= 0; on != want {
			t.Errorf("the picture of --beta %s is on the sheet: %v, want %v", beta, on, want)
		}
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
		"the same command continues with " + filepath.Join("out", "photo-painting.png"): {"batch", "--contents", content, "--styles", style, "--out-dir", filepath.Join(dir, "out")},
	} {
		var stdout, stderr bytes.Buffer
		code := run(ctx, append(args, "--weights", smallWeights, "--size", "40", "--quiet"), terminal{&stdout, &stderr})
		text := strings.ReplaceAll(stderr.String(), dir+string(filepath.Separator), "")
		if code != commandline.ExitInterrupted || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("exit %d, %q and %q, want %d and %q", code, stdout.String(), stderr.String(), commandline.ExitInterrupted, want)
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
