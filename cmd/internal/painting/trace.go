package painting

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
	path  string   // of --trace, or empty
	file  *os.File // nil before the first line, and once closed
	lines []TraceLine
	err   error // the first one
}

// TraceLine is a line of the file that --trace writes: one evaluation.
type TraceLine struct {
	Evals   int     `json:"evals"` // from 1
	Seconds float64 `json:"seconds"`
	Total   float64 `json:"total"`
	Content float64 `json:"content"`
	Style   float64 `json:"style"`
	Range   float64 `json:"range"`
	Scale   int     `json:"scale"` // from 1
	Width   int     `json:"width"` // of the picture at this scale
	Height  int     `json:"height"`
}

// add appends an evaluation. Its line is written at once, so that a run can be
// watched; the first one creates the file. A cost that is not a number, which
// JSON cannot express, is left out.
func (t *trace) add(at nst.Progress) {
	if total := at.Cost.Total; total-total != 0 {
		return
	}
	line := TraceLine{at.Evaluations, math.Round(at.Elapsed.Seconds()*1000) / 1000, at.Cost.Total, at.Cost.Content, at.Cost.Style, at.Cost.Range, at.Scale, at.Width, at.Height}
	t.lines = append(t.lines, line)
	if t.path == "" || t.err != nil {
		return
	}
	if t.file == nil {
		if t.file, t.err = os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); t.err != nil {
			return
		}
	}
	t.err = json.NewEncoder(t.file).Encode(line)
}

// close ends the file and returns the first error that writing it met.
func (t *trace) close() error {
	if t.file != nil {
		if err := t.file.Close(); t.err == nil {
			t.err = err
		}
		t.file = nil
	}
	if t.err != nil {
		return fmt.Errorf("--trace: %w", t.err)
	}
	return nil
}

// plot draws the costs against the evaluations and returns the data of a PNG.
func (t *trace) plot() ([]byte, error) {
	total, content, style := chart.Series{Name: "total"}, chart.Series{Name: "content"}, chart.Series{Name: "style"}
	for _, line := range t.lines {
		for _, c := range []struct {
			series *chart.Series
			value  float64
		}{{&total, line.Total}, {&content, line.Content}, {&style, line.Style}} {
			c.series.X, c.series.Y = append(c.series.X, float64(line.Evals)), append(c.series.Y, c.value)
		}
	}
	return chart.PNG("Cost", "evaluations", []chart.Series{total, content, style})
}
