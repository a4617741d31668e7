package picture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFiles: what files, folders and patterns stand for. Hidden files must be named.
func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"b.jfif", "a.PBM", ".hidden.png", "._a.png", "notes.txt", "x.mpo"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("folder.png", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ values, files, others string }{
		{".", "a.PBM b.jfif x.mpo", "notes.txt"},
		{"*", "a.PBM b.jfif notes.txt x.mpo", ""}, // a pattern is taken at its word
		{"*.png", "", ""},
		{".*.png", "._a.png .hidden.png", ""},
		{".hidden.png x.mpo", ".hidden.png x.mpo", ""},
		{". x.mpo", "a.PBM b.jfif x.mpo", "notes.txt"},
	} {
		files, others, err := Files("--contents", strings.Fields(c.values))
		if c.files == "" {
			if err == nil || !strings.HasPrefix(err.Error(), "--contents: there are no pictures in ") {
				t.Errorf("%s: %v, %v", c.values, files, err)
			}
			continue
		}
		if got := strings.Join(files, " "); err != nil || got != c.files || strings.Join(others, " ") != c.others {
			t.Errorf("%s: %s, others %v, %v; want %s and %s", c.values, got, others, err, c.files, c.others)
		}
	}
	if _, _, err := Files("--styles", []string{filepath.Join(".", "[")}); err == nil || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("a pattern that is none: %v", err)
	}
}
