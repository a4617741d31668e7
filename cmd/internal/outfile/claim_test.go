package outfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestClaim: a file is for one at a time; others are not concerned. What a killed process
// has left keeps nobody out, and goes with its temporary files.
func TestClaim(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	for range 2 {
		release, err := Claim(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Claim(filepath.Join(dir, ".", "x", "..", "a.png")); !errors.Is(err, ErrClaimed) {
			t.Errorf("claimed twice: %v", err)
		}
		other, err := Claim(filepath.Join(dir, "b.png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := RemoveStale(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := Claim(path); !errors.Is(err, ErrClaimed) {
			t.Errorf("claimed twice, after stale files were removed: %v", err)
		}
		if err := errors.Join(release(), other()); err != nil {
			t.Fatal(err)
		}
	}
	release, err := Claim(path)
	if err != nil {
		t.Fatal(err)
	}
	left := listing(t, dir)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, left), "") // as after a kill: the file is there, the lock is not
	if release, err = Claim(path); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, left), "")
	if err := RemoveStale(dir); err != nil {
		t.Fatal(err)
	}
	if got := listing(t, dir); got != "" {
		t.Errorf("files: %s", got)
	}
	if _, err := Claim(filepath.Join(dir, "none", "a.png")); err == nil || errors.Is(err, ErrClaimed) {
		t.Errorf("in a folder that does not exist: %v", err)
	}
}

// TestUnused: names count up, and each is given out once, whoever asks at the same time.
func TestUnused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.b.png")
	writeFile(t, path, "")
	writeFile(t, filepath.Join(dir, "a.b-3.png"), "")
	free := func(path string) bool { return !Exists(path) }
	var mu sync.Mutex
	seen := make(map[string]bool)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				name, release, err := Unused(path, free)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[name] {
					t.Errorf("%s is given out twice", name)
				}
				seen[name] = true
				mu.Unlock()
				if err := errors.Join(os.WriteFile(name, nil, 0o666), release()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for _, name := range []string{"a.b-2.png", "a.b-4.png", "a.b-22.png"} {
		if !seen[filepath.Join(dir, name)] {
			t.Errorf("%s was not given out: %v", name, seen)
		}
	}
}
