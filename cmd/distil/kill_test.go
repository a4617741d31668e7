package main

import (
	"bytes"
	"errors"
	"flag"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

var kills = flag.Int("kills", 20, "how many processes to kill")

// TestKill kills trainings at random moments, each of which goes on with what the one
// before has left. At any moment there are only complete files, and what comes out in the
// end is what comes out of a training that nobody disturbs.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no dozens of processes")
	}
	teacher, images, styles := randomTeacher(t), pictures(t, 20, 96), pictures(t, 2, 80)
	args := func(out string) []string {
		return []string{
			"--teacher", teacher, "--images", images, "--styles", styles, "--out", out, "--widths", "4,5", "--steps", "8", "--joint", "3",
			"--crop", "32", "--batch", "2", "--paint", "4", "--checkpoint", "1", "--report", "1", "--quiet",
		}
	}
	whole := filepath.Join(t.TempDir(), "whole")
	start := time.Now()
	if text, err := command(args(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	took := time.Since(start)
	nothingLeft(t, whole)

	var out string // "" before the first one and after one that came to its end
	killed, ended := 0, 0
	left := map[string]int{}
	for killed < *kills {
		if out == "" {
			out = filepath.Join(t.TempDir(), "out")
		}
		program := command(args(out)...)
		var stderr bytes.Buffer
		program.Stderr = &stderr
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(took))
		_ = program.Process.Kill() // it may have come to its end
		err := program.Wait()
		if stderr.Len() > 0 {
			t.Fatalf("after %d kills: %v: %s", killed, err, &stderr)
		}
		complete(t, out)
		if err == nil {
			sameResults(t, out, whole)
			if ended++; ended%2 == 0 {
				out = "" // otherwise its results will be replaced
			}
			continue
		}
		killed++
		for _, name := range leftovers(t, out) {
			left[kind(name)]++
		}
	}
	t.Logf("%d killed, %d came to their end, %v for one; left by those killed: %v", killed, ended, took, left)
	if out == "" {
		return
	}
	if text, err := command(args(out)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	sameResults(t, out, whole)
}

// complete fails unless all files in the folder of a training are complete, or will be
// when outfile.RestoreFolder has been called.
func complete(t *testing.T, out string) {
	t.Helper()
	if err := withFolder(filepath.Join(out, weightsName), func(dir string) error {
		_, err := vgg.Load(dir) // which compares the sums
		return err
	}); err != nil {
		t.Errorf("weights: %v", err)
	}
	if err := withFolder(filepath.Join(out, checkpointFolder), func(dir string) error {
		_, err := npy.ReadZip(filepath.Join(dir, studentFile))
		_, err2 := npy.ReadZip(filepath.Join(dir, paintingsFile))
		return errors.Join(err, err2)
	}); err != nil {
		t.Errorf("checkpoint: %v", err)
	}
	for _, name := range []string{"curve.png", "paintings.png"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err == nil {
			_, err = png.Decode(bytes.NewReader(data))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if report, err := os.ReadFile(filepath.Join(out, "report.md")); err == nil && !strings.Contains(string(report), "\n| 3 | ") { // the last line
		t.Errorf("report.md: %q", report)
	}
}

// withFolder calls check for a folder, or for the old one that waits in the work folder,
// unless there is neither.
func withFolder(dir string, check func(string) error) error {
	for _, dir := range []string{dir, filepath.Join(filepath.Dir(dir), ".brushgrad-"+filepath.Base(dir), "old")} {
		if _, err := os.Stat(dir); err == nil {
			return check(dir)
		}
	}
	return nil
}

// leftovers returns the names in the folder of a training of what is not to stay there.
func leftovers(t *testing.T, out string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{checkpointFolder, weightsName, "curve.jsonl", "curve.png", "paintings.png", "report.md"}, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// kind returns a name with its number, if it has one, as N.
func kind(name string) string {
	if strings.HasSuffix(name, ".tmp") {
		return ".brushgrad-N.tmp"
	}
	return name
}

// nothingLeft fails if a run has left anything but its results.
func nothingLeft(t *testing.T, out string) {
	t.Helper()
	if names := leftovers(t, out); len(names) > 0 {
		t.Errorf("left in the folder: %q", names)
	}
}

// sameResults fails unless two trainings have bit-identical results. The
// report and the manifest hold the time that it took.
func sameResults(t *testing.T, out, want string) {
	t.Helper()
	nothingLeft(t, out)
	for _, name := range []string{filepath.Join(checkpointFolder, studentFile), filepath.Join(checkpointFolder, paintingsFile), "paintings.png"} {
		a, errA := os.ReadFile(filepath.Join(out, name))
		b, errB := os.ReadFile(filepath.Join(want, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v, %v", name, errA, errB)
		}
	}
	a, errA := vgg.Load(filepath.Join(out, weightsName))
	b, errB := vgg.Load(filepath.Join(want, weightsName))
	if errA != nil || errB != nil || a.Hash() != b.Hash() {
		t.Errorf("the weights differ: %v, %v", errA, errB)
	}
}

// TestTwoInOneFolder: of two trainings that begin at once, one is refused, and the other
// does not notice.
func TestTwoInOneFolder(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	args := []string{
		"--teacher", randomTeacher(t), "--images", pictures(t, 20, 96), "--out", out, "--widths", "4", "--steps", "1000000000", "--joint", "0",
		"--crop", "32", "--batch", "1", "--paint", "0", "--quiet",
	}
	type end struct {
		index  int
		err    error
		stderr string
	}
	ends := make(chan end, 2)
	var programs [2]*exec.Cmd
	for i := range programs {
		programs[i] = command(args...)
		var stderr bytes.Buffer
		programs[i].Stderr = &stderr
		if err := programs[i].Start(); err != nil {
			t.Fatal(err)
		}
		defer programs[i].Process.Kill()
		go func() { ends <- end{i, programs[i].Wait(), stderr.String()} }()
	}
	refused := <-ends
	want := "distil: --out: " + out + ": another run is working in this folder; wait for its end, or choose another folder\n"
	if refused.stderr != want {
		t.Fatalf("%v, %q, want %q", refused.err, refused.stderr, want)
	}
	if err := programs[1-refused.index].Process.Kill(); err != nil { // it runs
		t.Error(err)
	}
	if other := <-ends; other.stderr != "" {
		t.Errorf("the other one: %v, %q", other.err, other.stderr)
	}
	release, err := outfile.LockFolder(out) // nobody keeps out of it now
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
