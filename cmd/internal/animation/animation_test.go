package animation

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"github.com/kovidgoyal/imaging/apng"
)

// frame returns a picture of which the first pixel tells its number.
func frame(n, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	m.SetRGBA(0, 0, color.RGBA{uint8(n), uint8(n >> 8), 9, 255})
	return m
}

// TestTimelapseIsBounded: however long the run, the animation has at most so
// many frames, evenly spaced, of at most so many pixels, the first and the last
// among them.
func TestTimelapseIsBounded(t *testing.T) {
	for _, n := range []int{1, maxFrames - 1, maxFrames, maxFrames + 1, 2 * maxFrames, 3*maxFrames + 7} {
		a := New("x.png")
		var first, last image.Image
		for i := range n {
			a.Add(frame(i, 2*maxSide, 2))
			if last = a.last; i == 0 {
				first = last
			}
		}
		if (n-1)/a.every+1 != len(a.frames) {
			t.Errorf("%d frames, one in %d of %d: they are not evenly spaced", len(a.frames), a.every, n)
		}
		if _, err := a.Encode(); err != nil {
			t.Fatal(err)
		}
		if got := len(a.frames); got > maxFrames || got < min(n, maxFrames/3) {
			t.Errorf("%d frames of %d, want at most %d and no less than a third of that", got, n, maxFrames)
		}
		if a.frames[0] != first || a.frames[len(a.frames)-1] != last {
			t.Errorf("%d frames: the first or the last one is missing", n)
		}
		if size := a.frames[0].Bounds().Size(); size != image.Pt(maxSide, 1) {
			t.Errorf("a frame is %v", size)
		}
	}
}

// TestLastFrameIsHeld: for two seconds, in either format, and the others for a tenth.
func TestLastFrameIsHeld(t *testing.T) {
	data := func(name string) *bytes.Reader {
		a := New(name)
		for i := range 3 {
			a.Add(frame(i, 8, 6))
		}
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
