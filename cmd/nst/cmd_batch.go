package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// batchCmd is nst batch: nst paint for every content with every style.
type batchCmd struct {
	Contents  []string `required:"" sep:"none" placeholder:"FILES" group:"Pictures in and out:" help:"Pictures that say what to paint: a file, a folder, or a pattern in quotes such as 'photos/*.jpg'. May be repeated."`
	Paintings []string `name:"styles" required:"" sep:"none" placeholder:"FILES" group:"Pictures in and out:" help:"Pictures that say how, likewise."`
	OutDir    string   `required:"" placeholder:"DIR" group:"Pictures in and out:" help:"Folder for the results, CONTENT-STYLE.png. Results that are newer than both pictures are skipped, even if the flags have changed."`
	styleFlags
	paintingFlags
	painting.Showing
	reportFlags `group:"See it happen:"`
}

// Validate is called by kong.
func (b *batchCmd) Validate(ctx *kong.Context) error {
	trial, err := b.job(ctx, "content", "style")
	if err != nil {
		return err
	}
	return trial.Check()
}

func (b *batchCmd) job(ctx *kong.Context, content, style string) (painting.Job, error) {
	styles, err := b.parse(style)
	if err != nil {
		return painting.Job{}, err
	}
	job, err := b.paintingFlags.job(ctx, content, styles)
	job.Out = filepath.Join(b.OutDir, painting.Stem(content)+"-"+painting.Stem(style)+".png")
	job.Showing = b.Showing
	return job, err
}

// Run is called by kong.
func (b *batchCmd) Run(ctx context.Context, term terminal, command *kong.Context) error {
	jobs, err := b.jobs(command)
	if err != nil {
		return err
	}
	if err := cmp.Or(outfile.CheckFolder(b.OutDir), os.MkdirAll(b.OutDir, 0o777)); err != nil {
		return fmt.Errorf("--out-dir: %w", err)
	}
	skipped := 0
	var failed []string
	painter := b.painter()
	for i, job := range jobs {
		if upToDate(job.Out, job.Content, job.Styles[0].File) {
			skipped++
			continue
		}
		if !b.Quiet {
			fmt.Fprintf(term.stderr, "%d of %d: %s\n", i+1, len(jobs), job.Out)
		}
		if _, err := painter.Weights(job.Weights); err != nil { // no picture will do better
			return err
		}
		_, err := b.run(ctx, term, painter, job)
		if errors.Is(err, commandline.ErrInterrupted) {
			return fmt.Errorf("%w; the same command goes on with %s", commandline.ErrInterrupted, job.Out)
		}
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", job.Out, err))
			if !b.Quiet {
				fmt.Fprintf(term.stderr, "failed: %s\n", option.OneLine(err.Error()))
			}
		}
	}
	if !b.Quiet {
		fmt.Fprintf(term.stderr, "%d pictures: %d painted, %d there already, %d failed\n", len(jobs), len(jobs)-skipped-len(failed), skipped, len(failed))
	}
	if len(failed) == 0 {
		return nil
	}
	for _, f := range failed {
		fmt.Fprintln(term.stderr, option.OneLine(f))
	}
	return fmt.Errorf("%d of %d pictures failed", len(failed), len(jobs))
}

// jobs returns a job for every content with every style, in the order of their
// names.
func (b *batchCmd) jobs(command *kong.Context) ([]painting.Job, error) {
	contents, err := picture.Files("--contents", b.Contents)
	if err != nil {
		return nil, err
	}
	styles, err := picture.Files("--styles", b.Paintings)
	if err != nil {
		return nil, err
	}
	for _, in := range slices.Concat(contents, styles) {
		if outfile.Same(filepath.Dir(in), b.OutDir) {
			return nil, fmt.Errorf("--out-dir %s is a folder that pictures are read from, where the results would be painted over again the next time; give another", b.OutDir)
		}
	}
	var jobs []painting.Job
	from := make(map[string][2]string)
	for _, c := range contents {
		for _, s := range styles {
			job, err := b.job(command, c, s)
			if err != nil {
				return nil, err
			}
			if other, twice := from[job.Out]; twice {
				return nil, fmt.Errorf("%s would be painted twice, from %s with %s and from %s with %s; rename one of the pictures",
					job.Out, other[0], other[1], c, s)
			}
			from[job.Out] = [2]string{c, s}
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

// upToDate reports whether there is a result that is not older than what it is
// made of.
func upToDate(result string, inputs ...string) bool {
	r, err := os.Stat(result)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(inputs, func(in string) bool {
		i, err := os.Stat(in)
		return err != nil || i.ModTime().After(r.ModTime())
	})
}
