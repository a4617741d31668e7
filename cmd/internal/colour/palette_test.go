package colour

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// TestMedianCutFewColors: a picture of no more colours than the palette holds
// keeps every one of them.
func TestMedianCutFewColors(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 60, 50))
	want := make(map[color.Color]bool)
	for i := range 60 * 50 {
		c := color.RGBA{uint8(i % 7 * 40), uint8(i % 5 * 60), uint8(i % 3 * 100), 255}
		m.SetRGBA(i%60, i/60, c)
		want[c] = true
	}
	got := MedianCut(m, 256)
	if len(got) != len(want) {
		t.Errorf("%d colours, want %d", len(got), len(want))
	}
	for _, c := range got {
		if !want[c] {
			t.Errorf("%v is not in the picture", c)
		}
	}
}

// TestMedianCutError: on a picture of smooth colours the palette does better
// than a regular one of 6x6x6 colours, by far.
func TestMedianCutError(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := image.NewRGBA(image.Rect(0, 0, 128, 96))
	for i := range 128 * 96 {
		x, y := i%128, i/128
		m.SetRGBA(x, y, color.RGBA{uint8(100 + x/2), uint8(60 + y), uint8(120 + rng.IntN(10)), 255})
	}
	var regular color.Palette
	for i := range 216 {
		regular = append(regular, color.RGBA{uint8(i % 6 * 51), uint8(i / 6 % 6 * 51), uint8(i / 36 * 51), 255})
	}
	of := func(p color.Palette) (sum float64) {
		for i := 0; i < len(m.Pix); i += 4 {
			c := color.RGBA{m.Pix[i], m.Pix[i+1], m.Pix[i+2], 255}
			n := p.Convert(c).(color.RGBA)
			for _, d := range []int{int(c.R) - int(n.R), int(c.G) - int(n.G), int(c.B) - int(n.B)} {
				sum += float64(d * d)
			}
		}
		return sum
	}
	p := MedianCut(m, 216)
	if len(p) != 216 {
		t.Errorf("%d colours, want 216", len(p))
	}
	if got, most := of(p), of(regular)/20; !(got < most) {
		t.Errorf("squared error %g, want less than a 20th of the regular palette's, %g", got, most)
	}
}
