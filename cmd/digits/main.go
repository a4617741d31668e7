// Command digits teaches a small convolutional network to read digits, which it
// draws by itself from Go's fonts: every picture is new, so that there are as many
// as one likes and nothing to download.
//
//	go run ./cmd/digits                       # trains, and says how well it reads
//	go run ./cmd/digits --sheet sheet.png     # and shows digits with its answers
//
// What happens in it is told in docs/training.md.
package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// cli is the command line; kong reads the tags. More than the largest numbers would not
// fit into memory, or never end.
type cli struct {
	Steps    int     `default:"400" min:"0" max:"1000000" placeholder:"N" help:"Steps of training (${default})."`
	Batch    int     `default:"64" min:"1" max:"4096" placeholder:"N" help:"Digits in a step (${default})."`
	Rate     float64 `default:"0.01" above:"0" help:"Learning rate of Adam at the first step; it falls evenly to 0 (${default})."`
	Pictures int     `default:"0" min:"0" max:"1000000000" placeholder:"N" help:"Different digits to train with; 0 means new ones in every step."`
	Dropout  float64 `default:"0" min:"0" below:"1" placeholder:"P" help:"Probability with which a value before the last layer is dropped in training, in [0,1)."`
	HeldOut  int     `default:"2000" min:"1" max:"100000" placeholder:"N" help:"Digits that it is tested with and never trained with (${default})."`
	Seed     uint64  `default:"1" placeholder:"N" help:"Which digits, weights and dropouts (${default})."`
	Threads  int     `default:"0" min:"0" max:"1024" placeholder:"N" help:"Threads to use; 0 means one per core. The network is bit-identical for any number."`
	Sheet    string  `placeholder:"FILE" help:"Write some of the digits held out, mistakes first, with the network's answers to this file, .png, .jpg or .tiff."`
}

// Validate is called by kong.
func (c *cli) Validate() error {
	if c.Sheet != "" {
		if err := (picture.Options{}).Check(c.Sheet); err != nil {
			return fmt.Errorf("--sheet: %w", err)
		}
	}
	return nil
}

func main() { commandline.Main(run) }

// run executes a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	program := commandline.Program{
		Name: "digits", Description: "Teaches a small convolutional network to read digits that it draws from Go's fonts.",
		Stdout: stdout, Stderr: stderr,
	}
	return program.Run(func(exit func(int)) error {
		_, err := program.Parser(&c, exit).Parse(args)
		return err
	}, func() error { return c.train(ctx, stdout) })
}

// reportEvery is the number of steps between two lines of the report.
const reportEvery = 50

// train trains a network and reports on it.
func (c *cli) train(ctx context.Context, stdout io.Writer) error {
	if c.Sheet != "" {
		if err := outfile.CheckFile(c.Sheet); err != nil {
			return fmt.Errorf("--sheet: %w", err)
		}
		if err := outfile.RemoveStale(filepath.Dir(c.Sheet)); err != nil {
			return fmt.Errorf("--sheet: %w", err)
		}
	}
	if c.Threads > 0 {
		runtime.GOMAXPROCS(c.Threads)
	}
	pictures, labels := drawHeldOut(c.Seed, c.HeldOut)
	t := newTrainer(plan{
		seed: c.Seed, steps: c.Steps, batch: c.Batch, pictures: c.Pictures, rate: c.Rate, dropout: c.Dropout,
	})
	of := "new ones in every step"
	if c.Pictures > 0 {
		of = fmt.Sprintf("of %d different ones", c.Pictures)
	}
	fmt.Fprintf(stdout, "%d parameters; %d steps of %d digits, %s; %d others are held out\n\n", t.size(), c.Steps, c.Batch, of, c.HeldOut)
	fmt.Fprintln(stdout, "  step   loss   right in training   right of those held out   seconds")
	start := time.Now()
	loss, right := 0.0, 0
	for step := 1; step <= c.Steps; step++ {
		if ctx.Err() != nil {
			return commandline.ErrInterrupted
		}
		l, r := t.step()
		if l-l != 0 {
			return fmt.Errorf("the loss of step %d is %v, not a finite number: --rate %v is too high", step, l, c.Rate)
		}
		loss, right = loss+l, right+r
		if steps := (step-1)%reportEvery + 1; steps == reportEvery || step == c.Steps {
			fmt.Fprintf(stdout, "%6d %6.3f %17.2f %% %23.2f %% %9.1f\n", step, loss/float64(steps),
				percent(right, steps*c.Batch), percent(count(t.answers(pictures), labels), c.HeldOut), time.Since(start).Seconds())
			loss, right = 0, 0
		}
	}
	answers := t.answers(pictures)
	fmt.Fprintf(stdout, "\n%s", table(answers, labels))
	if c.Sheet == "" {
		return nil
	}
	return picture.Save(c.Sheet, sheet(pictures, labels, answers))
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(of) }
