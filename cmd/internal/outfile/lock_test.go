package outfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLockFolder: a folder is for one at a time, under whatever name, and for the next
// when it is released. The file that a killed process has left locks nobody out.
func TestLockFolder(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, lockName), "")
	for range 3 {
		release, err := LockFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{dir, filepath.Join(dir, ".", "x", "..")} {
			if _, err := LockFolder(name); err == nil || !strings.HasPrefix(err.Error(), name+": another run is working in this folder; wait") {
				t.Errorf("locked twice: %v", err)
			}
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if got := listing(t, dir); got != "" {
			t.Errorf("files: %s", got)
		}
	}
	if _, err := LockFolder(filepath.Join(dir, "none")); err == nil || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// TestLockFolderOfOneThatEnds: whoever opened the file before it was removed does not
// take a lock that nobody else sees.
func TestLockFolderOfOneThatEnds(t *testing.T) {
	dir := t.TempDir()
	holders := make(chan int, 1) // as many as may hold the lock
	done := make(chan bool)
	for range 4 {
		go func() {
			for range 200 {
				release, err := LockFolder(dir)
				if err != nil {
					continue
				}
				select {
				case holders <- 1:
				default:
					t.Error("two hold the lock")
				}
				<-holders
				if err := release(); err != nil {
					t.Error(err)
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); !os.IsNotExist(err) {
		t.Errorf("%s: %v, want it gone", lockName, err)
	}
}
