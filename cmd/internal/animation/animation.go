// Package animation turns a long run into a short animation: a GIF, or a PNG in full
// colour.
package animation

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kovidgoyal/imaging/apng"
	"golang.org/x/image/draw"

	"github.com/brushgrad/brushgrad/cmd/internal/colour"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// The limits of an animation, which has to fit into memory and into a message: at
// most 25 MiB as GIF and 100 MiB as PNG before compression.
const (
	maxSide   = 512 // of a frame, in pixels
	maxFrames = 100
)

// Times of frames, in hundredths of a second.
const (
	frameDelay     = 10
	lastFrameDelay = 200
)

// Animation collects frames that show a run at an even pace: each differs from the one
// before by about the same. Make one with New.
type Animation struct {
	gif    bool
	frames []frame
	step   float64 // the least change from one frame to the next
}

// frame is a picture of an animation.
type frame struct {
	image  image.Image // *image.Paletted in a GIF, else *image.RGBA
	sample Sample
	at     float64 // the sum of the changes up to this one
}

// CheckName returns an error unless the extension of a file name is one that an
// animation can have: .gif, .png or .apng.
func CheckName(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gif", ".png", ".apng":
		return nil
	}
	return fmt.Errorf("writes .gif, .png or .apng, not %s", path)
}

// New returns an animation without frames, in the format that the extension of path
// says: GIF, or PNG for any other.
func New(path string) *Animation {
	return &Animation{gif: strings.EqualFold(filepath.Ext(path), ".gif")}
}

// Wants reports whether a picture, of which this is a sample, is to be added: whether it
// differs enough from the last frame.
func (a *Animation) Wants(s Sample) bool {
	if len(a.frames) == 0 {
		return true
	}
	change := s.change(a.frames[len(a.frames)-1].sample)
	return change > 0 && change >= a.step
}

// Add appends a frame, reduced to at most 512 pixels on its longer side, with a sample of
// the picture. The number of frames is bounded for a run of unknown length: whenever there
// are 100, about every second one is dropped, and from then on frames are to differ by as
// much as those that are left.
func (a *Animation) Add(m *image.RGBA, s Sample) {
	a.frames = append(a.frames, a.frame(m, s))
	if len(a.frames) == maxFrames {
		a.step = a.frames[maxFrames-1].at / (maxFrames / 2)
		a.frames = spaced(a.frames, a.step)
	}
}

// frame returns the frame of a picture that comes next.
func (a *Animation) frame(m *image.RGBA, s Sample) frame {
	if side := max(m.Rect.Dx(), m.Rect.Dy()); side > maxSide {
		scale := func(n int) int { return max(1, int(math.Round(float64(n)*maxSide/float64(side)))) }
		m = picture.Scale(m, image.Pt(scale(m.Rect.Dx()), scale(m.Rect.Dy())))
	}
	f := frame{image: m, sample: s}
	if a.gif {
		f.image = paletted(m)
	}
	if n := len(a.frames); n > 0 {
		f.at = a.frames[n-1].at + s.change(a.frames[n-1].sample)
	}
	return f
}

// spaced returns the first frame and those that differ by step from the one before.
func spaced(frames []frame, step float64) []frame {
	left := frames[:1:1]
	for _, f := range frames[1:] {
		if f.at-left[len(left)-1].at >= step {
			left = append(left, f)
		}
	}
	return left
}

// End appends the last frame, however little it shows, and removes the frames before it
// that hardly differ from it. If the run was too short for frames to be dropped before,
// End drops those that show less than a hundredth of the whole change.
func (a *Animation) End(m *image.RGBA, s Sample) {
	last := a.frame(m, s)
	step := max(a.step, last.at/(maxFrames-2))
	if len(a.frames) > 0 {
		a.frames = spaced(a.frames, step)
	}
	for n := len(a.frames); n > 1 && last.at-a.frames[n-1].at < step/2; n-- {
		a.frames = a.frames[:n-1]
	}
	if n := len(a.frames); n == 1 && last.at == 0 { // a single picture
		a.frames = nil
	}
	a.frames = append(a.frames, last)
}

// paletted reduces a picture to 256 colours of its own, with the error spread
// over the neighbours. Every frame has its own palette because the colours
// change from the content's to the style's.
func paletted(m *image.RGBA) *image.Paletted {
	p := image.NewPaletted(m.Rect, colour.MedianCut(m, 256))
	draw.FloydSteinberg.Draw(p, p.Rect, m, image.Point{})
	return p
}

// Encode returns the data of the file, once End has been called. The last frame is held
// for two seconds.
func (a *Animation) Encode() ([]byte, error) {
	delays := slices.Repeat([]int{frameDelay}, len(a.frames))
	delays[len(delays)-1] = lastFrameDelay
	var buf bytes.Buffer
	if a.gif {
		g := gif.GIF{Delay: delays}
		for _, f := range a.frames {
			g.Image = append(g.Image, f.image.(*image.Paletted))
		}
		err := gif.EncodeAll(&buf, &g)
		return buf.Bytes(), err
	}
	var p apng.APNG
	for i, f := range a.frames {
		p.Frames = append(p.Frames, apng.Frame{Image: f.image, DelayNumerator: uint16(delays[i]), DelayDenominator: 100})
	}
	err := apng.Encode(&buf, p)
	return buf.Bytes(), err
}
