// Package chart draws curves for the commands.
package chart

import (
	"bytes"
	"errors"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Series is a curve through points (X[i], Y[i]), as many of each.
type Series struct {
	Name string
	X, Y []float64
}

// colours tell up to six series apart, for people who do not see red and green
// as different too: Okabe and Ito, "Color Universal Design" (2008).
var colours = []color.RGBA{
	{0x22, 0x22, 0x22, 0xff}, {0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff},
	{0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff}, {0xe6, 0x9f, 0x00, 0xff},
}

// PNG draws the series on a logarithmic scale and returns the data of a PNG file.
// Points that are not above 0 have no logarithm and are left out; it is an error if
// none is left. PNG panics if a series has fewer X than Y.
func PNG(title, xLabel string, series []Series) ([]byte, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text = xLabel
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{Prec: 3}
	p.Legend.Top = true // where a curve that falls leaves room
	p.Add(plotter.NewGrid())
	drawn := 0
	for i, s := range series {
		var points plotter.XYs
		for k, y := range s.Y {
			if y > 0 {
				points = append(points, plotter.XY{X: s.X[k], Y: y})
			}
		}
		if len(points) == 0 {
			continue
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = colours[i%len(colours)], vg.Points(1.5)
		p.Add(line)
		p.Legend.Add(s.Name, line)
		drawn += len(points)
	}
	if drawn == 0 {
		return nil, errors.New("there is no value above 0 to draw")
	}
	if p.Y.Min == p.Y.Max { // gonum would add and subtract 1, which may lead below 0
		p.Y.Min, p.Y.Max = max(p.Y.Min/2, math.SmallestNonzeroFloat64), min(2*p.Y.Max, math.MaxFloat64)
	}
	canvas := vgimg.New(16*vg.Centimeter, 10*vg.Centimeter)
	p.Draw(draw.New(canvas))
	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return nil, err
	}
	return png.Bytes(), nil
}
