package main

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kovidgoyal/imaging/apng"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// TestTimelapse: a frame of the start, one of each iteration that changes something and
// the result, which is held; in PNG each is what it shows, bit for bit. The frames of the
// folder go by --frame-every.
func TestTimelapse(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	paint := func(flags ...string) {
		mustRun(t, append([]string{content, style, "-o", in("out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "5", "-q"}, flags...)...)
	}
	paint("--timelapse", in("out.gif"), "--preview", in("preview.png"), "--frames", in("frames"), "--frame-every", "2")
	if got := listing(t, in("frames")); got != "frame-00000.png frame-00002.png frame-00004.png frame-00005.png" {
		t.Errorf("frames: %s", got)
	}
	g, err := gif.DecodeAll(bytes.NewReader(readTestFile(t, in("out.gif"))))
	if err != nil {
		t.Fatal(err)
	}
	n := len(g.Image)
	if n < 4 || n > 6 || g.Image[0].Rect.Size() != image.Pt(40, 30) || g.Delay[0] != 10 || g.Delay[n-1] != 200 {
		t.Errorf("%d frames of %v with times %v, want the start and five iterations, as far as they differ", n, g.Image[0].Rect, g.Delay)
	}

	paint("--timelapse", in("out.apng"), "--frames", in("all"), "--frame-every", "1")
	a := readAPNG(t, in("out.apng"))
	if len(a.Frames) != n || a.Frames[n-1].GetDelay() != 2 {
		t.Fatalf("%d frames, the last for %v s", len(a.Frames), a.Frames[n-1].GetDelay())
	}
	next := 0
	for _, f := range a.Frames {
		for found := false; !found; next++ {
			if next > 5 {
				t.Fatal("a frame of the animation is none of the run, or they are out of order")
			}
			found = sameColours(f.Image, readPNG(t, in(fmt.Sprintf("all/frame-%05d.png", next))))
		}
	}
	if next != 6 {
		t.Errorf("the last frame is that of iteration %d, want the result", next-1)
	}
	samePicture(t, a.Frames[0].Image, readPNG(t, in("all/frame-00000.png")), "start")
	samePicture(t, readPNG(t, in("preview.png")), readPNG(t, in("out.png")), "preview")
}

// sameColours reports whether two pictures of one size have the same opaque colours.
func sameColours(a, b image.Image) bool {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, b1, _ := a.At(x, y).RGBA()
			if r2, g2, b2, _ := b.At(x, y).RGBA(); r != r2 || g != g2 || b1 != b2 {
				return false
			}
		}
	}
	return true
}

// TestFramesOfAnotherRun are not mixed with new ones, nor are they removed.
func TestFramesOfAnotherRun(t *testing.T) {
	content, style, dir := pictures(t)
	frames := filepath.Join(dir, "frames")
	paint := func() (int, string) {
		code, _, stderr := nstRun(t, content, style, "-o", filepath.Join(dir, "out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "3", "-q", "--frames", frames)
		return code, stderr
	}
	if code, stderr := paint(); code != commandline.ExitOK {
		t.Fatal(stderr)
	}
	before := listing(t, frames)
	code, stderr := paint()
	if code != commandline.ExitFailed || stderr != "nst: --frames: "+frames+" already has frames, such as frame-00000.png; remove them, or give another folder\n" {
		t.Errorf("exit %d, %q", code, stderr)
	}
	if got := listing(t, frames); got != before {
		t.Errorf("frames: %s, before %s", got, before)
	}
	old, err := filepath.Glob(filepath.Join(frames, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	writeTestFile(t, filepath.Join(frames, "notes.txt"), nil) // in nobody's way
	if code, stderr := paint(); code != commandline.ExitOK {
		t.Error(stderr)
	}
}

func readAPNG(t *testing.T, path string) apng.APNG {
	t.Helper()
	a, err := apng.DecodeAll(bytes.NewReader(readTestFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWatchErrorsComeAtTheEnd: a preview that cannot be written does not stop
// the painting.
func TestWatchErrorsComeAtTheEnd(t *testing.T) {
	content, style, dir := pictures(t)
	out := filepath.Join(dir, "out.png")
	frames := filepath.Join(dir, "frames")
	hook := &lineHook{text: "Painting photo", do: func() { blockFrames(t, frames) }}
	code := run(t.Context(), []string{content, style, "-o", out, "--weights", smallWeights, "--size", "40", "--iterations", "3", "--frames", frames}, terminal{io.Discard, hook})
	if code != commandline.ExitFailed || !strings.Contains(hook.String(), "--frames: ") || !strings.Contains(hook.String(), "the picture of iteration 3 is in") {
		t.Errorf("exit %d, %q", code, hook.String())
	}
	readPNG(t, out)
}

// TestThePictureIsNeverLost: if its folder goes away while it is painted, the picture is
// saved in the current folder, or in the user's if that is gone as well.
func TestThePictureIsNeverLost(t *testing.T) {
	content, style, dir := pictures(t)
	here, home, folder := filepath.Join(dir, "here"), filepath.Join(dir, "home"), filepath.Join(dir, "folder")
	frames := filepath.Join(dir, "frames")
	t.Setenv("HOME", home)
	for _, gone := range [][]string{{folder}, {folder, here}} {
		for _, name := range []string{here, home, folder} {
			if err := os.MkdirAll(name, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		t.Chdir(here)
		want := here
		if len(gone) > 1 {
			if want = home; runtime.GOOS == "windows" {
				t.Skip("the current folder cannot be removed there")
			}
		}
		var stdout bytes.Buffer
		if err := os.RemoveAll(frames); err != nil {
			t.Fatal(err)
		}
		hook := &lineHook{text: "Painting photo", do: func() {
			blockFrames(t, frames)
			for _, name := range gone {
				if err := os.RemoveAll(name); err != nil {
					t.Error(err)
				}
			}
		}}
		code := run(t.Context(), []string{content, style, "-o", filepath.Join(folder, "out.png"), "--weights", weightsFromHere, "--size", "40", "--iterations", "3", "--frames", frames}, terminal{&stdout, hook})
		last := lastLine(hook.String())
		why, path, saved := strings.Cut(last, "; the picture is saved as ")
		if code != commandline.ExitFailed || !strings.Contains(why, "--frames: ") || !strings.Contains(why, "cannot write this file") || !saved {
			t.Fatalf("exit %d, %q", code, last)
		}
		if filepath.Dir(path) != want || !strings.HasPrefix(filepath.Base(path), "out-") {
			t.Errorf("the picture is saved as %s, want in %s", path, want)
		}
		readPNG(t, path)
	}
}

// blockFrames makes a folder where the first frame would be.
func blockFrames(t *testing.T, folder string) {
	if err := os.MkdirAll(filepath.Join(folder, "frame-00000.png"), 0o777); err != nil {
		t.Error(err)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}
