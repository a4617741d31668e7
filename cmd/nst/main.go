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
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/usage"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // a file is missing or wrong, a run failed
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // Ctrl-C: 128 + SIGINT, as shells have it
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
}

// terminal is what a command talks to.
type terminal struct {
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// errInterrupted ends a command that was interrupted. As it is, the command has
// said so; with more text around it, that is still to be printed.
var errInterrupted = errors.New("interrupted")

// run executes a command line and returns the exit code. Errors become one
// line on stderr.
func run(ctx context.Context, args []string, term terminal) int {
	helpShown := false
	c := &cli{}
	parser := newParser(c, term, func(int) { helpShown = true })
	command, err := parse(parser, c, args)
	switch {
	case helpShown:
		return exitOK
	case err != nil:
		fmt.Fprintf(term.stderr, "nst: %s (nst --help lists the flags)\n", mistake(err))
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(term)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		if err.Error() != errInterrupted.Error() { // kong has wrapped it
			fmt.Fprintf(term.stderr, "nst: %v\n", err)
		}
		return exitInterrupted
	}
	fmt.Fprintf(term.stderr, "nst: %v\n", err)
	return exitFailed
}

// mistake returns the text of an error of the command line. kong begins it with the
// name of the command, which for painting nobody need have typed.
func mistake(err error) string { return strings.TrimPrefix(usage.Error(err).Error(), "paint: ") }

// newParser returns a parser of command lines into c. When it has shown a help
// text it calls exit and goes on.
func newParser(c *cli, term terminal, exit func(int)) *kong.Kong {
	parser, err := kong.New(c,
		kong.Name("nst"),
		kong.Description("Neural style transfer: paints the content of one picture in the style of another."),
		kong.Writers(term.stdout, term.stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(printHelp),
		kong.Vars{"presets": presetNames()},
		kong.PostBuild(grouped),
		usage.Numbers(),
		kong.WithBeforeApply(refuseEmpty),
		settings(),
	)
	if err != nil {
		panic(err) // a mistake in the tags of cli
	}
	return parser
}

// refuseEmpty returns an error for an empty name or word. It comes from a shell's
// variable that is not set, and would pass for a flag or a picture not given.
func refuseEmpty(ctx *kong.Context) error {
	for _, p := range ctx.Path {
		switch {
		case p.Flag != nil && hasEmpty(ctx.Value(p)):
			return fmt.Errorf("--%s is empty; give it a value or leave it out", p.Flag.Name)
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
