// Command nst paints a photograph in the manner of a painting.
//
//	go run ./cmd/nst                                  # a demo with built-in pictures
//	go run ./cmd/nst photo.jpg painting.jpg -o out.png --weights vgg19/
//
// See nst --help, and nst COMMAND --help for each command's flags.
package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// cli is the command line; kong reads the tags. The variables that are set are for
// the help texts of flags that commands share.
type cli struct {
	Paint      paintCmd      `cmd:"" default:"withargs" set:"size=512; the demo's is 400" help:"Paint a picture (the default command)."`
	Demo       demoCmd       `cmd:"" set:"size=400" help:"Paint the two built-in pictures into nst-demo.png, as nst does without pictures."`
	Sweep      sweepCmd      `cmd:"" set:"size=256" help:"Paint small pictures with several values of a flag or two, side by side on one sheet."`
	Batch      batchCmd      `cmd:"" set:"style=Further style picture, blended with each of --styles by weight; may be repeated." help:"Paint every content with every style."`
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
		if len(args) > 0 && args[0] == "sweep" { // kong would not understand several values
			if args, err = c.Sweep.cutAxes(args); err != nil {
				return err
			}
		}
		if command, err = newParser(c, term, exit).Parse(args); err != nil {
			// kong names the command, which for painting nobody need have typed.
			return errors.New(strings.TrimPrefix(err.Error(), "paint: "))
		}
		return nil
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

// newParser returns a parser of command lines into c. When it has shown a help
// text or the version it calls exit and goes on.
func newParser(c *cli, term terminal, exit func(int)) *kong.Kong {
	return program(term).Parser(c, exit,
		kong.Help(printHelp),
		kong.Vars(painting.Vars()),
		kong.Vars{"version": "nst " + painting.ThisBuild().String()},
	)
}

// printHelp is kong's, except that nst --help shows the arguments and flags of
// painting, which is what nst without a command does.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if app := ctx.Model; ctx.Selected() == nil && app.DefaultCmd != nil {
		app.Positional = app.DefaultCmd.Positional
		app.Flags = append(app.Flags, app.DefaultCmd.Flags...)
	}
	return kong.DefaultHelpPrinter(options, ctx)
}
