package outfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// holding returns a function for WriteFolder that writes one file.
func holding(t *testing.T, name string) func(string) error {
	return func(fresh string) error {
		if err := os.MkdirAll(filepath.Join(fresh, "below"), 0o777); err != nil {
			return err
		}
		writeFile(t, filepath.Join(fresh, "below", name), name)
		return nil
	}
}

func TestWriteFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "weights")
	failure := errors.New("failure")
	for _, name := range []string{"first", "second"} {
		if err := WriteFolder(dir, holding(t, name)); err != nil {
			t.Fatal(err)
		}
		if err := WriteFolder(dir, func(fresh string) error { return errors.Join(holding(t, "bad")(fresh), failure) }); !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
		if err := WriteFolder(dir, func(string) error { return nil }); err == nil {
			t.Error("no error for a new folder that is not there")
		}
		if got := listing(t, parent) + ": " + listing(t, filepath.Join(dir, "below")); got != "weights: "+name {
			t.Errorf("files: %s", got)
		}
	}
}

// TestRestoreFolder: wherever a process was killed, the folder is the old one or the
// new one, and nothing else is left.
func TestRestoreFolder(t *testing.T) {
	for place, want := range map[string]string{"filling": "old", "complete": "old", "moved away": "old", "moved in": "new", "removing": "new", "first": ""} {
		parent := t.TempDir()
		dir, work := filepath.Join(parent, "weights"), filepath.Join(parent, ".brushgrad-weights")
		make := func(path, name string) {
			if err := errors.Join(os.MkdirAll(work, 0o777), holding(t, name)(path)); err != nil {
				t.Fatal(err)
			}
		}
		fresh, old := filepath.Join(work, "new"), filepath.Join(work, "old")
		switch place {
		case "filling":
			make(dir, "old")
			make(fresh+".123", "bad")
		case "complete":
			make(dir, "old")
			make(fresh, "new")
		case "moved away":
			make(old, "old")
			make(fresh, "new")
		case "moved in":
			make(dir, "new")
			make(old, "old")
		case "removing":
			make(dir, "new")
			make(old, "part")
		case "first": // there was no old one
			make(fresh, "new")
		}
		if err := RestoreFolder(dir); err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := os.Stat(dir); err == nil {
			got = listing(t, filepath.Join(dir, "below"))
		}
		if _, err := os.Lstat(work); got != want || !os.IsNotExist(err) {
			t.Errorf("%s: the folder is the %s one, want %s; work folder: %v", place, got, want, err)
		}
	}
}

// TestWriteFolderLink: a symbolic link stays, and what it points to is replaced.
func TestWriteFolderLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links take a privilege there")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "weights")
	if err := os.Symlink("other", dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "second"} {
		if err := WriteFolder(dir, holding(t, name)); err != nil {
			t.Fatal(err)
		}
		if got := listing(t, parent) + ": " + listing(t, filepath.Join(parent, "other", "below")); got != "other weights: "+name {
			t.Errorf("files: %s", got)
		}
	}
}
