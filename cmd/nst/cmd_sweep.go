package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/contactsheet"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// sweepCmd is nst sweep.
type sweepCmd struct {
	pictureFlags
	Out string `short:"o" placeholder:"FILE" group:"Pictures in and out:" help:"Sheet to write, .png, .jpg or .tiff. Default: CONTENT-STYLE-sweep.png in the current folder, or CONTENT-STYLE-sweep-2.png and so on."`
	paintingFlags
	Quiet bool `short:"q" group:"See it happen:" help:"Print nothing but errors."`

	axes          []axis   // the flags that vary, one or two
	rows, columns []string // labels of the sheet
	cells         []cell
	sheet         string // the name of the file
}

// axis is a flag with the values it takes along the rows or columns of the sheet.
type axis struct {
	flag   string
	values []string
}

func (a axis) labels() (all []string) {
	for _, v := range a.values {
		all = append(all, strings.TrimSpace(a.flag+" "+v))
	}
	return all
}

// cell is a picture of the sheet.
type cell struct {
	name string // what is varied, as on a command line
	job  painting.Job
}

// sweepDefaults are for a sheet on a screen: large enough to judge, a quarter of the
// work of paint's default.
var sweepDefaults = painting.Preset{"size": "256"}

// Help is called by kong.
func (*sweepCmd) Help() string {
	return "A flag takes several values with commas between them, as in --strength 25,50,75. This works for every flag that takes one number, name or word. --quality, --bits and --dpi are those of the sheet."
}

// Validate is called by kong.
func (s *sweepCmd) Validate(ctx *kong.Context) error {
	switch {
	case len(s.axes) == 0:
		return errors.New("a sweep varies a flag or two; give one several values, as in --strength 25,50,75")
	case len(s.axes) > 2:
		return fmt.Errorf("a sweep varies one flag or two, not %d; a sheet has rows and columns", len(s.axes))
	}
	content, styles, err := s.pictures()
	if err != nil {
		return err
	}
	rows, columns := axis{values: []string{""}}, s.axes[len(s.axes)-1]
	if len(s.axes) == 2 {
		rows = s.axes[0]
	}
	s.rows, s.columns = rows.labels(), columns.labels()
	for _, row := range rows.values {
		for _, column := range columns.values {
			name, varied := "--"+columns.flag+" "+column, painting.Preset{columns.flag: column}
			if rows.flag != "" {
				name, varied[rows.flag] = "--"+rows.flag+" "+row+" "+name, row
			}
			flags := s.paintingFlags
			if preset, ok := varied["preset"]; ok { // which is no option of a job
				flags.Preset = preset
				delete(varied, "preset")
			}
			job, err := flags.job(ctx, content, styles, sweepDefaults, varied)
			if err := cmp.Or(err, job.Check()); err != nil {
				return err
			}
			s.cells = append(s.cells, cell{name, job})
		}
	}
	whole := s.cells[0].job
	whole.Out = cmp.Or(s.Out, whole.Name()+"-sweep.png")
	s.sheet = whole.Out
	return cmp.Or(whole.Check(), s.checkEffects(ctx))
}

// checkEffects returns an error for a flag that has no effect in any cell.
func (s *sweepCmd) checkEffects(ctx *kong.Context) error {
	var jobs []painting.Job
	for _, c := range s.cells {
		c.job.Out = s.sheet
		jobs = append(jobs, c.job)
	}
	var varied []string
	for _, a := range s.axes {
		varied = append(varied, a.flag)
	}
	return checkEffects(ctx, jobs, varied...)
}

// cutAxes takes the flags with several values out of a command line.
func (s *sweepCmd) cutAxes(args []string) (rest []string, err error) {
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if args[i] == "--" {
			return append(rest, args[i:]...), nil
		}
		flag, isFlag := strings.CutPrefix(name, "--")
		varies := isFlag && (flag == "preset" || painting.Varies(flag))
		if !joined && varies && i+1 < len(args) {
			value = args[i+1]
		}
		if !varies || !strings.Contains(value, ",") {
			rest = append(rest, args[i])
			continue
		}
		if !joined {
			i++
		}
		a := axis{flag, strings.Split(value, ",")}
		if slices.Contains(a.values, "") {
			return nil, fmt.Errorf("%s %s: there is a comma without a value", name, value)
		}
		if slices.ContainsFunc(s.axes, func(other axis) bool { return other.flag == flag }) {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		s.axes = append(s.axes, a)
	}
	return rest, nil
}

// Run is called by kong.
func (s *sweepCmd) Run(ctx context.Context, term terminal) error {
	release, err := unusedName(&s.sheet, s.Out)
	if err != nil {
		return err
	}
	defer release()
	if err := outfile.CheckFile(s.sheet); err != nil {
		return err
	}
	var jobs []painting.Job
	for _, c := range s.cells {
		jobs = append(jobs, c.job)
	}
	among := newSeries(jobs)
	var painted []contactsheet.Cell
	var failed []string
	var unwritable error // why the sheet is not where it should be
	painter := s.painter()
	for i, c := range s.cells {
		if !s.Quiet {
			fmt.Fprintf(term.stderr, "%d of %d: %s%s\n", i+1, len(s.cells), option.OneLine(c.name), among.left(i))
		}
		among.begin(i)
		p, err := reportFlags{Quiet: s.Quiet}.paint(ctx, term, painter, c.job, among)
		if err == nil && p.Status == optim.Cancelled || ctx.Err() != nil {
			if i == 0 {
				return fmt.Errorf("%w before the first of %d pictures was done", commandline.ErrInterrupted, len(s.cells))
			}
			return fmt.Errorf("%w; %s shows the first %d of %d pictures", commandline.ErrInterrupted, s.sheet, i, len(s.cells))
		}
		if err != nil {
			among.skip(i)
			failed = append(failed, c.name+": "+err.Error())
			painted = append(painted, contactsheet.Cell{Err: err})
		} else {
			among.end(p.Elapsed)
			painted = append(painted, contactsheet.Cell{Picture: picture.Image(p.Picture)})
		}
		sheet := contactsheet.Draw(s.rows, s.columns, painted)
		data, err := picture.Encode(s.sheet, picture.FromImage(sheet), s.Format.Picture())
		if err != nil {
			return err
		}
		if err := outfile.Write(s.sheet, data); err != nil {
			saved, err := outfile.Rescue(s.sheet, data, err)
			if saved == "" {
				return err
			}
			s.sheet, unwritable = saved, err // the other pictures are added there
		}
	}
	if unwritable != nil {
		return unwritable
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d runs failed, which %s shows as well; the first was %s", len(failed), len(s.cells), s.sheet, failed[0])
	}
	if !s.Quiet {
		fmt.Fprintf(term.stdout, "%s: %d pictures\n", option.OneLine(s.sheet), len(s.cells))
	}
	return nil
}
