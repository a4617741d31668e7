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

// TestReadOnce: what goes on after a pipe could not be read is not taken for a picture.
func TestReadOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that it does not end
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	go func() {
		for n := 0; n < 3<<20; n += 16 {
			_, _ = f.WriteString("P6 10000 10000 1 ")
		}
	}()
	from := newSources(t.Context(), Reading{MaxDecode: 1})
	for range 2 {
		if _, err := from.read(pipe); err == nil || err.Error() != pipe+": the file is larger than 1 MiB, the most that is read" {
			t.Errorf("%v", err)
		}
	}
}
