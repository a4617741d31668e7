// Command nst paints a photograph in the manner of a painting.
//
//	go run ./cmd/nst                                  # a demo with pictures of its own
//	go run ./cmd/nst photo.jpg painting.jpg -o out.png --weights vgg19/
//
// See nst --help, and nst COMMAND --help for each command's flags.
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

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// cli is the command line; kong reads the tags.
type cli struct {
	Paint      paintCmd      `cmd:"" default:"withargs" help:"Paint a picture (the default command)."`
	Sweep      sweepCmd      `cmd:"" help:"Paint small pictures with several values of a flag or two, side by side on one sheet."`
	Batch      batchCmd      `cmd:"" help:"Paint every content with every style."`
	Again      againCmd      `cmd:"" help:"Paint a picture again that this program has painted."`
	Cost       costCmd       `cmd:"" help:"Print the cost of a given picture, term by term."`
	Bench      benchCmd      `cmd:"" help:"Measure how fast cost and gradient are computed here."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Complete   completeCmd   `cmd:"" hidden:"" passthrough:""`

	Version kong.VersionFlag `help:"Print the version, and what it was built with and for."`
}

// terminal is what a command talks to.
type terminal struct {
	stdout, stderr io.Writer
}

func main() {
	commandline.Main(func(ctx context.Context, args []string, stdout, stderr io.Writer) int {
		return run(ctx, args, terminal{stdout, stderr})
	})
}

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, term terminal) int {
	c := &cli{}
	var command *kong.Context
	return program(term).Run(func(exit func(int)) (err error) {
		command, err = parse(newParser(c, term, exit), c, args)
		return mistake(err)
	}, func() error {
		command.BindTo(ctx, (*context.Context)(nil))
		return command.Run(term)
	})
}

func program(term terminal) commandline.Program {
	return commandline.Program{
		Name: "nst", Description: "Neural style transfer: paints the content of one picture in the style of another.",
		Stdout: term.stdout, Stderr: term.stderr,
	}
}

// mistake returns an error of the command line in plain words. kong begins it with
// the name of the command, which for painting nobody need have typed.
func mistake(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(commandline.Plain(err).Error(), "paint: "))
}

// newParser returns a parser of command lines into c. When it has shown a help
// text or the version it calls exit and goes on.
func newParser(c *cli, term terminal, exit func(int)) *kong.Kong {
	return program(term).Parser(c, exit,
		kong.Help(printHelp),
		kong.Vars{"presets": presetNames(), "version": "nst " + thisBuild().String()},
		kong.PostBuild(grouped),
		kong.WithBeforeApply(refuseEmpty),
		settings(),
	)
}

// silentParser is newParser for command lines that nobody has typed: neither help
// nor a mistake in them is shown.
func silentParser(c *cli) *kong.Kong {
	return newParser(c, terminal{io.Discard, io.Discard}, func(int) {})
}

// parseSilently parses such a command line into c.
func parseSilently(c *cli, args []string) error {
	_, err := silentParser(c).Parse(args)
	return mistake(err)
}

// notZero are flags whose 0, which the commands that paint take for the default,
// would surprise whoever types it.
var (
	notZero  = []string{"iterations", "size"}
	painting = []string{"paint", "sweep", "batch"}
)

// refuseEmpty returns an error for an empty name or word. It comes from a shell's
// variable that is not set, and would pass for a flag or a picture not given; so
// would some zeros.
func refuseEmpty(ctx *kong.Context) error {
	for _, p := range ctx.Path {
		switch {
		case p.Flag != nil && hasEmpty(ctx.Value(p)):
			return fmt.Errorf("--%s is empty; give it a value or leave it out", p.Flag.Name)
		case p.Flag != nil && slices.Contains(notZero, p.Flag.Name) && ctx.Selected() != nil && slices.Contains(painting, ctx.Selected().Name) && ctx.Value(p).IsZero():
			return fmt.Errorf("--%s is 0, but must be above it; leave it out for the default", p.Flag.Name)
		case p.Positional != nil && !p.Positional.IsSlice() && hasEmpty(ctx.Value(p)):
			return fmt.Errorf("the argument <%s> is empty; name a file", p.Positional.Name)
		}
	}
	return nil
}

// hasEmpty reports whether a value is an empty text or a list with one.
func hasEmpty(v reflect.Value) bool {
	if list, ok := v.Interface().([]string); ok {
		return slices.Contains(list, "")
	}
	return v.Kind() == reflect.String && v.Len() == 0
}

// parse parses a command line. Of that of a sweep it first takes the flags with
// several values, which kong would not understand.
func parse(parser *kong.Kong, c *cli, args []string) (*kong.Context, error) {
	if len(args) > 0 && args[0] == "sweep" {
		axes, rest, err := cutAxes(commandNamed(parser, "sweep").Flags, args[1:])
		if err != nil {
			return nil, err
		}
		c.Sweep.axes, c.Sweep.rest = axes, rest
		args = append([]string{"sweep"}, rest...)
	}
	return parser.Parse(args)
}

func commandNamed(parser *kong.Kong, name string) *kong.Node {
	for _, command := range parser.Model.Children {
		if command.Name == name {
			return command
		}
	}
	panic("nst: there is no command " + name)
}
