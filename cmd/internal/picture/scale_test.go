package picture

import (
	"fmt"
	"image"
	"image/color/palette"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// resample is bit-identical to draw.CatmullRom, for all types of images that
// decoders return, enlarged and reduced.
func TestResampleIsCatmullRom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	fill := func(pix []byte) {
		for i := range pix {
			pix[i] = byte(r.IntN(256))
		}
	}
	for _, size := range []image.Point{{X: 1, Y: 1}, {X: 1, Y: 40}, {X: 37, Y: 2}, {X: 61, Y: 47}} {
		rect := image.Rectangle{Min: image.Pt(3, 5), Max: image.Pt(3, 5).Add(size)}
		gray, gray16 := image.NewGray(rect), image.NewGray16(rect)
		rgba, rgba64, cmyk := image.NewRGBA(rect), image.NewRGBA64(rect), image.NewCMYK(rect)
		paletted := image.NewPaletted(rect, palette.Plan9)
		images := []image.Image{gray, gray16, rgba, rgba64, cmyk, paletted}
		for _, pix := range [][]byte{gray.Pix, gray16.Pix, rgba.Pix, rgba64.Pix, cmyk.Pix, paletted.Pix} {
			fill(pix)
		}
		for i := 3; i < len(rgba.Pix); i += 4 {
			rgba.Pix[i], rgba64.Pix[i*2], rgba64.Pix[i*2+1] = 255, 255, 255
		}
		nrgba := image.NewNRGBA(rect)
		nrgba.Pix = rgba.Pix
		images = append(images, nrgba)
		for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
			m := image.NewYCbCr(rect, ratio)
			fill(m.Y)
			fill(m.Cb)
			fill(m.Cr)
			images = append(images, m)
		}
		for _, to := range []image.Point{{X: 1, Y: 1}, {X: 5, Y: 7}, {X: 40, Y: 33}, {X: 90, Y: 100}, {X: 300, Y: 1}} {
			for _, img := range images {
				want := image.NewRGBA64(image.Rectangle{Max: to})
				draw.CatmullRom.Scale(want, want.Rect, img, rect, draw.Src, nil)
				resample(img, to.X, to.Y, false, func(x, y int, r, g, b, a uint16) {
					if c := want.RGBA64At(x, y); c.R != r || c.G != g || c.B != b || c.A != a {
						t.Errorf("%T %v to %v: pixel %d, %d is %v, want %v", img, size, to, x, y, []uint16{r, g, b, a}, c)
					}
				})
			}
		}
	}
}

// What resample allocates is not more than scaleCost says, and not a tenth.
func TestScaleCost(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates, too")
	}
	for _, c := range [][4]int{{4000, 30, 100, 20}, {30, 4000, 20, 100}, {100, 100, 700, 500}, {2000, 1500, 333, 250}} {
		img := image.NewGray(image.Rect(0, 0, c[0], c[1]))
		got := allocated(func() { resample(img, c[2], c[3], false, func(int, int, uint16, uint16, uint16, uint16) {}) })
		if want := scaleCost(c[0], c[1], c[2], c[3]); got > want+1<<14 || got < want/20 {
			t.Errorf("%s allocates %d bytes, scaleCost says %d", fmt.Sprint(c), got, want)
		}
	}
}
