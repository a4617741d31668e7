package commandline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	failure := errors.New("the disk is full")
	for _, c := range []struct {
		args           []string
		err            error // of executing
		code           int
		executed       bool
		stdout, stderr string // beginnings; "" for nothing at all
	}{
		{[]string{"--number", "3"}, nil, ExitOK, true, "", ""},
		{[]string{"--help"}, nil, ExitOK, false, "Usage: painter", ""},
		{[]string{"--number", "x"}, nil, ExitUsage, false, "", "painter: --number: "},
		{[]string{"--colour"}, nil, ExitUsage, false, "", "painter: unknown flag --colour (painter --help lists the flags)\n"},
		{nil, failure, ExitFailed, true, "", "painter: the disk is full\n"},
		{nil, ErrInterrupted, ExitInterrupted, true, "", ""},
		{nil, errors.Join(ErrInterrupted, nil), ExitInterrupted, true, "", ""},
		{nil, fmt.Errorf("%w at step 3", ErrInterrupted), ExitInterrupted, true, "", "painter: interrupted at step 3\n"},
	} {
		var cli struct{ Number int }
		var stdout, stderr strings.Builder
		executed := false
		p := Program{Name: "painter", Description: "Paints.", Stdout: &stdout, Stderr: &stderr}
		code := p.Run(func(exit func(int)) error {
			_, err := p.Parser(&cli, exit).Parse(c.args)
			return err
		}, func() error {
			executed = true
			return c.err
		})
		if code != c.code || executed != c.executed {
			t.Errorf("%q: exit %d, executed %v, want %d and %v", c.args, code, executed, c.code, c.executed)
		}
		for _, out := range [][3]string{{"stdout", stdout.String(), c.stdout}, {"stderr", stderr.String(), c.stderr}} {
			if !strings.HasPrefix(out[1], out[2]) || out[2] == "" && out[1] != "" {
				t.Errorf("%q: %s %q, want %q", c.args, out[0], out[1], out[2])
			}
		}
		if strings.Count(stderr.String(), "\n") > 1 {
			t.Errorf("%q: several lines on stderr: %q", c.args, &stderr)
		}
	}
}

func TestParserPanicsOnWrongTags(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a flag of a type that no text has was accepted")
		}
	}()
	var cli struct{ Number chan int }
	Program{Name: "painter"}.Parser(&cli, nil)
}

// actAsProgram is the variable that makes this test binary a program that is to be
// interrupted.
const actAsProgram = "COMMANDLINE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProgram) == "" {
		os.Exit(m.Run())
	}
	sameSignal = 0
	if os.Args[1] == "saves" {
		sameSignal = time.Hour
	}
	Main(func(ctx context.Context, args []string, stdout, _ io.Writer) int {
		if args[0] == "talks" {
			_, _ = io.ReadAll(os.Stdin) // until the reader of stdout is gone
			if _, err := fmt.Fprintln(stdout, "painting"); err == nil {
				return ExitOK
			}
			return ExitFailed
		}
		fmt.Fprintln(stdout, "painting")
		<-ctx.Done()
		fmt.Fprintln(stdout, "saving")
		if args[0] == "hangs" {
			select {}
		}
		time.Sleep(200 * time.Millisecond) // for further signals, if they ended the program, to do so
		return ExitInterrupted
	})
}

// TestClosedPipe: a program whose reader goes away goes on, and sees an error.
func TestClosedPipe(t *testing.T) {
	program := exec.Command(os.Args[0], "talks")
	program.Env = append(os.Environ(), actAsProgram+"=1")
	stdin, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	program.Stdout = writer
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writer.Close(), reader.Close(), stdin.Close()); err != nil {
		t.Fatal(err)
	}
	err = program.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != ExitFailed {
		t.Errorf("ended with %v, want exit code %d", err, ExitFailed)
	}
}

// TestInterrupt: a signal lets a program save what it has, also if it comes again
// at once, as from timeout. A later one ends a program that hangs.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt there")
	}
	for _, sent := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		for arg, code := range map[string]int{"saves": ExitInterrupted, "hangs": -1} { // -1: ended by a signal
			t.Run(fmt.Sprint(sent, " ", arg), func(t *testing.T) {
				t.Parallel()
				program := exec.Command(os.Args[0], arg)
				program.Env = append(os.Environ(), actAsProgram+"=1")
				stdout, err := program.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := program.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewScanner(stdout)
				for _, want := range []string{"painting", "saving"} {
					if !lines.Scan() || lines.Text() != want {
						t.Fatalf("printed %q, %v, want %s", lines.Text(), lines.Err(), want)
					}
					if err := program.Process.Signal(sent); err != nil {
						t.Fatal(err)
					}
				}
				ended := make(chan error, 1)
				go func() { ended <- program.Wait() }()
				for {
					select {
					case err := <-ended:
						var exit *exec.ExitError
						if !errors.As(err, &exit) || exit.ExitCode() != code {
							t.Errorf("ended with %v, want exit code %d", err, code)
						}
						return
					case <-time.After(20 * time.Millisecond):
						_ = program.Process.Signal(sent)
					}
				}
			})
		}
	}
}
