package outfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestRescue: the first folder that there is takes the picture, under a name that
// nothing has.
func TestRescue(t *testing.T) {
	root := t.TempDir()
	here, home, temp := filepath.Join(root, "here"), filepath.Join(root, "home"), filepath.Join(root, "temp")
	for _, name := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(name, home)
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	for _, dir := range []string{here, home, temp} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(here)
	why := errors.New("out.png: cannot write this file")
	for _, path := range []string{"out.png", filepath.Join("none", "out.png"), strings.Repeat("x", 300) + ".png", "a*b.png", "-.png"} {
		saved, err := Rescue(path, []byte(path), why)
		if !errors.Is(err, why) || err.Error() != why.Error()+"; the picture is saved as "+saved {
			t.Errorf("%s: %v", path, err)
		}
		if filepath.Dir(saved) != here || filepath.Ext(saved) != ".png" || readFile(t, saved) != path {
			t.Errorf("%s is saved as %s", path, saved)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("the current folder cannot be removed there")
	}
	for _, c := range []struct{ gone, want string }{{here, home}, {home, temp}, {temp, "."}} {
		if err := os.RemoveAll(c.gone); err != nil {
			t.Fatal(err)
		}
		saved, err := Rescue("out.png", nil, why)
		if c.want == "." {
			if saved != "" || !errors.Is(err, why) || !strings.HasSuffix(err.Error(), temp+" accepts the picture, so it is lost") {
				t.Errorf("saved as %q, %v, though all folders are gone", saved, err)
			}
			continue
		}
		if filepath.Dir(saved) != c.want || !errors.Is(err, why) {
			t.Errorf("saved as %s, %v, want it in %s", saved, err, c.want)
		}
	}
}
