package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
)

// curveEvery is how many steps one point of the curve stands for.
const curveEvery = 50

// point is a line of the file curve.jsonl: the mean losses of some steps.
type point struct {
	Step    int       `json:"step"` // the last of them
	Rate    float64   `json:"rate"`
	Seconds float64   `json:"seconds"` // since the training began
	Losses  []float64 `json:"losses"`  // of the supervised layers
}

// curve is how the losses fell, in memory and in a file.
type curve struct {
	points []point
	sum    []float64 // of the losses since the last point
	count  int
	file   *os.File
	err    error // the first one of writing
}

// openCurve opens the curve of a training of so many supervised layers that has
// come as far as a step, and drops the points after that, which will come again.
func openCurve(dir string, step, layers int) (*curve, error) {
	path := filepath.Join(dir, "curve.jsonl")
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c := &curve{}
	var kept []byte
	for line := range bytes.Lines(old) {
		var p point
		if err := json.Unmarshal(line, &p); err != nil || len(p.Losses) != layers {
			break // cut short when the program was killed
		}
		if p.Step <= step {
			c.points, kept = append(c.points, p), append(kept, line...)
		}
	}
	if err := outfile.Write(path, kept); err != nil {
		return nil, err
	}
	c.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	return c, err
}

func (c *curve) write(p point) {
	if err := json.NewEncoder(c.file).Encode(p); err != nil && c.err == nil {
		c.err = err
	}
}

// add notes the losses of a step, the given number of them. The last one of a
// training makes a point in any case.
func (c *curve) add(step int, last bool, rate float64, spent time.Duration, losses []float64) {
	if c.sum == nil || c.count == curveEvery {
		c.sum, c.count = make([]float64, len(losses)), 0
	}
	for i, e := range losses {
		c.sum[i] += e
	}
	c.count++
	if step%curveEvery == 0 || last {
		p := point{step, rate, math.Round(spent.Seconds()), c.mean()}
		c.points = append(c.points, p)
		c.write(p)
		c.sum = nil
	}
}

// mean returns the mean losses since the last point, or of it.
func (c *curve) mean() []float64 {
	if c.sum == nil {
		if len(c.points) == 0 {
			return nil
		}
		return c.points[len(c.points)-1].Losses
	}
	mean := make([]float64, len(c.sum))
	for i, s := range c.sum {
		mean[i] = s / float64(c.count)
	}
	return mean
}

// sync writes the file to the disk as far as it has come: resumed, a training has the
// points before its checkpoint and makes those after it again.
func (c *curve) sync() error {
	if err := c.file.Sync(); err != nil {
		return fmt.Errorf("curve.jsonl: %w", err)
	}
	return nil
}

// close ends the file. It may be called twice.
func (c *curve) close() error {
	if c.file != nil {
		if err := c.file.Close(); c.err == nil {
			c.err = err
		}
		c.file = nil
	}
	if c.err != nil {
		return fmt.Errorf("curve.jsonl: %w", c.err)
	}
	return nil
}
