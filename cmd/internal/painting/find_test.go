package painting

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// listed returns a record that reads the files of these names and contents.
func listed(j Job, files map[string]string) *Record {
	r := &Record{Job: j}
	for path, text := range files {
		sum := sha256.Sum256([]byte(text))
		r.Inputs = append(r.Inputs, Input{path, hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(r.Inputs, func(a, b Input) int { return strings.Compare(a.Path, b.Path) })
	return r
}

// TestInputsAreFoundBesideTheRecord: where they were counts first, then the place in
// the record's folder, then their names alone; every place in the job that names a file
// has the new name, and nothing else has.
func TestInputsAreFoundBesideTheRecord(t *testing.T) {
	folder, here := t.TempDir(), t.TempDir()
	t.Chdir(here)
	in := func(name string) string { return filepath.Join(folder, name) }
	writeFile(t, "here.png", "here")
	writeFile(t, in("here.png"), "another")
	writeFile(t, in(filepath.Join("sub", "a.png")), "a")
	writeFile(t, in("b.png"), "b")
	writeFile(t, in("content"), "a file with the name of a word")
	writeFile(t, in("aa.png"), "aa")
	writeFile(t, filepath.Join(here, "moved.png"), "not the one")
	writeFile(t, in("moved.png"), "the one")

	j := New()
	j.Content, j.Init = "content", "content"
	j.Styles = []Style{
		{"here.png", 1, filepath.Join("sub", "a.png"), filepath.Join("gone", "b.png")},
		{filepath.Join("sub", "a.png"), 2, "moved.png", ""},
		{DemoStyle, 3, "", "aa.png"},
	}
	r := listed(j, map[string]string{
		"here.png": "here", filepath.Join("sub", "a.png"): "a", filepath.Join("gone", "b.png"): "b",
		"content": "a file with the name of a word", "aa.png": "aa", "moved.png": "the one",
	})
	changed, err := r.FindInputs(folder)
	if err != nil || len(changed) > 0 {
		t.Fatalf("changed %q, %v", changed, err)
	}
	want := j
	want.Content = in("content")
	want.Styles = []Style{
		{"here.png", 1, in(filepath.Join("sub", "a.png")), in("b.png")},
		{in(filepath.Join("sub", "a.png")), 2, in("moved.png"), ""},
		{DemoStyle, 3, "", in("aa.png")},
	}
	if !reflect.DeepEqual(r.Job, want) {
		t.Errorf("got\n%+v, want\n%+v", r.Job, want)
	}

	r.Job.Init = filepath.Join("gone", "b.png")
	if _, err := r.FindInputs(folder); err != nil || r.Job.Init != in("b.png") {
		t.Errorf("the start is %s, %v, want it from the folder", r.Job.Init, err)
	}
}

func TestInputsThatHaveChangedOrAreGone(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(t.TempDir())
	writeFile(t, "a.png", "new")
	j := valid()
	j.Content = "a.png"
	changed, err := listed(j, map[string]string{"a.png": "old"}).FindInputs(folder)
	if err != nil || len(changed) != 1 || !strings.HasPrefix(changed[0], "a.png has changed: its SHA-256 is ") {
		t.Errorf("changed %q, %v", changed, err)
	}
	r := listed(j, map[string]string{"gone\n.png": "x", "a.png": "new", "gone2.png": "y"})
	if _, err := r.FindInputs(folder); err == nil || err.Error() != "missing: gone .png, gone2.png; put it where it was, or beside this file" {
		t.Errorf("%v, want two missing files", err)
	}
}

// TestWeightsAreFoundBesideTheRecord: unless they are where they were.
func TestWeightsAreFoundBesideTheRecord(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(t.TempDir())
	writeFile(t, filepath.Join(folder, "w", "manifest.json"), "{}")
	find := func() string {
		j := valid()
		j.Weights = "w"
		r := &Record{Job: j}
		if _, err := r.FindInputs(folder); err != nil {
			t.Fatal(err)
		}
		return r.Job.Weights
	}
	if got := find(); got != filepath.Join(folder, "w") {
		t.Errorf("the weights are %s, want them from the folder", got)
	}
	writeFile(t, filepath.Join("w", "manifest.json"), "{}")
	if got := find(); got != "w" {
		t.Errorf("the weights are %s, want them where they were", got)
	}
}
