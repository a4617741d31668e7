package main

import (
	"bytes"
	"image"
	"image/gif"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kovidgoyal/imaging/apng"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// TestTimelapse: a frame of the start, one every two iterations and the result,
// which is held; in PNG each is what it shows, bit for bit.
func TestTimelapse(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	paint := func(flags ...string) {
		mustRun(t, append([]string{content, style, "-o", in("out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "5", "-q", "--frame-every", "2"}, flags...)...)
	}
	paint("--timelapse", in("out.gif"), "--preview", in("preview.png"), "--frames", in("frames"))
	g, err := gif.DecodeAll(bytes.NewReader(readTestFile(t, in("out.gif"))))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 4 || g.Image[0].Rect.Size() != image.Pt(40, 30) || g.Delay[0] != 10 || g.Delay[3] != 200 {
		t.Errorf("%d frames of %v with times %v, want those of iterations 0, 2, 4 and 5", len(g.Image), g.Image[0].Rect, g.Delay)
	}

	paint("--timelapse", in("out.apng"))
	a := readAPNG(t, in("out.apng"))
	if len(a.Frames) != 4 || a.Frames[3].GetDelay() != 2 {
		t.Fatalf("%d frames, the last for %v s", len(a.Frames), a.Frames[3].GetDelay())
	}
	for i, name := range []string{"frames/frame-00000.png", "frames/frame-00002.png", "frames/frame-00004.png", "frames/frame-00005.png"} {
		samePicture(t, a.Frames[i].Image, readPNG(t, in(name)), name)
	}
	samePicture(t, a.Frames[0].Image, readPNG(t, in("frames/frame-00000.png")), "start")
	samePicture(t, readPNG(t, in("preview.png")), readPNG(t, in("out.png")), "preview")
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
	if err := os.MkdirAll(filepath.Join(frames, "frame-00000.png"), 0o777); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := nstRun(t, content, style, "-o", out, "--weights", smallWeights, "--size", "40", "--iterations", "3", "-q", "--frames", frames)
	if code != commandline.ExitFailed || !strings.Contains(stderr, "--frames: ") || !strings.Contains(stderr, "the picture of iteration 3 is in") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	readPNG(t, out)
}

// TestThePictureIsNeverLost: if its folder goes away while it is painted, the picture is
// saved in the current folder, or in the user's if that is gone as well.
func TestThePictureIsNeverLost(t *testing.T) {
	content, style, dir := pictures(t)
	here, home, folder := filepath.Join(dir, "here"), filepath.Join(dir, "home"), filepath.Join(dir, "folder")
	frames := filepath.Join(dir, "frames")
	if err := os.MkdirAll(filepath.Join(frames, "frame-00000.png"), 0o777); err != nil { // which cannot be written
		t.Fatal(err)
	}
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
		hook := &lineHook{text: "Painting photo", do: func() {
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

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}
