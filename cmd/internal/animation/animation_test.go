package animation

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"math"
	"strings"
	"testing"

	"github.com/kovidgoyal/imaging/apng"

	"github.com/brushgrad/brushgrad/tensor"
)

// pictureOf returns a picture of one grey, with its first pixel of the colour n, n>>8, 9,
// and its sample.
func pictureOf(n, w, h int, grey float64) (*image.RGBA, Sample) {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(grey)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	m.SetRGBA(0, 0, color.RGBA{uint8(n), uint8(n >> 8), 9, 255})
	t := tensor.New(1, 2, 2, 3)
	t.Fill(float32(grey))
	return m, SampleOf(t)
}

// TestFramesShowEqualChange: however long the run and however uneven its pace, the
// animation keeps its limits of frames and pixels and has the first and the last frame.
// The change from one frame to the next is about the same, unless a single iteration
// changes more.
func TestFramesShowEqualChange(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, maxFrames, maxFrames + 1, 1000, 20000} {
		for name, grey := range map[string]func(t float64) float64{
			"even":           func(t float64) float64 { return 250 * t },
			"slower":         func(t float64) float64 { return 250 * (1 - math.Exp(-8*t)) },
			"faster":         func(t float64) float64 { return 250 * t * t * t },
			"then suddenly":  func(t float64) float64 { return 100*t + 150*math.Round(t) },
			"back and forth": func(t float64) float64 { return 125 + 120*math.Sin(20*t) },
			"never":          func(float64) float64 { return 3 },
		} {
			if n > 1000 && name != "slower" {
				continue // it takes long
			}
			a := New("x.png")
			largest, before := 0.0, 0.0 // change in one iteration
			for i := range n {
				g := grey(float64(i) / float64(n))
				m, s := pictureOf(i, 8, 2, g)
				if i == n-1 {
					a.End(m, s)
				} else if a.Wants(s) {
					a.Add(m, s)
				}
				if i > 0 {
					largest = max(largest, math.Abs(g-before))
				}
				before = g
			}
			number := func(f frame) int {
				r, g, _, _ := f.image.At(0, 0).RGBA()
				return int(r>>8 + g>>8<<8)
			}
			count := len(a.frames)
			if count < 1 || count > maxFrames || count > n || n >= 1000 && name != "never" && count < maxFrames/5 {
				t.Errorf("%s: %d frames of %d", name, count, n)
			}
			if number(a.frames[count-1]) != n-1 || count > 1 && number(a.frames[0]) != 0 {
				t.Errorf("%s: of %d, the first frame is number %d, the last %d", name, n, number(a.frames[0]), number(a.frames[count-1]))
			}
			least, most := math.Inf(1), 0.0
			for i := 1; i < count; i++ {
				d := a.frames[i].at - a.frames[i-1].at
				least, most = min(least, d), max(most, d)
			}
			if n > maxFrames && count > 1 && most > 2.6*least+largest+2 { // samples are whole levels
				t.Errorf("%s: of %d, frames show changes from %.2f to %.2f levels, in an iteration up to %.2f", name, n, least, most, largest)
			}
			if _, err := a.Encode(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFramesAreReduced(t *testing.T) {
	a := New("x.gif")
	m, s := pictureOf(1, 2*maxSide, 2, 7)
	a.End(m, s)
	if size := a.frames[0].image.Bounds().Size(); size != image.Pt(maxSide, 1) {
		t.Errorf("a frame is %v", size)
	}
}

// TestLastFrameIsHeld: for two seconds, in either format, and the others for a tenth.
func TestLastFrameIsHeld(t *testing.T) {
	data := func(name string) *bytes.Reader {
		a := New(name)
		for i := range 2 {
			a.Add(pictureOf(i, 8, 6, float64(50*i)))
		}
		a.End(pictureOf(2, 8, 6, 100))
		encoded, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(encoded)
	}
	g, err := gif.DecodeAll(data("x.GIF"))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 3 || g.Delay[0] != 10 || g.Delay[1] != 10 || g.Delay[2] != 200 || g.Image[0].Rect.Size() != image.Pt(8, 6) {
		t.Errorf("%d frames of %v with times %v", len(g.Image), g.Image[0].Rect, g.Delay)
	}
	p, err := apng.DecodeAll(data("x.apng"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Frames) != 3 || p.Frames[0].GetDelay() != 0.1 || p.Frames[2].GetDelay() != 2 {
		t.Fatalf("%d frames, the first for %v s", len(p.Frames), p.Frames[0].GetDelay())
	}
	for i, f := range p.Frames {
		if r, _, b, _ := f.Image.At(0, 0).RGBA(); r>>8 != uint32(i) || b>>8 != 9 {
			t.Errorf("frame %d begins with %d, %d", i, r>>8, b>>8)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"x.gif", "x.PNG", "a/x.apng"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"x.mp4", "x", "gif", ""} {
		if err := CheckName(name); err == nil || !strings.HasSuffix(err.Error(), "writes .gif, .png or .apng, not "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
