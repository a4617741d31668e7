//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestTraceToANamedPipe: who reads from one gets every line.
func TestTraceToANamedPipe(t *testing.T) {
	content, style, dir := pictures(t)
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		var text []byte
		if f, err := os.Open(pipe); err == nil {
			text, _ = io.ReadAll(f)
		}
		lines <- string(text)
	}()
	mustRun(t, content, style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "40", "--scales", "1", "--iterations", "3", "-q", "--trace", pipe)
	if got := <-lines; strings.Count(got, "\n") < 4 || !strings.HasPrefix(got, `{"evals":1,`) {
		t.Errorf("read %q, want a line for each of 4 evaluations or more", got)
	}
}

// TestTraceToAPipeThatNobodyReads: the picture does not wait.
func TestTraceToAPipeThatNobodyReads(t *testing.T) {
	content, style, dir := pictures(t)
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := mustRun(t, content, style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "3", "--trace", pipe)
	if !strings.Contains(stderr, "nst: --trace: not everything in the pipe "+pipe+" has been read\n") {
		t.Errorf("stderr %q", stderr)
	}
}

// TestPicturesFromPipes: pictures, and a mask, that can be read only once make the same
// painting as files.
func TestPicturesFromPipes(t *testing.T) {
	content, style, dir := pictures(t)
	mask := filepath.Join(dir, "mask.png")
	drawMask(t, mask, 96, 72, 40) // of another size than the content
	paint := func(out, content, style, mask string) {
		mustRun(t, content, "--style", style, "--style", style, "--mask", mask, "--init", "style", "-o", filepath.Join(dir, out), "--weights", smallWeights,
			"--size", "40", "--iterations", "2", "-q")
	}
	paint("files.png", content, style, mask)
	piped := func(file string) string {
		pipe := file + "-pipe"
		if err := unix.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		data := readTestFile(t, file)
		go func() { _ = os.WriteFile(pipe, data, 0) }()
		return pipe
	}
	paint("pipes.png", piped(content), piped(style), piped(mask))
	samePicture(t, readPNG(t, filepath.Join(dir, "pipes.png")), readPNG(t, filepath.Join(dir, "files.png")), "the picture from pipes")
}
