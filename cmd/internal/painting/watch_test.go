package painting

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestWatchEnlargesCoarseScales: a run that begins with small pictures shows
// all of them in the size of the last.
func TestWatchEnlargesCoarseScales(t *testing.T) {
	dir := t.TempDir()
	content := nst.Noise(30, 40, 1)
	outputs := Outputs{Frames: dir, FrameEvery: 1, Timelapse: filepath.Join(dir, "out.png")}
	files := &outfile.Set{}
	w := newWatch(outputs, files, content, colour.Scheme{Mode: "content", Content: content})
	small := tensor.New(1, 15, 20, 3)
	small.Fill(100)
	w.iteration(small)
	w.iteration(content)
	if err := w.end(content); err != nil {
		t.Fatal(err)
	}
	written := files.Written()
	if len(written) != 4 || written[3] != outputs.Timelapse {
		t.Fatalf("written: %q, want three frames and the animation", written)
	}
	for _, path := range written {
		if size := readPNG(t, path).Bounds().Size(); size != image.Pt(40, 30) {
			t.Errorf("%s is %v, want 40x30", path, size)
		}
	}
}

// TestPreviewOnceASecond, with a clock of its own.
func TestPreviewOnceASecond(t *testing.T) {
	preview := filepath.Join(t.TempDir(), "p.png")
	so := nst.Noise(4, 4, 1)
	w := newWatch(Outputs{Showing: Showing{Preview: preview}, FrameEvery: 10}, &outfile.Set{}, so, colour.Scheme{Mode: "style", Content: so})
	clock := time.Unix(1000, 0)
	written := func(after time.Duration) bool {
		t.Helper()
		if err := os.Remove(preview); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		clock = clock.Add(after)
		w.preview(so, clock)
		w.previewTook = 0 // nothing here may depend on how long it really took
		return outfile.Exists(preview)
	}
	for i, step := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {time.Second / 2, false}, {time.Second / 2, true}, {time.Second - 1, false}, {1, true}} {
		if got := written(step.after); got != step.want {
			t.Errorf("step %d: written is %v, want %v", i, got, step.want)
		}
	}
	w.previewTook = time.Second
	if written(19 * time.Second) {
		t.Error("a preview that takes a second is written after 19")
	}
	if w.err != nil {
		t.Error(w.err)
	}
}
