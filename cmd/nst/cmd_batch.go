package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	OutDir    string   `required:"" placeholder:"DIR" group:"Pictures in and out:" help:"Folder for the results, CONTENT-STYLE.png. A result that was painted with the same flags from the same pictures is skipped."`
	Repaint   bool     `group:"Pictures in and out:" help:"Paint every picture, including those that exist already."`
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
	err = checkEffects(ctx, []painting.Job{trial})
	if err != nil && strings.HasPrefix(err.Error(), "--quality ") {
		err = errors.New("--quality has no effect: a batch writes PNG, which loses nothing")
	}
	return cmp.Or(err, trial.Check())
}

func (b *batchCmd) job(ctx *kong.Context, content, style string) (painting.Job, error) {
	styles, err := b.parse(style)
	if err != nil {
		return painting.Job{}, err
	}
	job, err := b.paintingFlags.job(ctx, content, styles, nil, nil)
	job.Out = filepath.Join(b.OutDir, painting.Stem(content)+"-"+painting.Stem(style)+".png")
	job.Showing = b.Showing
	return job, err
}

// Run is called by kong.
func (b *batchCmd) Run(ctx context.Context, term terminal, command *kong.Context) error {
	jobs, err := b.jobs(term, command)
	if err != nil {
		return err
	}
	if err := cmp.Or(outfile.CheckFolder(b.OutDir), os.MkdirAll(b.OutDir, 0o777)); err != nil {
		return fmt.Errorf("--out-dir: %w", err)
	}
	batch, err := newBatch(b, jobs)
	if err != nil {
		return err
	}
	count := make(map[fate]int)
	var failed []string
	tell := func(i int, f fate) {
		count[f]++
		if text := f.text(jobs[i].Out); text != "" && !b.Quiet {
			fmt.Fprintf(term.stderr, "%d of %d: %s\n", i+1, len(jobs), option.OneLine(text))
		}
	}
	var wanted []int
	for i := range jobs { // all, so that the time that is left is known
		if f := batch.find(i); f == missing {
			wanted = append(wanted, i)
		} else {
			batch.series.skip(i)
			tell(i, f)
		}
	}
	for _, i := range wanted {
		f, err := batch.paint(ctx, term, i)
		tell(i, f)
		if errors.Is(err, commandline.ErrInterrupted) {
			return fmt.Errorf("%w; the same command continues with %s", commandline.ErrInterrupted, jobs[i].Out)
		}
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", jobs[i].Out, err))
			if !b.Quiet {
				fmt.Fprintf(term.stderr, "failed: %s\n", option.OneLine(err.Error()))
			}
		}
	}
	if !b.Quiet {
		fmt.Fprintf(term.stderr, "%d pictures: %d painted, %d there already, %d failed", len(jobs), count[painted], count[there], count[broken])
		for _, f := range []fate{foreign, elsewhere} {
			if count[f] > 0 {
				fmt.Fprintf(term.stderr, ", %d %s", count[f], f)
			}
		}
		fmt.Fprintln(term.stderr)
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
func (b *batchCmd) jobs(term terminal, command *kong.Context) ([]painting.Job, error) {
	contents, others, err := picture.Files("--contents", b.Contents)
	if err != nil {
		return nil, err
	}
	styles, moreOthers, err := picture.Files("--styles", b.Paintings)
	if err != nil {
		return nil, err
	}
	for _, in := range slices.Concat(contents, styles) {
		if outfile.Same(filepath.Dir(in), b.OutDir) {
			return nil, fmt.Errorf("--out-dir %s is a folder that pictures are read from, and the next run would read the results as well; give another", b.OutDir)
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
	if others = append(others, moreOthers...); len(others) > 0 && !b.Quiet {
		fmt.Fprintf(term.stderr, "nst: skipped, as their names are not those of pictures: %s\n", few(others))
	}
	return jobs, nil
}

// few lists some of many names.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return option.OneLine(strings.Join(names, ", "))
	}
	return option.OneLine(strings.Join(names[:most], ", ")) + fmt.Sprintf(" and %d more", len(names)-most)
}
