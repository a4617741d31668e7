package painting

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// headers are the pictures of a run as their headers have them: what decides on its
// memory.
type headers struct {
	content picture.Header
	styles  []picture.Header
	listed  []Style // the same
	sizing  StyleSizing
	others  []picture.Header // decoded to the content's size
}

// readHeaders reads the headers of all pictures of a run. It returns an error if there is
// one that it cannot read; to say what is wrong with it is left to who decodes it.
func readHeaders(from *sources, content string, styles []Style, sizing StyleSizing, others []string) (h *headers, err error) {
	h = &headers{listed: styles, sizing: sizing}
	header := func(name string) picture.Header {
		var head picture.Header
		var data []byte
		if err == nil {
			data, err = from.read(name)
		}
		if err == nil {
			head, err = picture.DecodeHeader(data)
		}
		if err == nil && head.Memory(1, 1) > int64(from.limit) {
			err = errors.New("no size makes it small enough to be decoded")
		}
		return head
	}
	h.content = header(content)
	for _, style := range styles {
		h.styles = append(h.styles, header(style.File))
	}
	for _, name := range others {
		h.others = append(h.others, header(name))
	}
	return h, err
}

// at returns the shapes of the pictures at a --size, and what it takes at most to decode
// one of them.
func (h *headers) at(size int) (shapes nst.Shapes, decoding int64, err error) {
	width, height, err := h.content.Fit(size)
	if err != nil {
		return shapes, 0, err
	}
	shapes = nst.Shapes{Height: height, Width: width}
	decoding = h.content.Memory(width, height)
	longest := h.sizing.size(size)
	for i, style := range h.styles {
		w, ht, err := style.Fit(longest)
		if err != nil {
			return shapes, 0, err
		}
		shapes.Styles = append(shapes.Styles, nst.StyleShape{
			Height: ht, Width: w, ContentMask: h.listed[i].Mask != "", StyleMask: h.listed[i].StyleMask != "",
		})
		decoding = max(decoding, style.Memory(w, ht))
	}
	for _, other := range h.others {
		decoding = max(decoding, other.Memory(width, height))
	}
	return shapes, decoding, nil
}

// advise says which --size below the limit fits into the free bytes, if the costs use the
// given layers of the network.
func (h *headers) advise(free int64, limit int, net *vgg.Network, layers []string, need func(size int) (int64, error)) string {
	size := memory.Largest(limit, free, need)
	if size >= 100 {
		size -= size % 10
	}
	w, ht, err := h.content.Fit(size)
	if size == 0 || err != nil || net.Check(layers, ht, w) != nil {
		return "no --size would fit"
	}
	return fmt.Sprintf("--size %d would fit", size)
}

// need returns the bytes that the job takes at most with another --size, beside what
// the process holds: while its pictures are decoded, or while it paints.
func (j *Job) need(h *headers, net *vgg.Network, size int) (int64, error) {
	shapes, decoding, err := h.at(size)
	if err != nil {
		return 0, err
	}
	run, err := j.painting(net, shapes)
	return j.held(shapes) + max(run, decoding), err
}

// held returns the bytes of the pictures and masks that a run holds: the content, the
// start and the styles, each twice if --color changes them.
func (j *Job) held(shapes nst.Shapes) int64 {
	content := int64(shapes.Height) * int64(shapes.Width)
	bytes := 24*content + stylesHeld(shapes)
	if j.Color != "style" {
		bytes += 24 * content
		for _, s := range shapes.Styles {
			bytes += 12 * int64(s.Height) * int64(s.Width)
		}
	}
	return bytes
}

// stylesHeld returns the bytes of the style pictures and of all masks.
func stylesHeld(shapes nst.Shapes) (bytes int64) {
	for _, s := range shapes.Styles {
		n := int64(s.Height) * int64(s.Width)
		bytes += 12 * n
		if s.ContentMask {
			bytes += 4 * int64(shapes.Height) * int64(shapes.Width)
		}
		if s.StyleMask {
			bytes += 4 * n
		}
	}
	return bytes
}

// What showing a run takes: pictures in the size of the result and encoded, in bytes
// per pixel, and the frames of an animation (see its limits).
const (
	shownBytes     = 80
	animationBytes = 128 << 20
)

// painting returns the bytes that it takes to paint, without the pictures that are
// held.
func (j *Job) painting(net *vgg.Network, shapes nst.Shapes) (int64, error) {
	bytes, err := nst.ForecastMemory(net, shapes, j.engine())
	if j.Preview != "" || j.Frames != "" || j.Timelapse != "" {
		bytes += shownBytes * int64(shapes.Height) * int64(shapes.Width)
	}
	if j.Timelapse != "" {
		bytes += animationBytes
	}
	return bytes, err
}

// checkMemory returns an error if the job does not fit into the memory that there is,
// before any of it is taken. The first result is what it needs, 0 if that is not known.
func (p *Painter) checkMemory(from *sources, job *Job, net *vgg.Network) (int64, error) {
	styles := map[string]bool{job.Content: true}
	for _, style := range job.Styles {
		styles[style.File] = true
	}
	var others []string // masks and the start
	for _, path := range job.inputs() {
		if !styles[*path] {
			others = append(others, *path)
		}
	}
	if err := p.checkFiles(append(slices.Collect(maps.Keys(styles)), others...)); err != nil {
		return 0, err
	}
	h, err := readHeaders(from, job.Content, job.Styles, job.StyleSizing, others)
	if err != nil {
		return 0, nil
	}
	need, err := job.need(h, net, job.Size)
	if err != nil {
		return 0, nil
	}
	return need, p.Check("this", need, func(free int64) string {
		return h.advise(free, job.Size, net, job.Costs.Engine().Layers(), func(size int) (int64, error) { return job.need(h, net, size) })
	})
}

// checkFiles returns an error if the bytes of files, which are all read before the first
// is decoded, do not fit into memory.
func (p *Painter) checkFiles(names []string) error {
	size := int64(0)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
	}
	return p.Check("reading the pictures", size, nil)
}

// builtInWeights is what it takes to decode the built-in network, in bytes.
const builtInWeights = 12 << 20

// CheckWeights returns an error if the weights in a file or folder, the built-in ones if
// path is empty, cannot be read into the memory that there is. They take it twice: as the
// file has them, and as the network does.
func CheckWeights(guard memory.Guard, path string) error {
	if path == "" {
		return guard.Check("the network alone", builtInWeights, nil)
	}
	size := int64(0)
	_ = filepath.WalkDir(path, func(file string, _ fs.DirEntry, err error) error {
		if info, statErr := os.Stat(file); err == nil && statErr == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil // to say what is wrong is left to who reads it
	})
	return guard.Check(path, 2*size, nil)
}

// code is what a process takes beside what memory.Held counts, in bytes: the parts of
// the program that have been run.
const code = 16 << 20

// forecast is nst.NewForecast, whose error is ErrNoPicture if ctx ends.
func forecast(ctx context.Context, net *vgg.Network, content *tensor.Tensor, styles []nst.Style, opt nst.Options) (nst.Forecast, error) {
	f, err := nst.NewForecast(ctx, net, content, styles, opt)
	if err != nil && ctx.Err() != nil {
		err = ErrNoPicture
	}
	return f, err
}
