//go:build unix

package outfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStreamToAPipe: nobody waits for a reader, who may come late, be slow or go away,
// and who gets whole lines.
func TestStreamToAPipe(t *testing.T) {
	newPipe := func() (path string, s *Stream) {
		path = filepath.Join(t.TempDir(), "pipe")
		if err := unix.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := OpenStream(path)
		if err != nil {
			t.Fatal(err)
		}
		return path, s
	}
	reader := func(path string) *os.File {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	write := func(s *Stream, from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			line := fmt.Appendf(nil, "line %d %s\n", i, strings.Repeat("x", 50))
			if n, err := s.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	const many = 5000 // more than a pipe holds

	t.Run("none", func(t *testing.T) {
		_, s := newPipe()
		write(s, 0, many)
		if unread, err := s.Close(); !unread || err != nil {
			t.Errorf("unread %v, %v", unread, err)
		}
	})
	t.Run("late and slow", func(t *testing.T) {
		path, s := newPipe()
		write(s, 0, 10)
		f := reader(path)
		write(s, 10, many) // the pipe is full by now
		text := make(chan string)
		go func() {
			all, _ := io.ReadAll(f)
			text <- string(all)
		}()
		if unread, err := s.Close(); unread || err != nil {
			t.Errorf("unread %v, %v", unread, err)
		}
		got := <-text
		if strings.Count(got, "\n") != many || !strings.HasPrefix(got, "line 0 ") || !strings.Contains(got, fmt.Sprintf("\nline %d ", many-1)) {
			t.Errorf("%d lines, want all %d", strings.Count(got, "\n"), many)
		}
	})
	t.Run("goes away, and another comes", func(t *testing.T) {
		path, s := newPipe()
		f := reader(path)
		write(s, 0, many)
		if _, err := io.ReadFull(f, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		write(s, many, many+5)
		g := reader(path)
		defer g.Close()
		write(s, many+5, many+6)
		some := make([]byte, 5)
		if _, err := io.ReadFull(g, some); err != nil || string(some) != "line " {
			t.Errorf("the next reader begins with %q, %v", some, err)
		}
		if unread, err := s.Close(); !unread || err != nil {
			t.Errorf("unread %v, %v", unread, err)
		}
	})
}
