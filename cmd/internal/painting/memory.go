package painting

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// available is memory.Available, and another in tests.
var available = memory.Available

// free returns the bytes that there are for a run. What is garbage of the run before is
// given back first if it has to be.
func free(need int64) (bytes int64, ok bool) {
	if bytes, ok = available(); ok && bytes < need {
		debug.FreeOSMemory()
		bytes, ok = available()
	}
	return bytes, ok
}

// mib rounds bytes to MiB for people, upwards what is needed.
func mib(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// sizes are the pictures of a job as their headers have them: what decides on its
// memory.
type sizes struct {
	job     *Job
	net     *vgg.Network
	content picture.Header
	styles  []picture.Header // likewise
	others  []picture.Header // masks and the start
}

// readSizes reads the headers of all pictures of a job. It returns an error if there is
// one that it cannot read; to say what is wrong with it is left to who decodes it.
func readSizes(from *sources, job *Job, net *vgg.Network) (s *sizes, err error) {
	s = &sizes{job: job, net: net}
	header := func(name string) picture.Header {
		var h picture.Header
		var data []byte
		if err == nil {
			data, err = from.read(name)
		}
		if err == nil {
			h, err = picture.DecodeHeader(data)
		}
		if err == nil && h.Memory(1, 1) > int64(job.Reading.limit()) {
			err = errors.New("no size makes it small enough to be decoded")
		}
		return h
	}
	s.content = header(job.Content)
	inputs := map[string]bool{job.Content: true}
	for _, style := range job.Styles {
		s.styles = append(s.styles, header(style.File))
		inputs[style.File] = true
	}
	for _, path := range job.inputs() {
		if !inputs[*path] {
			s.others = append(s.others, header(*path))
		}
	}
	return s, err
}

// need returns the bytes that the job takes at most with another --size, beside what
// the process holds: while its pictures are decoded, or while it paints.
func (s *sizes) need(size int) (int64, error) {
	w, h, err := s.content.Fit(size)
	if err != nil {
		return 0, err
	}
	shapes := nst.Shapes{Height: h, Width: w}
	decoding := s.content.Memory(w, h)
	longest := s.job.StyleSizing.size(size)
	for i, style := range s.styles {
		sw, sh, err := style.Fit(longest)
		if err != nil {
			return 0, err
		}
		shapes.Styles = append(shapes.Styles, nst.StyleShape{
			Height: sh, Width: sw,
			ContentMask: s.job.Styles[i].Mask != "", StyleMask: s.job.Styles[i].StyleMask != "",
		})
		decoding = max(decoding, style.Memory(sw, sh))
	}
	for _, other := range s.others {
		decoding = max(decoding, other.Memory(w, h))
	}
	held := s.job.held(shapes)
	run, err := s.job.painting(s.net, shapes)
	return held + max(run, decoding), err
}

// held returns the bytes of the pictures and masks that a run holds: the content, the
// start and the styles, each twice if --color changes them.
func (j *Job) held(shapes nst.Shapes) int64 {
	content := int64(shapes.Height) * int64(shapes.Width)
	bytes := 24 * content
	for _, s := range shapes.Styles {
		n := int64(s.Height) * int64(s.Width)
		bytes += 12 * n
		if j.Color != "style" {
			bytes += 12 * n
		}
		if s.ContentMask {
			bytes += 4 * content
		}
		if s.StyleMask {
			bytes += 4 * n
		}
	}
	if j.Color != "style" {
		bytes += 24 * content
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
	s, err := readSizes(from, job, net)
	if err != nil {
		return 0, nil
	}
	need, err := s.need(job.Size)
	if err != nil {
		return 0, nil
	}
	there, known := free(need)
	if p.Force || !known || need <= there {
		return need, nil
	}
	return need, fmt.Errorf("this needs about %d MiB, but %d MiB are free; %s (--force tries anyway)", mib(need), there>>20, s.advice(there))
}

// advice says which --size fits into so many bytes.
func (s *sizes) advice(there int64) string {
	size := s.fitting(there)
	if size == 0 {
		return "no --size would fit"
	}
	return fmt.Sprintf("--size %d would fit", size)
}

// fitting returns the largest --size that fits into so many bytes, with what may be
// missing in the next run left over; 0 for none.
func (s *sizes) fitting(there int64) int {
	there -= there/32 + memory.Varies()
	least, most := 0, s.job.Size // fits, does not
	for most-least > 1 {
		size := (least + most) / 2
		if need, err := s.need(size); err == nil && need <= there {
			least = size
		} else {
			most = size
		}
	}
	if least >= 100 {
		least -= least % 10
	}
	w, h, err := s.content.Fit(least)
	if least == 0 || err != nil || s.net.Check(s.job.Costs.Engine().Layers(), h, w) != nil {
		return 0
	}
	return least
}

// builtInWeights is what it takes to decode the built-in network, in bytes.
const builtInWeights = 12 << 20

// checkWeights returns an error if the weights in a file or folder, the built-in ones
// if path is empty, cannot be read into the memory that there is. They take it twice:
// as the file has them, and as the network does.
func (p *Painter) checkWeights(path string) error {
	if p.Force {
		return nil
	}
	if path == "" {
		if there, known := free(builtInWeights); known && there < builtInWeights {
			return fmt.Errorf("this needs %d MiB for the network alone, but %d MiB are free (--force tries anyway)", mib(builtInWeights), there>>20)
		}
		return nil
	}
	size := int64(0)
	_ = filepath.WalkDir(path, func(file string, _ fs.DirEntry, err error) error {
		if info, statErr := os.Stat(file); err == nil && statErr == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil // to say what is wrong is left to who reads it
	})
	if there, known := free(2 * size); known && 2*size > there {
		return fmt.Errorf("--weights: %s needs about %d MiB to be read, but %d MiB are free (--force tries anyway)", path, mib(2*size), there>>20)
	}
	return nil
}

// code is what a process takes beside what memory.Held counts, in bytes: the parts of
// the program that have been run.
const code = 16 << 20

// generous returns the bytes that a run is let take where memory is plenty. In exactly
// what it needs the collector would run hundreds of times, for the few kilobytes of each
// evaluation: that took 4 % of the time.
func generous(need int64) int64 { return need + need/16 + 8<<20 }

// limit has the collector keep the process within what it holds and a run is let take,
// which is less where memory is short. What is left of the run before is given back.
func limit(need int64) (undo func()) {
	debug.FreeOSMemory()
	if need == 0 {
		return func() {}
	}
	room := generous(need)
	if there, known := available(); known {
		// The collector comes to its limit and, as large values are allocated at once, a
		// little beyond.
		room = min(room, max(need, there)*15/16)
	}
	return memory.Limit(memory.Held() + room)
}

// forecast is nst.NewForecast, whose error is ErrNoPicture if ctx ends.
func forecast(ctx context.Context, net *vgg.Network, content *tensor.Tensor, styles []nst.Style, opt nst.Options) (nst.Forecast, error) {
	f, err := nst.NewForecast(ctx, net, content, styles, opt)
	if err != nil && ctx.Err() != nil {
		err = ErrNoPicture
	}
	return f, err
}
