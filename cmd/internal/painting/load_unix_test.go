//go:build unix

package painting

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReadingEnds: a pipe that nobody writes to does not keep an interrupted run.
func TestReadingEnds(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newSources(ctx, Reading{}).read(pipe); !errors.Is(err, ErrNoPicture) {
		t.Errorf("%v, want %v", err, ErrNoPicture)
	}
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // lets the reader end
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
}
