package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// actAsDistil is the variable that makes this test binary the program.
const actAsDistil = "DISTIL_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(actAsDistil) != "" {
		commandline.Main(run)
	}
	os.Exit(m.Run())
}

// command returns the program with a command line, as a process of its own.
func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), actAsDistil+"=1")
	return c
}
