package main

import (
	"cmp"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/image/draw"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/tensor"
)

// watchFlags show how a picture comes about.
type watchFlags struct {
	Preview    string `placeholder:"FILE.png" help:"Write the picture so far, at most once a second; a viewer that reloads the file shows it."`
	Frames     string `placeholder:"DIR" help:"Write frame-00000.png and so on into this folder, named by iteration."`
	Timelapse  string `placeholder:"FILE.gif" help:"Write the run as an animation: .gif, or .png or .apng in full colour."`
	FrameEvery int    `default:"10" placeholder:"N" help:"Iterations from one frame to the next (${default})."`
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *watchFlags) Validate() error {
	if f.FrameEvery < 1 {
		return fmt.Errorf("--frame-every is %d, but must be 1 or more", f.FrameEvery)
	}
	if f.Preview != "" {
		if err := (picture.Options{}).Check(f.Preview); err != nil {
			return fmt.Errorf("--preview: %w", err)
		}
	}
	_, err := timelapseFormat(f.Timelapse)
	return err
}

// outputs are the files to be written that have fixed names.
func (f *watchFlags) outputs() []string { return []string{f.Preview, f.Timelapse} }

// check returns the error that writing would meet after the run, as far as
// that can be known beforehand.
func (f *watchFlags) check() error {
	return cmp.Or(checkWritable("--preview", f.Preview), checkFolder("--frames", f.Frames), checkWritable("--timelapse", f.Timelapse))
}

// watch writes what watchFlags ask for while a picture is being painted. An
// error of a file is no reason to stop painting: it is kept for the end.
type watch struct {
	watchFlags
	inputs     []string       // must not be overwritten
	start      *tensor.Tensor // until it has been shown
	size       image.Point    // of the result: pictures of coarser scales are enlarged to it
	colors     coloring
	iterations int // over all scales
	previewed  struct {
		at   time.Time
		took time.Duration
	}
	timelapse *timelapse // nil without
	err       error      // the first one
}

func newWatch(p *paintCmd, start *tensor.Tensor, colors coloring) *watch {
	w := &watch{
		watchFlags: p.watchFlags, inputs: p.inputFiles(),
		start: start, size: image.Pt(colors.content.Dim(2), colors.content.Dim(1)), colors: colors,
	}
	if p.Timelapse != "" {
		w.timelapse = newTimelapse(p.Timelapse)
	}
	return w
}

// iteration is called after every iteration with the picture so far.
func (w *watch) iteration(so *tensor.Tensor) {
	if w.start != nil {
		w.frame(w.start)
		w.start = nil
	}
	w.iterations++
	if w.iterations%w.FrameEvery == 0 {
		w.frame(so)
	}
	w.preview(so, time.Now())
}

// end writes what the result completes, and returns the first error.
func (w *watch) end(result *tensor.Tensor) error {
	if w.start != nil || w.iterations%w.FrameEvery != 0 {
		w.frame(result)
	}
	w.preview(result, time.Time{})
	if w.timelapse != nil && w.err == nil {
		w.err = w.timelapse.write()
	}
	return w.err
}

func (w *watch) frame(so *tensor.Tensor) {
	if w.err != nil || w.Frames == "" && w.timelapse == nil {
		return
	}
	shown := w.shown(so)
	if w.timelapse != nil {
		w.timelapse.add(shown)
	}
	if w.Frames == "" {
		return
	}
	name := filepath.Join(w.Frames, fmt.Sprintf("frame-%05d.png", w.iterations))
	err := os.MkdirAll(w.Frames, 0o777)
	if err = cmp.Or(err, distinctFiles([]string{name}, w.inputs)); err == nil {
		err = picture.Save(name, shown)
	}
	if err != nil {
		w.err = fmt.Errorf("--frames: %w", err)
	}
}

// preview writes the preview if a second has passed since the last, and 20
// times as long as writing it took: a large picture must not be painted slower
// for it. A time of 0 stands for the end.
func (w *watch) preview(so *tensor.Tensor, now time.Time) {
	last := &w.previewed
	if w.Preview == "" || w.err != nil || !now.IsZero() && now.Sub(last.at) < max(time.Second, 20*last.took) {
		return
	}
	if err := picture.Save(w.Preview, w.shown(so)); err != nil {
		w.err = fmt.Errorf("--preview: %w", err)
	}
	last.at, last.took = now, time.Since(now)
}

// shown returns what is to be seen of a picture, in the size of the result.
func (w *watch) shown(so *tensor.Tensor) *tensor.Tensor {
	if so.Dim(2) != w.size.X || so.Dim(1) != w.size.Y {
		so = fromImage(scaled(picture.Image(so), w.size))
	}
	return w.colors.after(so)
}

// scaled returns the picture in another size.
func scaled(m *image.RGBA, size image.Point) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(out, out.Rect, m, m.Rect, draw.Src, nil)
	return out
}

// fromImage undoes picture.Image.
func fromImage(m *image.RGBA) *tensor.Tensor {
	t := tensor.New(1, m.Rect.Dy(), m.Rect.Dx(), 3)
	for i := range t.Len() / 3 {
		for c := range 3 {
			t.Data()[3*i+c] = float32(m.Pix[4*i+c])
		}
	}
	return t
}
