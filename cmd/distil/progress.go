package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/statusline"
)

// progress tells a person how far the training is: a bar on a terminal, a line
// now and then elsewhere.
type progress struct {
	out        io.Writer
	line       *statusline.Line // nil for plain lines
	layers     []string
	steps      int
	begun      time.Time
	first      int // steps that were done when it began
	lastReport time.Time
}

// plainInterval is the time between two lines.
const plainInterval = 20 * time.Second

func newProgress(out io.Writer, steps int, layers []string) *progress {
	return &progress{out: out, line: statusline.New(out), steps: steps, layers: layers, begun: time.Now(), first: -1}
}

// update is called after every step with the number done and recent losses.
func (p *progress) update(step int, losses []float64) {
	if p.first < 0 {
		p.first = step - 1
	}
	each := time.Since(p.begun) / time.Duration(step-p.first)
	left := each * time.Duration(p.steps-step)
	if p.line != nil {
		at := fmt.Sprintf("step %d of %d", step, p.steps)
		p.line.Show(statusline.State{
			Texts: []string{at + ", losses " + numbers(losses), at, ""},
			Bar:   true, Part: float64(step) / float64(p.steps), Left: left, LeftKnown: true,
		})
		return
	}
	if time.Since(p.lastReport) < plainInterval && step != p.steps {
		return
	}
	p.lastReport = time.Now()
	fmt.Fprintf(p.out, "step %d of %d, %d ms each, %s left; losses of %s: %s\n", step, p.steps, each.Milliseconds(),
		left.Round(time.Second), strings.Join(p.layers, ", "), numbers(losses))
}

func numbers(losses []float64) string {
	var text []string
	for _, e := range losses {
		text = append(text, fmt.Sprintf("%.4f", e))
	}
	return strings.Join(text, " ")
}

func (p *progress) end() { p.line.Close() }
