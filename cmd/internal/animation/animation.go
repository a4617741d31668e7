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

// Animation collects frames. Make one with New.
type Animation struct {
	gif    bool
	frames []image.Image // *image.Paletted in a GIF, else *image.RGBA
	added  int           // frames offered
	every  int           // one of this many is kept
	last   image.Image   // the latest one offered
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
	return &Animation{gif: strings.EqualFold(filepath.Ext(path), ".gif"), every: 1}
}

// Add appends a frame, reduced to at most 512 pixels on its longer side. The number
// of frames is bounded for a run of unknown length: whenever there are 100, every
// second one is dropped, and from then on only every second one is taken.
func (a *Animation) Add(m *image.RGBA) {
	if side := max(m.Rect.Dx(), m.Rect.Dy()); side > maxSide {
		scale := func(n int) int { return max(1, int(math.Round(float64(n)*maxSide/float64(side)))) }
		m = picture.Scale(m, image.Pt(scale(m.Rect.Dx()), scale(m.Rect.Dy())))
	}
	a.last = m
	if a.gif {
		a.last = paletted(m)
	}
	if a.added%a.every == 0 {
		a.frames = append(a.frames, a.last)
	}
	a.added++
	if len(a.frames) == maxFrames { // with the latest one, there would be one too many
		for i := range maxFrames / 2 {
			a.frames[i] = a.frames[2*i]
		}
		a.frames = slices.Delete(a.frames, maxFrames/2, maxFrames)
		a.every *= 2
	}
}

// paletted reduces a picture to 256 colours of its own, with the error spread
// over the neighbours. Every frame has its own palette because the colours
// change from the content's to the style's.
func paletted(m *image.RGBA) *image.Paletted {
	p := image.NewPaletted(m.Rect, colour.MedianCut(m, 256))
	draw.FloydSteinberg.Draw(p, p.Rect, m, image.Point{})
	return p
}

// Encode returns the data of the file. The animation ends with the latest frame that
// was added, of which there must be one, and holds it for two seconds.
func (a *Animation) Encode() ([]byte, error) {
	if n := len(a.frames); n == 0 || a.frames[n-1] != a.last {
		a.frames = append(a.frames, a.last)
	}
	delays := slices.Repeat([]int{frameDelay}, len(a.frames))
	delays[len(delays)-1] = lastFrameDelay
	var buf bytes.Buffer
	if a.gif {
		g := gif.GIF{Delay: delays}
		for _, m := range a.frames {
			g.Image = append(g.Image, m.(*image.Paletted))
		}
		err := gif.EncodeAll(&buf, &g)
		return buf.Bytes(), err
	}
	var p apng.APNG
	for i, m := range a.frames {
		p.Frames = append(p.Frames, apng.Frame{Image: m, DelayNumerator: uint16(delays[i]), DelayDenominator: 100})
	}
	err := apng.Encode(&buf, p)
	return buf.Bytes(), err
}
