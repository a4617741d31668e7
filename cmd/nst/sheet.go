package main

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

// sheet is a contact sheet: pictures in rows and columns, with the values of a
// flag beside each row and above each column.
type sheet struct {
	rows, columns axis // without a flag, rows have a single value and no label
	cells         []sheetCell
}

// sheetCell is a picture or the reason why there is none.
type sheetCell struct {
	picture *image.RGBA
	err     error
}

func (s *sheet) add(picture *image.RGBA, err error) {
	s.cells = append(s.cells, sheetCell{picture, err})
}

// name returns what was varied in a cell, as on a command line.
func (s *sheet) name(cell int) string {
	name := s.columns.flag + " " + s.columns.values[cell%len(s.columns.values)]
	if s.rows.flag != "" {
		name = s.rows.flag + " " + s.rows.values[cell/len(s.columns.values)] + " " + name
	}
	return name
}

// Measures in pixels.
const (
	sheetGap   = 8
	sheetFont  = 14
	sheetLine  = 18  // from one line of text to the next
	sheetLeast = 128 // side of a cell at the least, so that an error can be read
)

// Grounds of cells without a picture.
var (
	waitingColour = color.RGBA{0xee, 0xee, 0xee, 0xff} // not painted yet
	failedColour  = color.RGBA{0xff, 0xe4, 0xdc, 0xff} // under the error
)

// draw returns the sheet with the cells so far.
func (s *sheet) draw() *image.RGBA {
	face := sheetFace()
	defer face.Close()
	cell := image.Pt(sheetLeast, sheetLeast)
	for _, c := range s.cells {
		if c.picture != nil {
			size := c.picture.Rect.Size()
			cell = image.Pt(max(cell.X, size.X), max(cell.Y, size.Y))
		}
	}
	for _, v := range s.columns.values {
		cell.X = max(cell.X, textWidth(face, label(s.columns, v)))
	}
	left := sheetGap
	for _, v := range s.rows.values {
		if text := label(s.rows, v); text != "" {
			left = max(left, textWidth(face, text)+2*sheetGap)
		}
	}
	top := sheetLine + 2*sheetGap
	step := cell.Add(image.Pt(sheetGap, sheetGap))
	m := image.NewRGBA(image.Rect(0, 0, left+len(s.columns.values)*step.X, top+len(s.rows.values)*step.Y))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	for i, v := range s.columns.values {
		text(m, face, label(s.columns, v), left+i*step.X, sheetGap)
	}
	for i, v := range s.rows.values {
		text(m, face, label(s.rows, v), sheetGap, top+i*step.Y)
	}
	for i := range len(s.rows.values) * len(s.columns.values) {
		at := image.Pt(left+i%len(s.columns.values)*step.X, top+i/len(s.columns.values)*step.Y)
		box := image.Rectangle{at, at.Add(cell)}
		switch {
		case i >= len(s.cells):
			draw.Draw(m, box, image.NewUniform(waitingColour), image.Point{}, draw.Src)
		case s.cells[i].err != nil:
			draw.Draw(m, box, image.NewUniform(failedColour), image.Point{}, draw.Src)
			for k, line := range wrap(face, s.cells[i].err.Error(), cell.X-2*sheetGap) {
				text(m.SubImage(box).(*image.RGBA), face, line, at.X+sheetGap, at.Y+sheetGap+k*sheetLine)
			}
		default:
			p := s.cells[i].picture
			draw.Draw(m, image.Rectangle{at, at.Add(p.Rect.Size())}, p, image.Point{}, draw.Src)
		}
	}
	return m
}

// label returns a value with its flag, "beta 100", or "" without a flag.
func label(a axis, value string) string {
	if a.flag == "" {
		return ""
	}
	return strings.TrimPrefix(a.flag, "--") + " " + value
}

// sheetFace returns the font of the labels.
func sheetFace() font.Face {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("nst: the built-in font: %v", err))
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: sheetFont, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(fmt.Sprintf("nst: the built-in font: %v", err))
	}
	return face
}

func textWidth(face font.Face, s string) int { return font.MeasureString(face, s).Ceil() }

// text writes a line whose upper left corner is at x, y.
func text(m *image.RGBA, face font.Face, s string, x, y int) {
	d := font.Drawer{Dst: m, Src: image.Black, Face: face, Dot: fixed.P(x, y+sheetFont)}
	d.DrawString(s)
}

// wrap breaks a text into lines of at most so many pixels, between words where
// it can, as file names can be longer than a cell is wide.
func wrap(face font.Face, s string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if joined := strings.TrimSpace(line + " " + word); textWidth(face, joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = ""
		for _, r := range word {
			if line != "" && textWidth(face, line+string(r)) > width {
				lines = append(lines, line)
				line = ""
			}
			line += string(r)
		}
	}
	return append(lines, line)
}
