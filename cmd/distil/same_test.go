package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

// TestOtherTraining: a checkpoint is not gone on with if anything differs that has an
// influence on the weights. One line names it, and the checkpoint stays as it is.
func TestOtherTraining(t *testing.T) {
	dir := t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	teacher, images, styles := randomTeacher(t), pictures(t, 20, 96), pictures(t, 3, 80)
	teacherWeights, err := vgg.Load(teacher)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"start", "other start"} {
		w := vgg.Random(8, uint64(i))
		w.Convs, w.Padding, w.Input = w.Convs[:1], teacherWeights.Padding, studentInput(teacherWeights.Input)
		if err := w.WriteFolder(in(name), npy.Write); err != nil {
			t.Fatal(err)
		}
	}
	if err := vgg.Random(8, 5).WriteFolder(in("other teacher"), npy.Write); err != nil {
		t.Fatal(err)
	}
	base := []string{
		"--teacher", teacher, "--images", images, "--styles", styles, "--out", in("out"), "--widths", "8", "--from", in("start"),
		"--steps", "2", "--joint", "0", "--crop", "32", "--batch", "2", "--paint", "0", "--report", "1", "--quiet",
	}
	train := func(args ...string) (int, string) {
		var stderr strings.Builder
		code := run(context.Background(), append(slices.Clone(base), args...), io.Discard, &stderr)
		return code, stderr.String()
	}
	if code, text := train(); code != commandline.ExitOK {
		t.Fatalf("exit %d: %s", code, text)
	}
	runPath := in("out", checkpointFolder, runFile)
	before, err := os.ReadFile(runPath)
	if err != nil {
		t.Fatal(err)
	}
	picture := func(name string) string { return filepath.Join(images, name) }
	rename := func(from, to string) func() error { return func() error { return os.Rename(from, to) } }
	swap := func() error {
		return errors.Join(os.Rename(picture("02.png"), in("x")), os.Rename(picture("03.png"), picture("02.png")), os.Rename(in("x"), picture("03.png")))
	}
	content, err := os.ReadFile(picture("05.png"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(pictures(t, 31, 96), "30.png"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(path string, data []byte) func() error {
		return func() error { return os.WriteFile(path, data, 0o666) }
	}
	nothing := func() error { return nil }
	for _, c := range []struct {
		name         string
		args         []string
		change, back func() error
		want         string // "" if it is the same training
	}{
		{"the same", nil, nothing, nothing, ""},
		{"a picture changed", nil, put(picture("05.png"), other), put(picture("05.png"), content), "other pictures in --images: 05.png has changed"},
		{"a picture missing", nil, rename(picture("07.png"), in("x")), rename(in("x"), picture("07.png")), "other pictures in --images: 07.png is missing"},
		{"the last one missing", nil, rename(picture("19.png"), in("x")), rename(in("x"), picture("19.png")), "other pictures in --images: 19.png is missing"},
		{"a picture more", nil, put(picture("05a.png"), other), func() error { return os.Remove(picture("05a.png")) }, "other pictures in --images: 05a.png is new"},
		{"one more at the end", nil, put(picture("x.png"), other), func() error { return os.Remove(picture("x.png")) }, "other pictures in --images: x.png is new"},
		{"another order", nil, swap, swap, "other pictures in --images: 02.png has changed"},
		{"renamed out of order", nil, rename(picture("02.png"), picture("zz.png")), rename(picture("zz.png"), picture("02.png")), "other pictures in --images: 03.png comes where 02.png was"},
		{"renamed in order", nil, rename(picture("02.png"), picture("02b.png")), rename(picture("02b.png"), picture("02.png")), ""},
		{"a picture that is left out", nil, put(picture("05b.png"), content), func() error { return os.Remove(picture("05b.png")) }, ""},
		{"a painting missing", nil, rename(filepath.Join(styles, "01.png"), in("x")), rename(in("x"), filepath.Join(styles, "01.png")), "other pictures in --styles: 01.png is missing"},
		{"the start", []string{"--from", in("other start")}, nothing, nothing, "another start (--from): "},
		{"the teacher", []string{"--teacher", in("other teacher")}, nothing, nothing, "another teacher: "},
		{"a flag", []string{"--rate", "0.1"}, nothing, nothing, "another rate: 0.003, now 0.1"},
		{"the same again", nil, nothing, nothing, ""},
	} {
		if err := c.change(); err != nil {
			t.Fatal(err)
		}
		code, text := train(c.args...)
		if c.want == "" && code != commandline.ExitOK || c.want != "" && (code != commandline.ExitFailed || !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1) {
			t.Errorf("%s: exit %d, %q, want %q", c.name, code, text, c.want)
		}
		if err := c.back(); err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(runPath); err != nil || string(after) != string(before) {
			t.Errorf("%s: the checkpoint has changed, %v", c.name, err)
		}
	}

	// Where the folder is does not matter.
	if err := os.Rename(images, in("moved")); err != nil {
		t.Fatal(err)
	}
	base[slices.Index(base, images)] = in("moved")
	if code, text := train(); code != commandline.ExitOK {
		t.Errorf("a folder moved: exit %d, %q", code, text)
	}

	// A checkpoint of before the pictures and the start were noted.
	var old map[string]any
	if err := json.Unmarshal(before, &old); err != nil {
		t.Fatal(err)
	}
	delete(old, "images")
	delete(old, "styles")
	delete(old["settings"].(map[string]any), "start")
	data, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	write(t, runPath, data)
	if code, text := train(); code != commandline.ExitOK {
		t.Errorf("an older checkpoint: exit %d, %q", code, text)
	}
}
