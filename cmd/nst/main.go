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

	"github.com/alecthomas/kong"
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
	Paint paintCmd `cmd:"" default:"withargs" help:"Paint a picture (the default command)."`
	Cost  costCmd  `cmd:"" help:"Print the cost of a given picture, term by term."`
	Bench benchCmd `cmd:"" help:"Measure how fast cost and gradient are computed here."`
}

// terminal is what a command talks to.
type terminal struct {
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// errInterrupted ends a command that was interrupted and has said so.
var errInterrupted = errors.New("interrupted")

// run executes a command line and returns the exit code. Errors become one
// line on stderr.
func run(ctx context.Context, args []string, term terminal) int {
	helpShown := false
	parser, err := kong.New(&cli{},
		kong.Name("nst"),
		kong.Description("Neural style transfer: paints the content of one picture in the style of another."),
		kong.Writers(term.stdout, term.stderr),
		kong.Exit(func(int) { helpShown = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(term),
	)
	if err != nil {
		panic(err) // a mistake in the tags above
	}
	command, err := parser.Parse(args)
	switch {
	case helpShown:
		return exitOK
	case err != nil:
		fmt.Fprintf(term.stderr, "nst: %v (nst --help lists the flags)\n", err)
		return exitUsage
	}
	err = command.Run()
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	}
	fmt.Fprintf(term.stderr, "nst: %v\n", err)
	return exitFailed
}
