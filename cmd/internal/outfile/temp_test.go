package outfile

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRemoveStale: what a dead process has left goes; what a live one writes stays, and
// so does everything that only looks like it.
func TestRemoveStale(t *testing.T) {
	dir := t.TempDir()
	live, err := createTemp(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	dead, err := createTemp(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil { // as the end of its process does
		t.Fatal(err)
	}
	kept := []string{filepath.Base(live.Name())}
	for _, name := range []string{
		".brushgrad-notes.tmp", ".brushgrad-12", ".brushgrad-12.tmp.png", ".brushgrad-.tmp", ".brushgrad--1.tmp", "brushgrad-12.tmp",
		".out.png12345", "weights.new.123", "notes.tmp",
	} {
		writeFile(t, filepath.Join(dir, name), "mine")
		kept = append(kept, name)
	}
	if err := os.Mkdir(filepath.Join(dir, ".brushgrad-13.tmp"), 0o777); err != nil { // we make no such folder
		t.Fatal(err)
	}
	kept = append(kept, ".brushgrad-13.tmp")
	if err := RemoveStale(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range kept {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(dead.Name()); !os.IsNotExist(err) {
		t.Errorf("%s: %v, want it gone", dead.Name(), err)
	}
	if err := RemoveStale(filepath.Join(dir, "none")); err != nil {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// TestCreateTempAgainstRemoveStale: a file that was created and locked is never removed,
// however the two run against each other.
func TestCreateTempAgainstRemoveStale(t *testing.T) {
	dir := t.TempDir()
	done, removed := make(chan struct{}), make(chan error, 1)
	go func() { removed <- removeStaleUntil(done, dir) }()
	for range 100 {
		if err := Write(filepath.Join(dir, "out"), []byte("data")); err != nil {
			t.Error(err)
		}
	}
	close(done)
	if err := <-removed; err != nil {
		t.Error(err)
	}
	if got := listing(t, dir); got != "out" {
		t.Errorf("files: %s", got)
	}
}

// TestCheckAgainstRemoveStale: a folder that can be written to is found so, however often
// another process looks for what killed ones have left there.
func TestCheckAgainstRemoveStale(t *testing.T) {
	dir := t.TempDir()
	done, cleaned := make(chan struct{}), make(chan error, 1)
	go func() { cleaned <- removeStaleUntil(done, dir) }()
	for range 2000 {
		if err := CheckFolder(dir); err != nil {
			t.Error(err)
			break
		}
	}
	close(done)
	if err := <-cleaned; err != nil {
		t.Error(err)
	}
}

func removeStaleUntil(done <-chan struct{}, dir string) error {
	for {
		select {
		case <-done:
			return nil
		default:
			if err := RemoveStale(dir); err != nil {
				return err
			}
		}
	}
}
