package main

import (
	"image"
	"math"
	"path/filepath"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// TestColorContent: the chroma of every pixel in the file is that of the content
// within what rounding to 8 bits does to Cb and Cr, 1/2 each, and the content
// rounds too when it is read. The preview and the frames show the same colours.
func TestColorContent(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	mustRun(t, content, style, "-o", in("out.png"), "--weights", smallWeights, "--size", "44", "--iterations", "60", "-q",
		"--color", "content", "--preview", in("preview.png"), "--frames", in("frames"), "--frame-every", "40")
	want, err := picture.Load(content, 44)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out.png", "preview.png", "frames/frame-00000.png", "frames/frame-00040.png", "frames/frame-00060.png"} {
		got := readPNG(t, in(name))
		if got.Bounds().Size() != image.Pt(44, 33) {
			t.Fatalf("%s is %v", name, got.Bounds())
		}
		painted := 0
		for i := 0; i < want.Len(); i += 3 {
			r, g, b, _ := got.At(i/3%44, i/3/44).RGBA()
			have := [3]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8)}
			own := [3]float64{float64(want.Data()[i]), float64(want.Data()[i+1]), float64(want.Data()[i+2])}
			y, cb, cr := yCbCr(have)
			wantY, wantCb, wantCr := yCbCr(own)
			if math.Abs(cb-wantCb) > 0.501 || math.Abs(cr-wantCr) > 0.501 {
				t.Fatalf("%s, pixel %d: %v has Cb, Cr %.3f, %.3f, but the content's %v has %.3f, %.3f", name, i/3, have, cb, cr, own, wantCb, wantCr)
			}
			if math.Abs(y-wantY) > 2 {
				painted++
			}
		}
		if name != "frames/frame-00000.png" && painted < want.Len()/3/10 {
			t.Errorf("%s: only %d pixels have another luma than the content", name, painted)
		}
	}
}

// yCbCr is the transform of ITU-R BT.601 for full-range values, as in JPEG.
func yCbCr(p [3]float64) (y, cb, cr float64) {
	y = 0.299*p[0] + 0.587*p[1] + 0.114*p[2]
	return y, (p[2] - y) / 1.772, (p[0] - y) / 1.402
}
