package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
)

func TestRefusesWhatDoesNotFit(t *testing.T) {
	args := []string{"--teacher", randomTeacher(t), "--images", pictures(t, 20, 96), "--widths", "4,5,8,8,8", "-q",
		"--steps", "1", "--joint", "0", "--batch", "2", "--report", "1", "--out"}
	for _, test := range []struct {
		name string
		free int64
		args []string
		want string
	}{
		{"crop", 200 << 20, []string{"--crop", "2000"}, " would fit (--force tries anyway)"},
		{"nothing fits", 8 << 20, []string{"--crop", "32"}, "no --crop would fit"},
		{"the teacher", 1 << 10, nil, "--teacher: "},
	} {
		out := filepath.Join(t.TempDir(), "out")
		defer memory.Simulate(test.free)()
		var stderr strings.Builder
		code := run(t.Context(), append(append(args[:len(args):len(args)], out), test.args...), io.Discard, &stderr)
		if text := stderr.String(); code != commandline.ExitFailed || !strings.Contains(text, test.want) || !strings.Contains(text, "MiB are free") || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: exit code %d, stderr %q, want a line with %q", test.name, code, text, test.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: --out is there", test.name)
		}
	}
	defer memory.Simulate(1 << 10)()
	var stderr strings.Builder
	if code := run(t.Context(), append(append(args[:len(args):len(args)], t.TempDir()), "--crop", "32", "--force"), io.Discard, &stderr); code != commandline.ExitOK {
		t.Errorf("--force: exit code %d, stderr %s", code, stderr.String())
	}
}
