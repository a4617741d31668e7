package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// batchCmd is nst batch: nst paint for every content with every style.
type batchCmd struct {
	Contents []string `required:"" sep:"none" placeholder:"FILES" help:"Pictures that say what to paint: a file, a folder, or a pattern in quotes such as 'photos/*.jpg'. May be given several times."`
	Styles   []string `required:"" sep:"none" placeholder:"FILES" help:"Pictures that say how, likewise."`
	OutDir   string   `required:"" placeholder:"DIR" help:"Folder for the results, CONTENT-STYLE.png. A result that is there and not older than its two pictures is left alone, whatever the flags were."`

	paintCmd
}

// batchRefuses are flags of paint that every run would write anew.
var batchRefuses = []string{"out", "trace", "plot", "frames", "timelapse", "frame-every", "record"}

// Validate is called by kong.
func (b *batchCmd) Validate(ctx *kong.Context) error {
	if err := refuse(ctx, "batch", batchRefuses); err != nil {
		return err
	}
	trial := b.run("content", "style")
	return trial.Validate()
}

// run returns the run that paints a content with a style.
func (b *batchCmd) run(content, style string) *paintCmd {
	p := b.paintCmd
	p.ContentFile, p.StyleFile = content, style
	p.Out = filepath.Join(b.OutDir, stem(content)+"-"+stem(style)+".png")
	return &p
}

// Run is called by kong.
func (b *batchCmd) Run(ctx context.Context, term terminal) error {
	runs, err := b.runs()
	if err != nil {
		return err
	}
	if err := checkFolder("--out-dir", b.OutDir); err != nil {
		return err
	}
	if err := os.MkdirAll(b.OutDir, 0o777); err != nil {
		return fmt.Errorf("--out-dir: %w", err)
	}
	painted, skipped := 0, 0
	var failed []string
	for i, p := range runs {
		if upToDate(p.Out, p.ContentFile, p.StyleFile) {
			skipped++
			continue
		}
		if !b.Quiet {
			fmt.Fprintf(term.stderr, "%d of %d: %s\n", i+1, len(runs), p.Out)
		}
		if err := b.loadWeights(); err != nil {
			return err
		}
		p.weights = b.weights // one copy for all runs
		err := p.paintInBatch(ctx, term)
		switch {
		case errors.Is(err, commandline.ErrInterrupted):
			return fmt.Errorf("%w; the same command goes on with %s", commandline.ErrInterrupted, p.Out)
		case err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", p.Out, err))
			if !b.Quiet {
				fmt.Fprintf(term.stderr, "failed: %v\n", err)
			}
		default:
			painted++
		}
	}
	if !b.Quiet {
		fmt.Fprintf(term.stderr, "%d pictures: %d painted, %d there already, %d failed\n", len(runs), painted, skipped, len(failed))
	}
	if len(failed) == 0 {
		return nil
	}
	for _, f := range failed {
		fmt.Fprintln(term.stderr, f)
	}
	return fmt.Errorf("%d of %d pictures failed", len(failed), len(runs))
}

// paintInBatch is paintCmd.Run, except that a picture which is not complete is
// not written: it would be taken for done the next time. One that is complete is
// written even if something that was to show the run could not be.
func (p *paintCmd) paintInBatch(ctx context.Context, term terminal) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := p.checkOutputs(); err != nil {
		return err
	}
	result, trace, err := p.paint(ctx, term)
	switch {
	case ctx.Err() != nil || result != nil && result.Status == optim.Cancelled:
		return commandline.ErrInterrupted
	case result == nil || result.Status == optim.NotFinite:
		return err
	}
	return p.finish(term, result, trace, err)
}

// runs returns a run for every content with every style, in the order of their
// names.
func (b *batchCmd) runs() ([]*paintCmd, error) {
	contents, err := pictureFiles("--contents", b.Contents)
	if err != nil {
		return nil, err
	}
	styles, err := pictureFiles("--styles", b.Styles)
	if err != nil {
		return nil, err
	}
	for _, in := range slices.Concat(contents, styles) {
		if sameFile(filepath.Dir(in), b.OutDir) {
			return nil, fmt.Errorf("--out-dir %s is a folder that pictures are read from, where the results would be painted over again the next time; give another", b.OutDir)
		}
	}
	var runs []*paintCmd
	from := make(map[string]*paintCmd)
	for _, c := range contents {
		for _, s := range styles {
			p := b.run(c, s)
			if other := from[p.Out]; other != nil {
				return nil, fmt.Errorf("%s would be painted twice, from %s with %s and from %s with %s; rename one of the pictures",
					p.Out, other.ContentFile, other.StyleFile, c, s)
			}
			from[p.Out] = p
			runs = append(runs, p)
		}
	}
	return runs, nil
}

// pictureFiles returns the files that the values of a flag stand for: files,
// the pictures of folders, not of folders in them, and the files of patterns.
// Each comes once.
func pictureFiles(flag string, values []string) ([]string, error) {
	var files []string
	for _, v := range values {
		matches := []string{v}
		info, err := os.Stat(v)
		switch {
		case err != nil: // no file of that name: a pattern
			if matches, err = filepath.Glob(v); err != nil {
				return nil, fmt.Errorf("%s: the pattern %s is malformed", flag, v)
			}
		case info.IsDir():
			entries, err := os.ReadDir(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", flag, err)
			}
			matches = nil
			for _, e := range entries {
				if picture.HasExtension(e.Name()) {
					matches = append(matches, filepath.Join(v, e.Name()))
				}
			}
		}
		matches = slices.DeleteFunc(matches, func(file string) bool {
			info, err := os.Stat(file)
			return err == nil && info.IsDir()
		})
		if len(matches) == 0 {
			return nil, fmt.Errorf("%s: there are no pictures in %s", flag, v)
		}
		for _, m := range matches {
			files = append(files, filepath.Clean(m))
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// upToDate reports whether there is a result that is not older than what it is
// made of.
func upToDate(result string, inputs ...string) bool {
	r, err := os.Stat(result)
	if err != nil {
		return false
	}
	for _, in := range inputs {
		i, err := os.Stat(in)
		if err != nil || i.ModTime().After(r.ModTime()) {
			return false
		}
	}
	return true
}
