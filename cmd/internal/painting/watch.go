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
		w.show(w.start, true, false)
		w.start = nil
	}
	w.iterations++
	w.show(current, w.iterations%w.outputs.FrameEvery == 0, false)
	w.preview(current, time.Now())
}

// end writes what the result completes, and returns the first error.
func (w *watch) end(result *tensor.Tensor) error {
	w.show(result, w.start != nil || w.iterations%w.outputs.FrameEvery != 0, true)
	w.preview(result, time.Time{})
	if w.outputs.Timelapse != "" && w.err == nil {
		w.err = w.files.Write("--timelapse", w.outputs.Timelapse, w.animation.Encode)
	}
	return w.err
}

// show writes a frame, if it is the turn of one, and adds the picture to the animation if
// that wants it, as it does the last one.
func (w *watch) show(current *tensor.Tensor, frame, last bool) {
	frame = frame && w.outputs.Frames != ""
	var sample animation.Sample
	animated := false
	if w.outputs.Timelapse != "" {
		sample = animation.SampleOf(current)
		animated = last || w.animation.Wants(sample)
	}
	if w.err != nil || !frame && !animated {
		return
	}
	shown := w.shown(current)
	switch {
	case last && animated:
		w.animation.End(picture.Image(shown), sample)
	case animated:
		w.animation.Add(picture.Image(shown), sample)
	}
	if frame {
		w.write("--frames", filepath.Join(w.outputs.Frames, fmt.Sprintf("frame-%05d.png", w.iterations)), shown)
	}
}

// checkFrames returns an error if there are frames in a folder already: those of another
// run would stand between the new ones. They are not removed, as they may as well be those
// of a film.
func checkFrames(folder string) error {
	if folder == "" {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // it is not there, or CheckWritable has told
	}
	for _, e := range entries {
		if ok, _ := filepath.Match("frame-*.png", e.Name()); ok {
			return fmt.Errorf("--frames: %s already has frames, such as %s; remove them, or give another folder", folder, e.Name())
		}
	}
	return nil
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
	path  string          // of --trace, or empty
	file  *outfile.Stream // nil before the first line
	lines []TraceLine
	err   error // the first one
}

// TraceLine is a line of the file that --trace writes: one evaluation.
type TraceLine struct {
	Evals     int     `json:"evals"`     // from 1
	Iteration int     `json:"iteration"` // the iterations before it, at all scales
	Seconds   float64 `json:"seconds"`
	Total     float64 `json:"total"`
	Content   float64 `json:"content"`
	Style     float64 `json:"style"`
	Range     float64 `json:"range"`
	TV        float64 `json:"tv,omitempty"`
	Scale     int     `json:"scale"` // from 1
	Width     int     `json:"width"` // of the picture at this scale
	Height    int     `json:"height"`
	// The costs of single layers, not yet multiplied by the weights of the layers.
	ContentLayers map[string]float64 `json:"content_layers,omitempty"`
	StyleLayers   map[string]float64 `json:"style_layers,omitempty"`
}

// add appends an evaluation. Its line is written at once, so that a run can be
// watched; the first one creates the file. A cost that is not a number, which
// JSON cannot express, is left out.
func (t *trace) add(at nst.Progress) {
	c := at.Cost
	if c.Total-c.Total != 0 {
		return
	}
	line := TraceLine{
		Evals: at.Evaluations, Iteration: at.Iteration, Seconds: math.Round(at.Elapsed.Seconds()*1000) / 1000,
		Total: c.Total, Content: c.Content, Style: c.Style, Range: c.Range, TV: c.TV,
		Scale: at.Scale, Width: at.Width, Height: at.Height,
	}
	t.lines = append(t.lines, line)
	if t.path == "" || t.err != nil {
		return
	}
	line.ContentLayers, line.StyleLayers = byName(c.ContentLayers), byName(c.Layers)
	if t.file == nil {
		t.file, t.err = outfile.OpenStream(t.path)
	}
	if t.err == nil {
		t.err = json.NewEncoder(t.file).Encode(line)
	}
}

func byName(costs []nst.LayerCost) map[string]float64 {
	all := make(map[string]float64)
	for _, c := range costs {
		all[c.Name] = c.Value
	}
	return all
}

// close ends the file, adds it to the list and returns the first error that writing it
// met. It warns if the file is a pipe that nobody has read.
func (t *trace) close(files *outfile.Set, warn func(text string)) error {
	if t.file == nil && t.err == nil {
		return nil
	}
	err := t.err
	if t.file != nil {
		unread, closeErr := t.file.Close()
		err = cmp.Or(err, closeErr)
		if unread && warn != nil {
			warn(fmt.Sprintf("--trace: not everything in the pipe %s has been read", t.path))
		}
	}
	if err != nil {
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
