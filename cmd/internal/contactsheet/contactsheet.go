// Package contactsheet draws pictures side by side, in rows and columns with labels.
package contactsheet

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Cell is a picture or, if that is nil, the error that took its place.
type Cell struct {
	Picture *image.RGBA
	Err     error
}

// Measures in pixels.
const (
	gap        = 8
	fontSize   = 14
	lineHeight = 18  // from one line of text to the next
	minSide    = 128 // of a cell, so that an error can be read
)

// Backgrounds of cells without a picture.
var (
	waitingColor = color.RGBA{0xee, 0xee, 0xee, 0xff} // not painted yet
	failedColor  = color.RGBA{0xff, 0xe4, 0xdc, 0xff} // under the error
)

// Draw returns a sheet with cells row by row, as far as they are there; the others are
// grey. The labels of the rows, which stand beside them, and of the columns, which stand
// above them, may be "".
func Draw(rows, columns []string, cells []Cell) *image.RGBA {
	face := labelFace()
	defer face.Close()
	side := image.Pt(minSide, minSide)
	for _, c := range cells {
		if c.Picture != nil {
			size := c.Picture.Rect.Size()
			side = image.Pt(max(side.X, size.X), max(side.Y, size.Y))
		}
	}
	for _, label := range columns {
		side.X = max(side.X, widthOf(face, label))
	}
	left := gap
	for _, label := range rows {
		if label != "" {
			left = max(left, widthOf(face, label)+2*gap)
		}
	}
	top := lineHeight + 2*gap
	step := side.Add(image.Pt(gap, gap))
	m := image.NewRGBA(image.Rect(0, 0, left+len(columns)*step.X, top+len(rows)*step.Y))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	for i, label := range columns {
		text(m, face, label, left+i*step.X, gap)
	}
	for i, label := range rows {
		text(m, face, label, gap, top+i*step.Y)
	}
	for i := range len(rows) * len(columns) {
		at := image.Pt(left+i%len(columns)*step.X, top+i/len(columns)*step.Y)
		box := image.Rectangle{at, at.Add(side)}
		switch {
		case i >= len(cells):
			draw.Draw(m, box, image.NewUniform(waitingColor), image.Point{}, draw.Src)
		case cells[i].Err != nil:
			draw.Draw(m, box, image.NewUniform(failedColor), image.Point{}, draw.Src)
			for k, line := range wrap(face, cells[i].Err.Error(), side.X-2*gap) {
				text(m.SubImage(box).(*image.RGBA), face, line, at.X+gap, at.Y+gap+k*lineHeight)
			}
		default:
			p := cells[i].Picture
			draw.Draw(m, image.Rectangle{at, at.Add(p.Rect.Size())}, p, image.Point{}, draw.Src)
		}
	}
	return m
}

// labelFace returns the font of the labels, which is built in.
func labelFace() font.Face {
	var face font.Face
	parsed, err := opentype.Parse(goregular.TTF)
	if err == nil {
		face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: fontSize, DPI: 72, Hinting: font.HintingFull})
	}
	if err != nil {
		panic(fmt.Sprintf("contactsheet: the font: %v", err))
	}
	return face
}

func widthOf(face font.Face, s string) int { return font.MeasureString(face, s).Ceil() }

// text writes a line whose upper left corner is at x, y.
func text(m *image.RGBA, face font.Face, s string, x, y int) {
	d := font.Drawer{Dst: m, Src: image.Black, Face: face, Dot: fixed.P(x, y+fontSize)}
	d.DrawString(s)
}

// wrap breaks a text into lines no wider than width pixels: between words where
// possible, within one where it is longer than a line, as file names can be.
func wrap(face font.Face, s string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if joined := strings.TrimSpace(line + " " + word); widthOf(face, joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = ""
		for _, r := range word {
			if line != "" && widthOf(face, line+string(r)) > width {
				lines = append(lines, line)
				line = ""
			}
			line += string(r)
		}
	}
	return append(lines, line)
}
