package outfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestCheck: what is there stays as it is, and what is not there is not
// there afterwards.
func TestCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "old", "old")
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	names := []string{"old", "new", "folder/new"}
	if runtime.GOOS != "windows" { // where links take a privilege
		if err := os.Symlink("target", "link"); err != nil {
			t.Fatal(err)
		}
		names = append(names, "link")
	}
	before := listing(t, ".")
	for _, name := range names {
		for _, check := range []func(string) error{CheckFile, checkStream} {
			if err := check(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	for _, name := range []string{"folder", "none/new", "old/new"} {
		for _, check := range []func(string) error{CheckFile, checkStream} {
			if check(name) == nil {
				t.Errorf("%q: no error", name)
			}
		}
	}
	for name, ok := range map[string]bool{"folder": true, "none": true, "none/below": true, "old": false, "old/below": false} {
		if err := CheckFolder(name); (err == nil) != ok {
			t.Errorf("folder %q: %v", name, err)
		}
	}
	if after := listing(t, "."); after != before {
		t.Errorf("files before: %s, after: %s", before, after)
	}
	if after := listing(t, "folder"); after != "" {
		t.Errorf("files in the folder: %s", after)
	}
	if data, err := os.ReadFile("old"); string(data) != "old" || err != nil {
		t.Errorf("the old file holds %q, %v", data, err)
	}
}

// TestSet: an input is never overwritten under whatever name, no file is written
// twice, errors name the flag, and the list has what was written.
func TestSet(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "photo.png", "photo")
	for want, fill := range map[string]func(*Set){
		"photo.png would overwrite":   func(s *Set) { s.File("", "./photo.png") },
		"gone.png would overwrite":    func(s *Set) { s.Stream("--trace", filepath.Join(here, "gone.png")) },
		"out.png would be written tw": func(s *Set) { s.File("", "out.png"); s.File("--plot", filepath.Join(here, "out.png")) },
		"": func(s *Set) {
			s.File("", "out.png")
			s.File("--plot", "")
			s.File("--record", "")
			s.Folder("--frames", "f")
		},
	} {
		s := &Set{}
		s.Read("photo.png", "", "gone.png")
		fill(s)
		err := s.CheckNames()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	text := func(s string) func() ([]byte, error) { return func() ([]byte, error) { return []byte(s), nil } }
	s := &Set{}
	s.Read("photo.png")
	s.File("", "out.png")
	s.Stream("--trace", "none/trace.jsonl")
	if err := s.CheckWritable(); err == nil || !strings.HasPrefix(err.Error(), "--trace: none/trace.jsonl: the folder none does not exist") {
		t.Errorf("%v", err)
	}
	if err := s.Write("--preview", "photo.png", text("x")); err == nil || !strings.HasPrefix(err.Error(), "--preview: photo.png would overwrite") {
		t.Errorf("%v", err)
	}
	if err := s.Write("--preview", "none/x.png", text("")); err == nil || !strings.HasPrefix(err.Error(), "--preview: none/x.png: cannot write this file") {
		t.Errorf("%v", err)
	}
	damaged := func() ([]byte, error) { return nil, errors.New("no picture") }
	if err := s.Write("--preview", "x.png", damaged); err == nil || err.Error() != "--preview: no picture" || Exists("x.png") {
		t.Errorf("%v", err)
	}
	s.Folder("--frames", "a/b/")
	if err := s.Write("--frames", filepath.Join("a/b/", "1.png"), text("1")); err != nil || !Exists("a/b/1.png") {
		t.Errorf("in a folder that did not exist: %v", err)
	}
	for range 2 {
		if err := s.Write("", "out.png", text("picture")); err != nil {
			t.Fatal(err)
		}
	}
	s.List("frames")
	if got := s.Written(); !slices.Equal(got, []string{filepath.Join("a", "b", "1.png"), "out.png", "frames"}) {
		t.Errorf("written: %q", got)
	}
	if data, err := os.ReadFile("photo.png"); string(data) != "photo" || err != nil {
		t.Errorf("the input holds %q, %v", data, err)
	}
}
