package main

import (
	"bytes"
	"image"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kovidgoyal/imaging/apng"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestTimelapse: a frame of the start, one every two iterations and the result,
// which is held; in PNG each is what it shows to the bit.
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
	if len(g.Image) != 4 || g.Image[0].Rect.Size() != image.Pt(40, 30) || g.Delay[0] != frameDelay || g.Delay[3] != lastFrameDelay {
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

// TestWatchEnlargesCoarseScales: a run that begins with small pictures shows
// all of them in the size of the last.
func TestWatchEnlargesCoarseScales(t *testing.T) {
	dir := t.TempDir()
	content := nst.Noise(30, 40, 1)
	p := &paintCmd{watchFlags: watchFlags{Frames: dir, FrameEvery: 1, Timelapse: filepath.Join(dir, "out.png")}}
	w := newWatch(p, content, coloring{"content", content})
	small := tensor.New(1, 15, 20, 3)
	for i := range small.Data() {
		small.Data()[i] = 100
	}
	w.iteration(small)
	w.iteration(content)
	if err := w.end(content); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"frame-00000.png", "frame-00001.png", "frame-00002.png"} {
		if size := readPNG(t, filepath.Join(dir, name)).Bounds().Size(); size != image.Pt(40, 30) {
			t.Errorf("%s is %v, want 40x30", name, size)
		}
	}
	grey := fromImage(scaled(image.NewRGBA(image.Rect(0, 0, 4, 4)), image.Pt(8, 6)))
	if grey.Dim(1) != 6 || grey.Dim(2) != 8 {
		t.Errorf("scaled to %v", grey.Shape())
	}
}

// TestTimelapseIsBounded: however long the run, the animation has at most so
// many frames, evenly spaced, of at most so many pixels, the first and the last
// among them.
func TestTimelapseIsBounded(t *testing.T) {
	for _, n := range []int{1, timelapseFrames - 1, timelapseFrames, timelapseFrames + 1, 2 * timelapseFrames, 3*timelapseFrames + 7} {
		a := newTimelapse(filepath.Join(t.TempDir(), "x.png"))
		var first, last image.Image
		for i := range n {
			p := tensor.New(1, 2, 2*timelapseSide, 3)
			p.Data()[0] = float32(i % 256)
			a.add(p)
			if last = a.last; i == 0 {
				first = last
			}
		}
		if (n-1)/a.every+1 != len(a.frames) {
			t.Errorf("%d frames, one in %d of %d: they are not evenly spaced", len(a.frames), a.every, n)
		}
		if err := a.write(); err != nil {
			t.Fatal(err)
		}
		if got := len(a.frames); got > timelapseFrames || got < min(n, timelapseFrames/3) {
			t.Errorf("%d frames of %d, want at most %d and no less than a third of that", got, n, timelapseFrames)
		}
		if a.frames[0] != first || a.frames[len(a.frames)-1] != last {
			t.Errorf("%d frames: the first or the last one is missing", n)
		}
		if size := a.frames[0].Bounds().Size(); size != image.Pt(timelapseSide, 1) {
			t.Errorf("a frame is %v", size)
		}
	}
}

// TestPreviewOnceASecond, with a clock of its own.
func TestPreviewOnceASecond(t *testing.T) {
	dir := t.TempDir()
	so := nst.Noise(4, 4, 1)
	w := newWatch(&paintCmd{watchFlags: watchFlags{Preview: filepath.Join(dir, "p.png"), FrameEvery: 10}}, so, coloring{"style", so})
	clock := time.Unix(1000, 0)
	written := func(after time.Duration) bool {
		t.Helper()
		if err := os.Remove(w.Preview); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		clock = clock.Add(after)
		w.preview(so, clock)
		w.previewed.took = 0 // nothing here may depend on how long it really took
		_, err := os.Stat(w.Preview)
		return err == nil
	}
	for i, step := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {time.Second / 2, false}, {time.Second / 2, true}, {time.Second - 1, false}, {1, true}} {
		if got := written(step.after); got != step.want {
			t.Errorf("step %d: written is %v, want %v", i, got, step.want)
		}
	}
	w.previewed.took = time.Second
	clock = clock.Add(19 * time.Second)
	_ = os.Remove(w.Preview)
	w.preview(so, clock)
	if _, err := os.Stat(w.Preview); err == nil {
		t.Error("a preview that takes a second is written after 19")
	}
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

	// Neither does it hide that the result cannot be written: its folder goes away.
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	hook := &lineHook{text: "Painting photo", do: func() {
		if err := os.Remove(folder); err != nil {
			t.Error(err)
		}
	}}
	code = run(t.Context(), []string{content, style, "-o", filepath.Join(folder, "out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "3", "--frames", frames}, terminal{&stdout, hook})
	if last := lastLine(hook.String()); code != commandline.ExitFailed || !strings.Contains(last, "--frames: ") || !strings.Contains(last, "cannot write the picture") {
		t.Errorf("exit %d, %q", code, last)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}
