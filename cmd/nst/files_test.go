package main

import (
	"os"
	"runtime"
	"testing"
)

// TestCheckWritable: what is there stays as it is, and what is not there is not
// there afterwards.
func TestCheckWritable(t *testing.T) {
	t.Chdir(t.TempDir())
	writeTestFile(t, "old", []byte("old"))
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	names := []string{"", "old", "new", "folder/new"}
	if runtime.GOOS != "windows" { // where links take a privilege
		if err := os.Symlink("target", "link"); err != nil {
			t.Fatal(err)
		}
		names = append(names, "link")
	}
	before := listing(t, ".")
	for _, name := range names {
		if err := checkWritable("--out", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"folder", "none/new", "old/new"} {
		if checkWritable("--out", name) == nil {
			t.Errorf("%q: no error", name)
		}
	}
	if after := listing(t, "."); after != before {
		t.Errorf("files before: %s, after: %s", before, after)
	}
	if after := listing(t, "folder"); after != "" {
		t.Errorf("files in the folder: %s", after)
	}
	if data := readTestFile(t, "old"); string(data) != "old" {
		t.Errorf("the old file holds %q", data)
	}
}
