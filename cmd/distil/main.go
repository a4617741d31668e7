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
	"io"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

func main() { commandline.Main(run) }

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var flags flags
	program := commandline.Program{
		Name: "distil", Description: "Trains a small network to see as a large one does, for style transfer.",
		Stdout: stdout, Stderr: stderr,
	}
	return program.Run(func(exit func(int)) error {
		_, err := program.Parser(&flags, exit).Parse(args)
		return err
	}, func() error { return flags.distil(ctx, stdout, stderr) })
}
