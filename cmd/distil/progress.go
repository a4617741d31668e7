package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells a person how far the training is: a bar on a terminal, a line
// now and then elsewhere.
type progress struct {
	out        io.Writer
	bar        *progressbar.ProgressBar // nil for lines
	layers     []string
	steps      int
	begun      time.Time
	first      int // steps that were done when it began
	lastReport time.Time
}

// plainInterval is the time between two lines.
const plainInterval = 20 * time.Second

func newProgress(out io.Writer, steps int, layers []string) *progress {
	p := &progress{out: out, steps: steps, layers: layers, begun: time.Now(), first: -1}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(steps,
			progressbar.OptionSetWriter(f),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionShowCount(),
			progressbar.OptionFullWidth(),
			progressbar.OptionThrottle(200*time.Millisecond),
		)
	}
	return p
}

// update is called after every step with the number done and recent losses.
func (p *progress) update(step int, losses []float64) {
	if p.first < 0 {
		p.first = step - 1
	}
	if p.bar != nil {
		p.bar.Describe("losses " + numbers(losses))
		_ = p.bar.Set(step) // a terminal that is gone is no reason to stop
		return
	}
	if time.Since(p.lastReport) < plainInterval && step != p.steps {
		return
	}
	p.lastReport = time.Now()
	each := time.Since(p.begun) / time.Duration(step-p.first)
	fmt.Fprintf(p.out, "step %d of %d, %d ms each, %s left; losses of %s: %s\n", step, p.steps, each.Milliseconds(),
		(each * time.Duration(p.steps-step)).Round(time.Second), strings.Join(p.layers, ", "), numbers(losses))
}

func numbers(losses []float64) string {
	var text []string
	for _, e := range losses {
		text = append(text, fmt.Sprintf("%.4f", e))
	}
	return strings.Join(text, " ")
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit() // see update
	}
}
