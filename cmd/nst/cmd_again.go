package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// againCmd is nst again.
type againCmd struct {
	File   string `arg:"" name:"picture" help:"Picture (.png) that nst has painted, or the record (.json) of its run."`
	Out    string `short:"o" placeholder:"FILE" help:"Picture to write. Default: PICTURE-again.png in the current folder, or PICTURE-again-2.png and so on."`
	Anyway bool   `help:"Paint even if a picture or the weights have changed since."`
	painting.Cores
	painting.Reading
	memory.Guard
	Quiet bool `short:"q" help:"Print nothing but errors and what differs."`
}

// Validate is called by kong.
func (a *againCmd) Validate() error {
	if a.Out == "" {
		return nil
	}
	return cmp.Or((picture.Options{}).Check(a.Out), a.checkOut())
}

// checkOut returns an error if the picture would be written over its record.
func (a *againCmd) checkOut() error {
	files := &outfile.Set{}
	files.Read(a.File)
	files.File("", a.Out)
	return files.CheckNames()
}

// Run is called by kong.
func (a *againCmd) Run(ctx context.Context, term terminal) error {
	wanted, err := painting.ReadRecord(a.File)
	if err != nil {
		return err
	}
	given := a.Out
	a.Out = cmp.Or(a.Out, painting.Stem(a.File)+"-again"+wanted.Format)
	release, err := unusedName(&a.Out, given)
	if err != nil {
		return err
	}
	defer release()
	if err := a.checkOut(); err != nil {
		return err
	}
	changed, err := wanted.FindInputs(filepath.Dir(a.File))
	if err != nil {
		return fmt.Errorf("%s: %w", a.File, err)
	}
	job := wanted.Job
	job.Outputs, job.Threads, job.Reading = painting.New().Outputs, a.Threads, a.Reading
	job.Out = a.Out
	if err := job.Check(); err != nil {
		return fmt.Errorf("%s: this version cannot paint with the settings recorded: %s", a.File, option.OneLine(err.Error()))
	}
	painter := &painting.Painter{Guard: a.Guard}
	weights, err := painter.Weights(job.Weights)
	if err != nil {
		return err
	}
	if hash := weights.Hash(); hash != wanted.Weights {
		changed = append(changed, fmt.Sprintf("the weights have the SHA-256 %s, not %s", painting.Brief(hash), painting.Brief(wanted.Weights)))
	}
	if len(changed) > 0 && !a.Anyway {
		return fmt.Errorf("%s cannot be painted again: %s; --anyway paints with what is there", a.File, strings.Join(changed, "; "))
	}
	differences := changed
	for _, name := range wanted.Unknown {
		differences = append(differences, option.OneLine(name)+" is not a setting of this version, or has changed its meaning")
	}
	differences = append(differences, wanted.Made.Differences(painting.ThisBuild())...)
	if wanted.Unfinished != "" {
		differences = append(differences, "that run was interrupted, at "+option.OneLine(wanted.Unfinished)+", and this one is not")
	}
	for _, d := range differences {
		fmt.Fprintf(term.stderr, "nst: the picture may differ: %s\n", d)
	}
	painted, err := reportFlags{Quiet: a.Quiet}.run(ctx, term, painter, job, nil)
	if err != nil {
		return err
	}
	return a.compare(term, wanted, painted.Record, differences)
}

// compare says whether the picture is the one that was wanted.
func (a *againCmd) compare(term terminal, wanted, painted *painting.Record, differences []string) error {
	switch {
	case wanted.Picture == painted.Picture:
		if !a.Quiet {
			fmt.Fprintf(term.stdout, "%s is the same picture as that of %s, bit for bit.\n", option.OneLine(a.Out), option.OneLine(a.File))
		}
		return nil
	case a.Anyway:
		fmt.Fprintf(term.stderr, "nst: %s differs from the picture of %s.\n", option.OneLine(a.Out), option.OneLine(a.File))
		return nil
	case len(differences) > 0:
		return fmt.Errorf("%s differs from the picture of %s: %s", a.Out, a.File, strings.Join(differences, "; "))
	}
	return fmt.Errorf("%s differs from the picture of %s, though everything recorded is as it was", a.Out, a.File)
}
