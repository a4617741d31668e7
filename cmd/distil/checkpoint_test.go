package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline/commandlinetest"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// checkpointOf trains for a while and returns the folder of the training and a
// command line that goes on with it, interrupted after so many steps.
func checkpointOf(t *testing.T, steps int) (out string, args []string) {
	t.Helper()
	out = filepath.Join(t.TempDir(), "out")
	args = []string{
		"--teacher", randomTeacher(t), "--images", pictures(t, 20, 96), "--out", out, "--widths", "4,5", "--steps", "6", "--joint", "0",
		"--crop", "32", "--batch", "2", "--paint", "2", "--report", "1", "--quiet",
	}
	var stdout, stderr strings.Builder
	code := run(commandlinetest.EndsAfter(t.Context(), steps), args, &stdout, &stderr)
	if want := "distil: interrupted; the same command goes on from here\n"; code != commandline.ExitInterrupted || stderr.String() != want || stdout.Len() > 0 {
		t.Fatalf("exit %d, stdout %q, stderr %q, want %d and %q", code, &stdout, &stderr, commandline.ExitInterrupted, want)
	}
	return out, args
}

// TestDamagedCheckpoint: what does not belong together or is not whole is named,
// and left as it is.
func TestDamagedCheckpoint(t *testing.T) {
	out, args := checkpointOf(t, 3)
	folder := filepath.Join(out, checkpointFolder)
	for _, c := range []struct {
		file   string
		change func([]byte) []byte // nil to remove the file
		want   string
	}{
		{runFile, func(d []byte) []byte { return d[:len(d)/2] }, runFile},
		{runFile, func(d []byte) []byte { return bytes.Replace(d, []byte(`"step": 3`), []byte(`"step": 2`), 1) }, "they do not belong together"},
		{runFile, func(d []byte) []byte {
			return bytes.Replace(d, []byte(`"paintings_drawn": 2`), []byte(`"paintings_drawn": 4`), 1)
		}, paintingsFile + ": 2 pictures, want 4"},
		{runFile, func(d []byte) []byte { return bytes.Replace(d, []byte(`"batch": 2`), []byte(`"batch": 3`), 1) }, "another batch: 3, now 2"},
		{studentFile, func(d []byte) []byte { return d[:len(d)/2] }, studentFile},
		{studentFile, nil, studentFile},
		{paintingsFile, func(d []byte) []byte { return d[:len(d)/2] }, paintingsFile},
		{paintingsFile, nil, paintingsFile},
	} {
		path := filepath.Join(folder, c.file)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.change == nil {
			err = os.Remove(path)
		} else if changed := c.change(slices.Clone(whole)); bytes.Equal(changed, whole) {
			t.Fatalf("%s: %q is not there to be changed", c.file, c.want)
		} else {
			write(t, path, changed)
		}
		if err != nil {
			t.Fatal(err)
		}
		var stderr strings.Builder
		code := run(context.Background(), args, io.Discard, &stderr)
		if text := stderr.String(); code != commandline.ExitFailed || !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: exit %d and %q, want %d and %q", c.file, code, text, commandline.ExitFailed, c.want)
		}
		write(t, path, whole)
	}
	var stderr strings.Builder
	if code := run(context.Background(), args, io.Discard, &stderr); code != commandline.ExitOK {
		t.Errorf("whole again: exit %d: %s", code, &stderr)
	}
}

// TestCheckpointBetweenRenames: killed after the old checkpoint was moved away and
// before the new one was moved in its place, the old one counts.
func TestCheckpointBetweenRenames(t *testing.T) {
	out, args := checkpointOf(t, 3)
	folder := filepath.Join(out, checkpointFolder)
	work := filepath.Join(out, ".brushgrad-checkpoint")
	if err := errors.Join(os.Mkdir(work, 0o777), os.Rename(folder, filepath.Join(work, "old"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(work, "new"), nil) // and in the way
	write(t, filepath.Join(out, ".brushgrad-12.tmp"), nil)
	var stdout, stderr strings.Builder
	code := run(context.Background(), slices.DeleteFunc(args, func(a string) bool { return a == "--quiet" }), &stdout, &stderr)
	if code != commandline.ExitOK || !strings.Contains(stdout.String(), "Going on after step 3.") {
		t.Fatalf("exit %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
	nothingLeft(t, out)
}

// TestCurve: points after the checkpoint, and one that was cut short, are dropped;
// what comes then is appended.
func TestCurve(t *testing.T) {
	dir := t.TempDir()
	fill := func(c *curve, from, to int) {
		for step := from; step <= to; step++ {
			c.add(step, step == to, 0.1, time.Duration(step)*time.Second, []float64{float64(step), 1})
		}
		if err := c.close(); err != nil {
			t.Fatal(err)
		}
	}
	c, err := openCurve(dir, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	fill(c, 1, 2*curveEvery+10)
	path := filepath.Join(dir, "curve.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, append(whole, `{"step": 1, "los`...))
	if c, err = openCurve(dir, 2*curveEvery, 2); err != nil {
		t.Fatal(err)
	}
	fill(c, 2*curveEvery+1, 3*curveEvery)
	if c, err = openCurve(dir, 1000, 2); err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if len(c.points) != 3 {
		t.Fatalf("%d points, want 3: %v", len(c.points), c.points)
	}
	for i, p := range c.points {
		last := (i + 1) * curveEvery
		// The mean of the last steps' numbers.
		if want := float64(last) - (curveEvery-1)/2.0; p.Step != last || p.Seconds != float64(last) || p.Losses[0] != want || p.Losses[1] != 1 {
			t.Errorf("point %d is %+v, want step %d and a mean of %v", i, p, last, want)
		}
	}
}

// FuzzRun: whatever is in run.json, an error is one short line.
func FuzzRun(f *testing.F) {
	f.Add([]byte(`{"step":1,"seconds":2.5,"paintings_drawn":3,"settings":{"seed":1},"images":["ab  a.png"],"styles":null}`))
	f.Add([]byte(`{"step":"\u001b[2J"}`))
	f.Add([]byte(`{"settings":{"seed":[[[["\u001b"]]]]},"images":["\n"]}`))
	path := filepath.Join(f.TempDir(), runFile)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		run, err := readRun(path)
		if err == nil {
			if difference := compareLists(run.Images, []string{"sum  name"}); difference != "" {
				err = errors.New(option.OneLine(difference))
			}
		}
		if err == nil {
			return
		}
		message := strings.TrimPrefix(err.Error(), path)
		if len(message) > 1000 || strings.ContainsFunc(message, unicode.IsControl) {
			t.Errorf("error of %d bytes: %.500q", len(message), message)
		}
	})
}

func TestReadRunIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), runFile)
	for name, text := range map[string]string{
		"larger than 16 MiB":           strings.Repeat(" ", maxRun+1),
		"not the record of a training": "\x1b[2J",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readRun(path); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
	}
	if _, err := readRun(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: error %v", err)
	}
}
