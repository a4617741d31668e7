package contactsheet

import (
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
)

// TestSheet: a picture, an error and a cell that is still to be painted stand side
// by side, each in its column, under a label; the error is there to be read, and
// nothing of it outside of its cell.
func TestSheet(t *testing.T) {
	blue := color.RGBA{0, 0, 200, 255}
	picture := image.NewRGBA(image.Rect(0, 0, 140, 150))
	for i := range 140 * 150 {
		picture.SetRGBA(i%140, i/140, blue)
	}
	failed := errors.New("the weights in " + strings.Repeat("a/very/long/folder/", 40) + " are damaged")
	m := Draw([]string{""}, []string{"beta 1", "beta 10", "beta 100"}, []Cell{{picture, nil}, {nil, failed}})
	const left, top, width, height = gap, lineHeight + 2*gap, 140, 150
	if want := image.Pt(left+3*(width+gap), top+height+gap); m.Rect.Size() != want {
		t.Fatalf("the sheet is %v, want %v", m.Rect.Size(), want)
	}
	// Of each cell and each label: the number of pixels by what they are.
	count := func(r image.Rectangle) (by map[color.RGBA]int, dark int) {
		by = make(map[color.RGBA]int)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				c := m.RGBAAt(x, y)
				by[c]++
				if c.R < 100 && c.G < 100 && c.B < 100 {
					dark++
				}
			}
		}
		return by, dark
	}
	for i, ground := range []color.RGBA{blue, failedColor, waitingColor} {
		x := left + i*(width+gap)
		by, dark := count(image.Rect(x, top, x+width, top+height))
		const all = width * height
		if i == 1 {
			if by[ground] < all/2 || by[ground] == all || dark < 300 {
				t.Errorf("of the failed cell, %d of %d pixels are ground and %d letters", by[ground], all, dark)
			}
		} else if by[ground] != all {
			t.Errorf("cell %d: %d of %d pixels are %v", i, by[ground], all, ground)
		}
		if _, dark := count(image.Rect(x, 0, x+width, top)); dark < 20 {
			t.Errorf("column %d has no label", i)
		}
		if by, _ := count(image.Rect(x+width, top, x+width+gap, m.Rect.Max.Y)); len(by) != 1 {
			t.Errorf("there is something in the gap behind column %d", i)
		}
	}
}

// TestWrap: no line is wider than it may be, no letter is lost, and words are
// broken only where they are too long for a line.
func TestWrap(t *testing.T) {
	face := labelFace()
	defer face.Close()
	const width = 90
	text := "painting.jpg: not a picture " + strings.Repeat("x", 60) + " in a known format"
	lines := wrap(face, text, width)
	for _, line := range lines {
		if w := widthOf(face, line); w > width {
			t.Errorf("%q is %d pixels wide", line, w)
		}
	}
	squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if got := strings.Join(lines, ""); squeeze(got) != squeeze(text) {
		t.Errorf("%q has become %q", text, lines)
	}
	for _, word := range strings.Fields(text) {
		if widthOf(face, word) <= width && !strings.Contains(" "+strings.Join(lines, " ")+" ", " "+word+" ") {
			t.Errorf("%q is broken in %q", word, lines)
		}
	}
}
