package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/brushgrad/brushgrad/nst"
)

// trace keeps the costs of every evaluation, for --trace and --plot.
type trace struct {
	path    string   // of --trace, or empty
	file    *os.File // nil before the first record, and once closed
	records []traceRecord
	err     error // the first one
}

// traceRecord is a line of a trace.
type traceRecord struct {
	Evals   int     `json:"evals"`
	Seconds float64 `json:"seconds"`
	Total   float64 `json:"total"`
	Content float64 `json:"content"`
	Style   float64 `json:"style"`
}

// add appends an evaluation. A line is written at once, so that a run can be
// watched; the first one makes the file. A cost that is not a number, which
// JSON cannot express, is left out.
func (t *trace) add(at nst.Progress) {
	if total := at.Cost.Total; total-total != 0 {
		return
	}
	r := traceRecord{at.Evaluations, math.Round(at.Elapsed.Seconds()*1000) / 1000, at.Cost.Total, at.Cost.Content, at.Cost.Style}
	t.records = append(t.records, r)
	if t.path == "" || t.err != nil {
		return
	}
	if t.file == nil {
		if t.file, t.err = os.Create(t.path); t.err != nil {
			return
		}
	}
	t.err = json.NewEncoder(t.file).Encode(r)
}

// close ends the file and returns the first error that writing it met. It may
// be called twice.
func (t *trace) close() error {
	if t.file != nil {
		err := t.file.Close()
		if t.err == nil {
			t.err = err
		}
		t.file = nil
	}
	if t.err != nil {
		return fmt.Errorf("--trace: %w", t.err)
	}
	return nil
}

// plot draws the costs against the evaluations, on a logarithmic scale, and
// writes the drawing as PNG.
func (t *trace) plot(path string) error {
	p := plot.New()
	p.Title.Text = "Cost"
	p.X.Label.Text = "evaluations"
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{Prec: -1}
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	for _, curve := range []struct {
		name  string
		value func(traceRecord) float64
		color color.Color
	}{
		{"total", func(r traceRecord) float64 { return r.Total }, color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}},
		{"content", func(r traceRecord) float64 { return r.Content }, color.RGBA{R: 0x1b, G: 0x6c, B: 0xa8, A: 0xff}},
		{"style", func(r traceRecord) float64 { return r.Style }, color.RGBA{R: 0xd9, G: 0x72, B: 0x1a, A: 0xff}},
	} {
		var points plotter.XYs
		for _, r := range t.records {
			if v := curve.value(r); v > 0 { // 0 has no logarithm: the content cost starts there
				points = append(points, plotter.XY{X: float64(r.Evals), Y: v})
			}
		}
		if len(points) == 0 {
			continue
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return fmt.Errorf("--plot: %w", err)
		}
		line.Color, line.Width = curve.color, vg.Points(1.5)
		p.Add(line)
		p.Legend.Add(curve.name, line)
	}
	if len(t.records) == 0 {
		return fmt.Errorf("--plot: no evaluation had a finite cost, so there is nothing to draw")
	}
	canvas := vgimg.New(16*vg.Centimeter, 10*vg.Centimeter)
	p.Draw(draw.New(canvas))
	var png bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&png); err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	return writeFile(path, png.Bytes())
}
