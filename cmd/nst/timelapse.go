package main

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"math"
	"path/filepath"
	"strings"

	"github.com/kovidgoyal/imaging/apng"
	"golang.org/x/image/draw"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/tensor"
)

// What an animation is bounded by, so that it fits into memory, and into a
// message: at most 25 MiB as GIF and 100 MiB as PNG before compression.
const (
	timelapseSide   = 512 // longest side in pixels
	timelapseFrames = 100
)

// Times of frames, in hundredths of a second.
const (
	frameDelay     = 10
	lastFrameDelay = 200
)

// timelapse is an animation that is being made.
type timelapse struct {
	path   string
	frames []image.Image // *image.Paletted for GIF, else *image.RGBA
	added  int           // frames offered
	every  int           // of those, one in so many is kept
	last   image.Image   // the latest one offered
}

func newTimelapse(path string) *timelapse { return &timelapse{path: path, every: 1} }

// timelapseFormat returns gif or png, and "" for no file.
func timelapseFormat(path string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case path == "":
		return "", nil
	case ext == ".gif":
		return "gif", nil
	case ext == ".png" || ext == ".apng":
		return "png", nil
	}
	return "", fmt.Errorf("--timelapse writes .gif, .png or .apng, not %s", path)
}

// add appends a frame. A run of unknown length must end with a bounded number
// of them, so when there are too many every second one is dropped, and from
// then on only every second one is taken.
func (t *timelapse) add(so *tensor.Tensor) {
	m := picture.Image(so)
	if side := max(m.Rect.Dx(), m.Rect.Dy()); side > timelapseSide {
		scale := func(n int) int { return max(1, int(math.Round(float64(n)*timelapseSide/float64(side)))) }
		m = scaled(m, image.Pt(scale(m.Rect.Dx()), scale(m.Rect.Dy())))
	}
	t.last = m
	if format, _ := timelapseFormat(t.path); format == "gif" {
		t.last = paletted(m)
	}
	if t.added%t.every == 0 {
		t.frames = append(t.frames, t.last)
	}
	t.added++
	if len(t.frames) == timelapseFrames { // with the latest one, there would be one too many
		kept := t.frames[:0]
		for i := 0; i < len(t.frames); i += 2 {
			kept = append(kept, t.frames[i])
		}
		clear(t.frames[len(kept):])
		t.frames = kept
		t.every *= 2
	}
}

// paletted reduces a picture to 256 colours of its own, with the error spread
// over the neighbours. Every frame has its own palette because the colours
// change from the content's to the style's.
func paletted(m *image.RGBA) *image.Paletted {
	p := image.NewPaletted(m.Rect, medianCut(m, 256))
	draw.FloydSteinberg.Draw(p, p.Rect, m, image.Point{})
	return p
}

// write encodes the animation. It ends with the latest frame, and holds it.
func (t *timelapse) write() error {
	if n := len(t.frames); n == 0 || t.frames[n-1] != t.last {
		t.frames = append(t.frames, t.last)
	}
	var buf bytes.Buffer
	var err error
	if format, _ := timelapseFormat(t.path); format == "gif" {
		err = t.encodeGIF(&buf)
	} else {
		err = t.encodePNG(&buf)
	}
	if err == nil {
		err = writeFile(t.path, buf.Bytes())
	}
	if err != nil {
		return fmt.Errorf("--timelapse: %w", err)
	}
	return nil
}

func (t *timelapse) delay(frame int) int {
	if frame == len(t.frames)-1 {
		return lastFrameDelay
	}
	return frameDelay
}

func (t *timelapse) encodeGIF(buf *bytes.Buffer) error {
	var g gif.GIF
	for i, m := range t.frames {
		g.Image = append(g.Image, m.(*image.Paletted))
		g.Delay = append(g.Delay, t.delay(i))
	}
	return gif.EncodeAll(buf, &g)
}

func (t *timelapse) encodePNG(buf *bytes.Buffer) error {
	var a apng.APNG
	for i, m := range t.frames {
		a.Frames = append(a.Frames, apng.Frame{Image: m, DelayNumerator: uint16(t.delay(i)), DelayDenominator: 100})
	}
	return apng.Encode(buf, a)
}
