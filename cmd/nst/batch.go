package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// batch paints the pictures of an nst batch.
type batch struct {
	flags   *batchCmd
	jobs    []painting.Job
	begin   time.Time
	painter *painting.Painter
	weights string                   // their hash
	sum     func(path string) string // of a picture that is read
	series  *series
}

// fate is what becomes of a picture of a batch.
type fate string

const (
	missing   fate = ""
	painted   fate = "painted"
	broken    fate = "failed"
	there     fate = "there already"
	foreign   fate = "left alone"
	elsewhere fate = "left to another run"
)

// text returns a sentence about a picture that is skipped, "" for others.
func (f fate) text(out string) string {
	switch f {
	case there:
		return out + " is there already"
	case foreign:
		return out + " is left alone: it has no record of a run of nst; --repaint paints it again"
	case elsewhere:
		return out + " is being painted by another run"
	}
	return ""
}

// newBatch returns an error if the weights cannot be read: no picture would do better.
func newBatch(flags *batchCmd, jobs []painting.Job) (*batch, error) {
	b := &batch{flags: flags, jobs: jobs, begin: time.Now(), painter: flags.painter(), sum: painting.Sums(), series: newSeries(jobs)}
	weights, err := b.painter.Weights(jobs[0].Weights)
	if err != nil {
		return nil, err
	}
	b.weights = weights.Hash()
	return b, nil
}

// find looks for a picture in the folder. It is there if it is what its job would paint;
// if all are to be painted again, it must have been by another run since this one began.
func (b *batch) find(i int) fate {
	job := b.jobs[i]
	info, err := os.Stat(job.Out)
	if err != nil || b.flags.Repaint && info.ModTime().Before(b.begin) {
		return missing
	}
	record, err := painting.ReadRecord(job.Out)
	switch {
	case err != nil && b.flags.Repaint:
		return missing
	case err != nil:
		return foreign
	case record.IsOf(job, b.sum, b.weights):
		return there
	}
	return missing
}

// paint paints a picture, unless another run does or has done so meanwhile.
func (b *batch) paint(ctx context.Context, term terminal, i int) (fate, error) {
	job := b.jobs[i]
	release, err := outfile.Claim(job.Out)
	if err == nil {
		defer func() { _ = release() }() // at worst, a hidden file is left for the next run to remove
		if f := b.find(i); f != missing {
			b.series.skip(i)
			return f, nil
		}
	}
	if errors.Is(err, outfile.ErrClaimed) {
		b.series.skip(i)
		return elsewhere, nil
	}
	if err != nil {
		return broken, err
	}
	if !b.flags.Quiet {
		fmt.Fprintf(term.stderr, "%d of %d: %s%s\n", i+1, len(b.jobs), option.OneLine(job.Out), b.series.left(i))
	}
	b.series.begin(i)
	p, err := b.flags.run(ctx, term, b.painter, job, b.series)
	if p == nil {
		b.series.skip(i)
	} else {
		b.series.end(p.Elapsed)
	}
	if err != nil {
		return broken, err
	}
	return painted, nil
}
