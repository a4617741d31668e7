package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// builtProgram returns the program, built without the C library: with it, limits of
// the address space below some 1750 MiB may end the runtime before main is called.
func builtProgram(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	path := filepath.Join(t.TempDir(), "nst")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the program cannot be built here: %v: %s", err, out)
	}
	return path
}
