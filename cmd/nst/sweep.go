package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/vgg"
)

// sweepCmd is nst sweep: small runs of nst paint side by side.
type sweepCmd struct {
	paintCmd

	axes  []axis   // the flags that vary, one or two
	rest  []string // the command line without them
	sheet *sheet
	runs  []*paintCmd // one for each cell of the sheet
}

// sweepSize is the longest side of a picture on the sheet unless --size says
// otherwise: enough to judge, a quarter of the work of paint's.
const sweepSize = 256

// sweepRefuses are flags of paint that would write a file for every run.
var sweepRefuses = []string{"json", "trace", "plot", "preview", "frames", "timelapse", "frame-every", "record"}

// Help is called by kong.
func (*sweepCmd) Help() string {
	return "A flag gets several values with commas between them, as in --beta 10,100,1000; every flag can that takes one number, name or word. --quality, --bits and --dpi are the sheet's."
}

// axis is a flag and the values it takes, as typed.
type axis struct {
	flag   string
	values []string
}

// Validate is called by kong.
func (s *sweepCmd) Validate(ctx *kong.Context) error {
	if err := refuse(ctx, "sweep", sweepRefuses); err != nil {
		return err
	}
	switch {
	case len(s.axes) == 0:
		return errors.New("a sweep varies a flag or two; give one several values, as in --beta 10,100,1000")
	case len(s.axes) > 2:
		return fmt.Errorf("a sweep varies one flag or two, not %d; a sheet has rows and columns", len(s.axes))
	}
	if s.Size == 0 {
		s.Size = sweepSize
	}
	if s.Out == "" && s.demo() {
		s.Out = "nst-demo-sweep.png"
	} else if s.Out == "" {
		s.Out = stem(s.ContentFile) + "-" + s.styleNames("-") + "-sweep.png"
	}
	if err := s.paintCmd.Validate(); err != nil {
		return err
	}
	return s.layOut()
}

// layOut makes the sheet and its runs. A value that is no value of its flag is
// a mistake in typing, and better seen before the first run than after it.
func (s *sweepCmd) layOut() error {
	s.sheet = &sheet{rows: axis{values: []string{""}}, columns: s.axes[len(s.axes)-1]}
	if len(s.axes) == 2 {
		s.sheet.rows = s.axes[0]
	}
	for _, row := range s.sheet.rows.values {
		for _, column := range s.sheet.columns.values {
			run, err := s.cell(row, column)
			if err != nil {
				return err
			}
			s.runs = append(s.runs, run)
		}
	}
	return nil
}

// refuse returns an error if one of the flags was given.
func refuse(ctx *kong.Context, command string, flags []string) error {
	for _, p := range ctx.Path {
		if p.Flag != nil && slices.Contains(flags, p.Flag.Name) {
			return fmt.Errorf("%s does not take --%s: every run would write it anew", command, p.Flag.Name)
		}
	}
	return nil
}

// cutAxes takes flags with several values out of a command line. A flag can vary
// if it takes one number, name or word, which is not the sheet's.
func cutAxes(flags []*kong.Flag, args []string) (axes []axis, rest []string, err error) {
	varies := make(map[string]bool)
	for _, f := range flags {
		switch f.Target.Kind() {
		case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64, reflect.String:
			varies["--"+f.Name] = !slices.Contains([]string{"out", "quality", "bits", "dpi", "config"}, f.Name)
		}
	}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if args[i] == "--" {
			return axes, append(rest, args[i:]...), nil
		}
		if !joined && varies[name] && i+1 < len(args) {
			value = args[i+1]
		}
		if !varies[name] || !strings.Contains(value, ",") {
			rest = append(rest, args[i])
			continue
		}
		if !joined {
			i++
		}
		a := axis{name, strings.Split(value, ",")}
		if slices.Contains(a.values, "") {
			return nil, nil, fmt.Errorf("%s %s: there is a comma without a value", name, value)
		}
		if slices.ContainsFunc(axes, func(other axis) bool { return other.flag == name }) {
			return nil, nil, fmt.Errorf("%s is given twice", name)
		}
		axes = append(axes, a)
	}
	return axes, rest, nil
}

// Run is called by kong.
func (s *sweepCmd) Run(ctx context.Context, term terminal) error {
	if err := picture.CheckWritable(s.Out); err != nil {
		return err
	}
	var failed []string
	weights := make(map[string]*vgg.Weights) // by --weights: one copy for all runs with the same
	for i, run := range s.runs {
		name := s.sheet.name(i)
		if !s.Quiet {
			fmt.Fprintf(term.stderr, "%d of %d: %s\n", i+1, len(s.runs), name)
		}
		run.weights = weights[run.Weights]
		result, _, err := run.paint(ctx, terminal{io.Discard, io.Discard})
		weights[run.Weights] = run.weights
		if err == nil && result.Status == optim.Cancelled || ctx.Err() != nil {
			if i == 0 {
				return fmt.Errorf("%w before the first of %d pictures was done", commandline.ErrInterrupted, len(s.runs))
			}
			return fmt.Errorf("%w; %s shows the first %d of %d pictures", commandline.ErrInterrupted, s.Out, i, len(s.runs))
		}
		if err != nil {
			failed = append(failed, name+": "+err.Error())
			s.sheet.add(nil, err)
		} else {
			s.sheet.add(picture.Image(result.Picture), nil)
		}
		if err := picture.SaveAs(s.Out, fromImage(s.sheet.draw()), s.saveOptions()); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d runs failed, which %s shows as well; the first was %s", len(failed), len(s.runs), s.Out, failed[0])
	}
	if !s.Quiet {
		fmt.Fprintf(term.stdout, "%s: %d pictures\n", s.Out, len(s.runs))
	}
	return nil
}

// cell returns the run of a cell. It parses a command line of nst paint, so
// that whatever a flag does there it does here.
func (s *sweepCmd) cell(row, column string) (*paintCmd, error) {
	args := []string{"paint", "--quiet", fmt.Sprintf("--size=%d", s.Size)}
	for _, a := range s.axes {
		if a.flag == "--size" {
			args = args[:2]
		}
	}
	if row != "" {
		args = append(args, s.sheet.rows.flag+"="+row)
	}
	args = append(args, s.sheet.columns.flag+"="+column)
	c := &cli{}
	if err := parseSilently(c, append(args, s.rest...)); err != nil {
		return nil, err
	}
	return &c.Paint, nil
}
