// Package commandline starts and ends the programs: it parses a command line,
// runs what it asks for until Ctrl-C or SIGTERM, and turns what has come of it into
// an exit code and, if it failed, one line on stderr.
package commandline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// Exit codes.
const (
	ExitOK          = 0
	ExitFailed      = 1   // a file is missing or wrong, a run failed
	ExitUsage       = 2   // the command line is wrong
	ExitInterrupted = 130 // Ctrl-C: 128 + SIGINT, as shells have it; the same for SIGTERM and SIGHUP
)

// sameSignal is the time within which a second signal is taken for the first. It is
// a variable for the tests, which must not depend on how fast they run.
var sameSignal = time.Second

// ErrInterrupted is the error of a run that a signal has ended. As it is, Run prints
// nothing, since the run has said what there is; wrapped in an error that says
// more, that one is printed.
var ErrInterrupted = errors.New("interrupted")

// Main calls run with the arguments and the output of this process, and exits with
// the code that it returns. Ctrl-C, SIGTERM as timeout, systemd and others send it,
// or SIGHUP, when a terminal goes away, ends the context. A second one ends the
// program at once, but not within a second of the first: timeout signals its child
// and then the group that the child belongs to. A pipe whose reader
// is gone does not end the program: writing to it is an error. Main does not return.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) int) {
	ctx, cancel := context.WithCancel(context.Background())
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(interrupts, syscall.SIGHUP)
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that went away, as of | head -1, must not cost the picture
	go func() {
		<-interrupts
		cancel()
		time.Sleep(sameSignal)
		signal.Stop(interrupts)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Program is a program with a command line, and where it writes.
type Program struct {
	Name           string // as it is typed
	Description    string // for --help: a sentence
	Stdout, Stderr io.Writer
}

// Parser returns a parser of command lines into cli, a pointer to a struct whose
// tags kong reads, and package option: numbers have the bounds of the tags min, max,
// above and below, and texts are not empty. When it has shown a help text or the version it calls exit and goes on. Parser
// panics if the tags are wrong.
func (p Program) Parser(cli any, exit func(int), options ...kong.Option) *kong.Kong {
	options = append([]kong.Option{
		kong.Name(p.Name),
		kong.Description(p.Description),
		kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		values(),
		kong.WithBeforeApply(checkGiven),
	}, options...)
	parser, err := kong.New(cli, options...)
	if err != nil {
		panic(fmt.Sprintf("commandline: Parser: the tags of %T: %v", cli, err))
	}
	return parser
}

// Run parses a command line, executes it and returns the exit code. The function
// parse gives its argument to Parser. Nothing is executed if a help text or the
// version was shown, or parse returns an error.
func (p Program) Run(parse func(exit func(int)) error, execute func() error) int {
	shown := false
	err := parse(func(int) { shown = true })
	switch {
	case shown:
		return ExitOK
	case err != nil:
		fmt.Fprintf(p.Stderr, "%s: %s (%[1]s --help lists the flags)\n", p.Name, option.OneLine(Plain(err).Error()))
		return ExitUsage
	}
	err = execute()
	switch {
	case err == nil:
		return ExitOK
	case err.Error() == ErrInterrupted.Error(): // kong wraps what it returns
		return ExitInterrupted
	}
	fmt.Fprintf(p.Stderr, "%s: %s\n", p.Name, option.OneLine(err.Error()))
	if errors.Is(err, ErrInterrupted) {
		return ExitInterrupted
	}
	return ExitFailed
}
