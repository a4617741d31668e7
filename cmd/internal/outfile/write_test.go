package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWrite: an old file is replaced and keeps its permissions, a new one has those of
// any new file, and no other file is left.
func TestWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "reference", "")
	writeFile(t, "old", "old")
	if err := os.Chmod("old", 0o640); err != nil {
		t.Fatal(err)
	}
	for like, name := range map[string]string{"old": "old", "reference": "new"} {
		before, err := os.Stat(like)
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(name, []byte("data")); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(name)
		if err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s: mode %v, %v, want %v", name, after.Mode(), err, before.Mode())
		}
		if got := readFile(t, name); got != "data" {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if got := listing(t, "."); got != "new old reference" {
		t.Errorf("files: %s", got)
	}
}

// TestWriteLongName: the name of the temporary file is not longer.
func TestWriteLongName(t *testing.T) {
	t.Chdir(t.TempDir())
	name := strings.Repeat("x", 255)
	if err := Write(name, nil); err != nil {
		t.Error(err)
	}
}

// TestWriteLink: what a symbolic link points to is written, and the link stays one.
func TestWriteLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links take a privilege there")
	}
	t.Chdir(t.TempDir())
	for _, dir := range []string{"a", "b", "b/c"} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, "a/old", "old")
	for link, to := range map[string]string{
		"link": "a/old", "chain": "link", "dangling": "a/new", "a/up": "../b/up", "folder": "b/c", "loop": "loop", "lost": "none/new",
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("folder/../dotted", "through"); err != nil { // b/dotted: the parent of b/c
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link": "a/old", "chain": "a/old", "dangling": "a/new", "a/up": "b/up", "through": "b/dotted"} {
		if err := CheckFile(link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
		if err := Write(link, []byte(link)); err != nil {
			t.Errorf("%s: %v", link, err)
			continue
		}
		info, err := os.Lstat(link)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", link, info, err)
		}
		if got := readFile(t, target); got != link {
			t.Errorf("%s: %s holds %q", link, target, got)
		}
		same, err := followLinks(link)
		if err != nil || !Same(filepath.Dir(same), filepath.Dir(target)) {
			t.Errorf("%s: written by way of %s, %v, want the folder of %s", link, same, err, target)
		}
	}
	for link, want := range map[string]string{
		"loop": "loop: cannot write this file: too many symbolic links", "lost": "lost: the folder none does not exist",
		"folder": "folder: this exists and is not a regular file",
	} {
		if err := CheckFile(link); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if err := Write(link, nil); err == nil || !strings.HasPrefix(err.Error(), link+": ") {
			t.Errorf("writing %s: %v", link, err)
		}
	}
	if got := listing(t, "."); got != "a b chain dangling folder link loop lost through" {
		t.Errorf("files: %s", got)
	}
}

// TestReadOnly: a file that may not be written to is not replaced, by root neither.
func TestReadOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "old", "old")
	if err := os.Chmod("old", 0o444); err != nil {
		t.Fatal(err)
	}
	const want = "old: this file is read-only; make it writable or give another name"
	for _, err := range []error{CheckFile("old"), Write("old", []byte("new"))} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if got := readFile(t, "old"); got != "old" || listing(t, ".") != "old" {
		t.Errorf("the file holds %q; files: %s", got, listing(t, "."))
	}
}

// TestWriteFails: nothing is left where the file cannot be renamed.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(target, []byte("new")); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if got := listing(t, dir); got != "target" {
		t.Errorf("files: %s", got)
	}
}
