// Command distil trains a small network of VGG19's topology to give the
// features of a large one, its teacher, at the layers that style transfer uses.
//
//	go run ./cmd/distil --teacher vgg19/ --images photographs/ --out student/
//
// What it leaves in student/ is a weights folder that nst takes, a report, and
// all that is needed to go on with a run that was interrupted: the same command
// again. docs/distillation.md tells how and why.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/usage"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // a file is missing or wrong, the training failed
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // Ctrl-C: 128 + SIGINT, as shells have it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errInterrupted ends a run that was interrupted, after its checkpoint.
var errInterrupted = errors.New("interrupted")

// run executes a command line and returns the exit code. Errors become one
// line on stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	helpShown := false
	var flags flags
	parser, err := kong.New(&flags,
		kong.Name("distil"),
		kong.Description("Trains a small network to see as a large one does, for style transfer."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helpShown = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		usage.Numbers(),
	)
	if err != nil {
		panic(err) // a mistake in the tags of flags
	}
	_, err = parser.Parse(args)
	switch {
	case helpShown:
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "distil: %v (distil --help lists the flags)\n", usage.Error(err))
		return exitUsage
	}
	switch err := flags.distil(ctx, stdout, stderr); {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		fmt.Fprintln(stderr, "distil: interrupted; the same command goes on from here")
		return exitInterrupted
	default:
		fmt.Fprintf(stderr, "distil: %v\n", err)
		return exitFailed
	}
}
