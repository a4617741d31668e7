package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// A calamity makes the file out in a folder, or all of the folder, unwritable.
type calamity struct {
	prepare func(t *testing.T, folder string) // before the run; may skip the test
	strike  func(folder, out string) error    // during the run
}

func calamities() map[string]calamity {
	return map[string]calamity{
		"the folder is removed": {strike: func(folder, _ string) error { return os.RemoveAll(folder) }},
		"a folder of the name": {strike: func(_, out string) error {
			return errors.Join(os.RemoveAll(out), os.MkdirAll(filepath.Join(out, "x"), 0o777))
		}},
		"a file that is read-only": {strike: func(_, out string) error {
			return errors.Join(os.RemoveAll(out), os.WriteFile(out, nil, 0o444))
		}},
		"a link that leads nowhere": {strike: func(folder, out string) error {
			return errors.Join(os.RemoveAll(out), os.Symlink(filepath.Join(folder, "none", "x"), out))
		}},
		"the folder is read-only": {
			prepare: func(t *testing.T, folder string) {
				if os.Geteuid() == 0 {
					t.Skip("root may write into any folder")
				}
				t.Cleanup(func() { _ = os.Chmod(folder, 0o777) })
			},
			strike: func(folder, _ string) error { return os.Chmod(folder, 0o555) },
		},
		"the disk is full": {
			prepare: mountTemporary,
			strike: func(folder, _ string) error {
				if err := os.WriteFile(filepath.Join(folder, "all"), make([]byte, 1<<20), 0o666); err == nil {
					return errors.New("the disk does not get full")
				}
				return nil
			},
		},
	}
}

// TestNeverLost: whatever happens to the place of a picture while it is painted, the
// picture is there afterwards, and its place has been printed. What was there stays.
func TestNeverLost(t *testing.T) {
	for name, c := range calamities() {
		for _, command := range []string{"paint", "batch", "sweep"} {
			t.Run(name+", "+command, func(t *testing.T) { testNeverLost(t, command, c) })
		}
	}
}

func testNeverLost(t *testing.T, command string, c calamity) {
	content, style, dir := pictures(t)
	here, folder := filepath.Join(dir, "here"), filepath.Join(dir, "folder")
	if err := errors.Join(os.Mkdir(here, 0o777), os.Mkdir(folder, 0o777)); err != nil {
		t.Fatal(err)
	}
	if c.prepare != nil {
		c.prepare(t, folder)
	}
	out := filepath.Join(folder, "photo-painting.png")
	args, during := []string{content, style, "-o", out}, "Painting photo"
	switch command {
	case "batch":
		args = []string{"batch", "--contents", content, "--styles", style, "--out-dir", folder}
	case "sweep":
		args, during = append([]string{"sweep", "--beta", "1,10,100"}, args...), "2 of 3"
	}
	weights, err := filepath.Abs(smallWeights)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	stderr := &lineHook{text: during, do: func() {
		if err := c.strike(folder, out); err != nil {
			t.Error(err)
		}
	}}
	var stdout strings.Builder
	code := run(t.Context(), append(args, "--weights", weights, "--size", "40", "--iterations", "2"), terminal{&stdout, stderr})
	_, saved, ok := strings.Cut(stderr.String(), "; the picture is saved as ")
	saved, _, _ = strings.Cut(saved, "\n")
	if code != commandline.ExitFailed || !ok || filepath.Dir(saved) != here {
		t.Fatalf("exit %d, %q, %q", code, stdout.String(), stderr)
	}
	if size := readPNG(t, saved).Bounds().Size(); command != "sweep" && size.X != 40 || command == "sweep" && size.X < 3*128 {
		t.Errorf("the picture is %v", size)
	}
	if got := listing(t, here); got != filepath.Base(saved) {
		t.Errorf("files: %s", got)
	}
	if files, err := os.ReadDir(folder); err == nil {
		for _, f := range files {
			if strings.HasPrefix(f.Name(), ".") {
				t.Errorf("left behind: %s", f.Name())
			}
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestNothingElseIsLost: when the files that show a run cannot be written, those that can
// be are, and one line says which could not.
func TestNothingElseIsLost(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	outputs := map[string]string{"--preview": "preview.png", "--timelapse": "all.gif", "--record": "out.json", "--plot": "plot.png", "--frames": "frames", "--trace": "trace.jsonl"}
	for flag, name := range outputs {
		t.Run(flag, func(t *testing.T) {
			gone, folder := in("gone"), in("folder")
			if err := errors.Join(os.Mkdir(gone, 0o777), os.Mkdir(folder, 0o777)); err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(gone)
			defer os.RemoveAll(folder)
			args := []string{content, style, "-o", filepath.Join(folder, "out.png"), "--weights", smallWeights, "--size", "40", "--iterations", "3", "--frame-every", "1"}
			for other, file := range outputs {
				if where := folder; other != flag {
					args = append(args, other, filepath.Join(where, file))
				}
			}
			args = append(args, flag, filepath.Join(gone, name))
			stderr := &lineHook{text: "Painting photo", do: func() {
				// A file in place of the folder, which --frames would make again.
				if err := errors.Join(os.RemoveAll(gone), os.WriteFile(gone, nil, 0o666)); err != nil {
					t.Error(err)
				}
			}}
			var stdout strings.Builder
			code := run(t.Context(), args, terminal{&stdout, stderr})
			last := lastLine(stderr.String())
			if flag == "--trace" && code == commandline.ExitOK {
				return // the file is open already, and its lines are written
			}
			if code != commandline.ExitFailed || !strings.HasPrefix(last, "nst: "+flag+": ") || !strings.HasSuffix(last, "; the picture of iteration 3 is in "+filepath.Join(folder, "out.png")) {
				t.Errorf("exit %d, %q", code, last)
			}
			want := []string{"out.png", "out.json", "plot.png", "trace.jsonl"}
			for _, file := range want {
				if _, err := os.Stat(filepath.Join(folder, file)); err != nil && file != name {
					t.Error(fmt.Errorf("%s: %w", flag, err))
				}
			}
		})
	}
}
