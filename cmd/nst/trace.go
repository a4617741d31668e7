package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"

	"github.com/brushgrad/brushgrad/cmd/internal/chart"
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
	Range   float64 `json:"range"`
	Scale   int     `json:"scale"` // from 1
	Width   int     `json:"width"` // of the picture at this scale
	Height  int     `json:"height"`
}

// add appends an evaluation. A line is written at once, so that a run can be
// watched; the first one makes the file. A cost that is not a number, which
// JSON cannot express, is left out.
func (t *trace) add(at nst.Progress) {
	if total := at.Cost.Total; total-total != 0 {
		return
	}
	r := traceRecord{at.Evaluations, math.Round(at.Elapsed.Seconds()*1000) / 1000, at.Cost.Total, at.Cost.Content, at.Cost.Style, at.Cost.Range, at.Scale, at.Width, at.Height}
	t.records = append(t.records, r)
	if t.path == "" || t.err != nil {
		return
	}
	if t.file == nil {
		if t.file, t.err = os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); t.err != nil {
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

// plot draws the costs against the evaluations and writes the drawing as PNG.
func (t *trace) plot(path string) error {
	total, content, style := chart.Series{Name: "total"}, chart.Series{Name: "content"}, chart.Series{Name: "style"}
	for _, r := range t.records {
		for _, c := range []struct {
			series *chart.Series
			value  float64
		}{{&total, r.Total}, {&content, r.Content}, {&style, r.Style}} {
			c.series.X, c.series.Y = append(c.series.X, float64(r.Evals)), append(c.series.Y, c.value)
		}
	}
	if err := chart.Save(path, "Cost", "evaluations", []chart.Series{total, content, style}); err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	return nil
}
