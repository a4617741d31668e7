package painting

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/animation"
	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/tensor"
)

// watch writes the preview, the frames and the animation while a picture is being
// painted. An error of a file is no reason to stop painting: it is kept for the end.
type watch struct {
	outputs    Outputs
	files      *outfile.Set
	start      *tensor.Tensor // until it has been shown
	size       image.Point    // of the result: pictures of coarser scales are enlarged to it
	colors     colour.Scheme
	iterations int // over all scales
	previewed  struct {
		at   time.Time
		took time.Duration
	}
	animation *animation.Animation // nil without
	err       error                // the first one
}

func newWatch(outputs Outputs, files *outfile.Set, start *tensor.Tensor, colors colour.Scheme) *watch {
	w := &watch{
		outputs: outputs, files: files,
		start: start, size: image.Pt(colors.Content.Dim(2), colors.Content.Dim(1)), colors: colors,
	}
	if outputs.Timelapse != "" {
		w.animation = animation.New(outputs.Timelapse)
	}
	return w
}

// iteration is called after every iteration with the picture so far.
func (w *watch) iteration(current *tensor.Tensor) {
	if w.start != nil {
		w.frame(w.start)
		w.start = nil
	}
	w.iterations++
	if w.iterations%w.outputs.FrameEvery == 0 {
		w.frame(current)
	}
	w.preview(current, time.Now())
}

// end writes what the result completes, and returns the first error.
func (w *watch) end(result *tensor.Tensor) error {
	if w.start != nil || w.iterations%w.outputs.FrameEvery != 0 {
		w.frame(result)
	}
	w.preview(result, time.Time{})
	if w.animation != nil && w.err == nil {
		data, err := w.animation.Encode()
		if err != nil {
			w.err = fmt.Errorf("--timelapse: %w", err)
		} else {
			w.err = w.files.Write("--timelapse", w.outputs.Timelapse, data)
		}
	}
	return w.err
}

func (w *watch) frame(current *tensor.Tensor) {
	folder := w.outputs.Frames
	if w.err != nil || folder == "" && w.animation == nil {
		return
	}
	shown := w.shown(current)
	if w.animation != nil {
		w.animation.Add(picture.Image(shown))
	}
	if folder == "" {
		return
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		w.err = fmt.Errorf("--frames: %w", err)
		return
	}
	w.write("--frames", filepath.Join(folder, fmt.Sprintf("frame-%05d.png", w.iterations)), shown)
}

// preview writes the preview if a second has passed since the last, and 20
// times as long as writing it took: a large picture must not be painted slower
// for it. A time of 0 stands for the end.
func (w *watch) preview(current *tensor.Tensor, now time.Time) {
	last := &w.previewed
	if w.outputs.Preview == "" || w.err != nil || !now.IsZero() && now.Sub(last.at) < max(time.Second, 20*last.took) {
		return
	}
	w.write("--preview", w.outputs.Preview, w.shown(current))
	last.at, last.took = now, time.Since(now)
}

func (w *watch) write(flag, path string, shown *tensor.Tensor) {
	data, err := picture.Encode(path, shown, picture.Options{})
	if err != nil {
		w.err = fmt.Errorf("%s: %w", flag, err)
		return
	}
	w.err = w.files.Write(flag, path, data)
}

// shown returns a picture as the result will look: in its size and colours.
func (w *watch) shown(current *tensor.Tensor) *tensor.Tensor {
	if current.Dim(2) != w.size.X || current.Dim(1) != w.size.Y {
		current = picture.FromImage(picture.Scale(picture.Image(current), w.size))
	}
	return w.colors.After(current)
}
