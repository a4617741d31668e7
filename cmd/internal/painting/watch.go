package painting

import (
	"cmp"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/animation"
	"github.com/brushgrad/brushgrad/cmd/internal/chart"
	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// watch writes the preview, the frames and the animation while a picture is being
// painted. An error of a file is no reason to stop painting: it is kept for the end.
type watch struct {
	outputs     Outputs
	files       *outfile.Set
	start       *tensor.Tensor // until it has been shown
	size        image.Point    // of the result: pictures of coarser scales are enlarged to it
	colors      colour.Scheme
	iterations  int           // over all scales
	previewed   time.Time     // the last time
	previewTook time.Duration // the last time
	animation   *animation.Animation
	err         error // the first one
}

func newWatch(outputs Outputs, files *outfile.Set, start *tensor.Tensor, colors colour.Scheme) *watch {
	size := image.Pt(colors.Content.Dim(2), colors.Content.Dim(1))
	return &watch{outputs: outputs, files: files, start: start, size: size, colors: colors, animation: animation.New(outputs.Timelapse)}
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
	if w.outputs.Timelapse != "" && w.err == nil {
		w.err = w.files.Write("--timelapse", w.outputs.Timelapse, w.animation.Encode)
	}
	return w.err
}

func (w *watch) frame(current *tensor.Tensor) {
	folder, animated := w.outputs.Frames, w.outputs.Timelapse != ""
	if w.err != nil || folder == "" && !animated {
		return
	}
	shown := w.shown(current)
	if animated {
		w.animation.Add(picture.Image(shown))
	}
	if folder != "" {
		w.write("--frames", filepath.Join(folder, fmt.Sprintf("frame-%05d.png", w.iterations)), shown)
	}
}

// preview writes the preview if a second has passed since the last, and 20
// times as long as writing it took: a large picture must not be painted slower
// for it. A time of 0 stands for the end.
func (w *watch) preview(current *tensor.Tensor, now time.Time) {
	if w.outputs.Preview == "" || w.err != nil || !now.IsZero() && now.Sub(w.previewed) < max(time.Second, 20*w.previewTook) {
		return
	}
	w.write("--preview", w.outputs.Preview, w.shown(current))
	w.previewed, w.previewTook = now, time.Since(now)
}

func (w *watch) write(flag, path string, shown *tensor.Tensor) {
	w.err = w.files.Write(flag, path, func() ([]byte, error) { return picture.Encode(path, shown, picture.Options{}) })
}

// shown returns a picture as the result will look: in its size and colours.
func (w *watch) shown(current *tensor.Tensor) *tensor.Tensor {
	if current.Dim(2) != w.size.X || current.Dim(1) != w.size.Y {
		current = picture.FromImage(picture.Scale(picture.Image(current), w.size))
	}
	return w.colors.After(current)
}

// trace keeps the costs of every evaluation, for --trace and --plot.
type trace struct {
	path  string   // of --trace, or empty
	file  *os.File // nil before the first line
	lines []TraceLine
	err   error // the first one
}

// TraceLine is a line of the file that --trace writes: one evaluation.
type TraceLine struct {
	Evals   int     `json:"evals"` // from 1
	Seconds float64 `json:"seconds"`
	Total   float64 `json:"total"`
	Content float64 `json:"content"`
	Style   float64 `json:"style"`
	Range   float64 `json:"range"`
	Scale   int     `json:"scale"` // from 1
	Width   int     `json:"width"` // of the picture at this scale
	Height  int     `json:"height"`
}

// add appends an evaluation. Its line is written at once, so that a run can be
// watched; the first one creates the file. A cost that is not a number, which
// JSON cannot express, is left out.
func (t *trace) add(at nst.Progress) {
	if total := at.Cost.Total; total-total != 0 {
		return
	}
	line := TraceLine{at.Evaluations, math.Round(at.Elapsed.Seconds()*1000) / 1000, at.Cost.Total, at.Cost.Content, at.Cost.Style, at.Cost.Range, at.Scale, at.Width, at.Height}
	t.lines = append(t.lines, line)
	if t.path == "" || t.err != nil {
		return
	}
	if t.file == nil {
		t.file, t.err = os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	}
	if t.err == nil {
		t.err = json.NewEncoder(t.file).Encode(line)
	}
}

// close ends the file, adds it to the list and returns the first error that writing it
// met.
func (t *trace) close(files *outfile.Set) error {
	if t.file == nil && t.err == nil {
		return nil
	}
	if err := cmp.Or(t.err, t.file.Close()); err != nil {
		return fmt.Errorf("--trace: %w", err)
	}
	files.List(t.path)
	return nil
}

// plot draws the costs against the evaluations and returns the data of a PNG.
func (t *trace) plot() ([]byte, error) {
	series := []chart.Series{{Name: "total"}, {Name: "content"}, {Name: "style"}}
	for _, line := range t.lines {
		for i, cost := range []float64{line.Total, line.Content, line.Style} {
			s := &series[i]
			s.X, s.Y = append(s.X, float64(line.Evals)), append(s.Y, cost)
		}
	}
	return chart.PNG("Cost", "evaluations", series)
}
