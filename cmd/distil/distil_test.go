package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline/commandlinetest"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

// pictures writes n small pictures of coloured stripes into a new folder.
func pictures(t *testing.T, n, size int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		rng := rand.New(rand.NewPCG(uint64(i), 0))
		m := image.NewRGBA(image.Rect(0, 0, size, size+i))
		a, b, c := rng.Float64(), rng.Float64(), rng.IntN(256)
		for y := range size + i {
			for x := range size {
				v := uint8(40*(a*float64(x)+b*float64(y))) / 2
				m.Set(x, y, color.RGBA{R: v, G: uint8(c), B: 255 - v, A: 255})
			}
		}
		var buf bytes.Buffer
		if err := png.Encode(&buf, m); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), buf.Bytes())
	}
	return dir
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// randomTeacher writes a small network of random filters and returns its folder.
func randomTeacher(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "teacher")
	if err := vgg.Random(8, 1).WriteFolder(dir, npy.Write); err != nil {
		t.Fatal(err)
	}
	return dir
}

// smallFlags train a tiny student for a few steps.
func smallFlags(t *testing.T, teacher, images, out string) *flags {
	return &flags{
		Teacher: teacher, Images: []string{images}, Out: out, Name: "test",
		Widths: []int{4, 5, 6, 6, 7, 8, 8, 8, 9, 9}, Padding: "teacher",
		Steps: 6, Rate: 3e-3, Joint: 4, JointRate: 1e-3, Batch: 3, Crop: 32, Paint: 4, Seed: 1, Checkpoint: 3, Quiet: true,
	}
}

// trained runs a training and returns the student's weights and the state of
// its optimiser, as bytes.
func trained(t *testing.T, ctx context.Context, f *flags) (string, error) {
	t.Helper()
	tr, err := f.prepare(io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	err = tr.train(ctx, io.Discard)
	return tr.trainer.student.weights().Hash() + fmt.Sprint(tr.trainer.adam.State()), err
}

// TestSameBits: threads make no difference, and neither does an interruption,
// before or after the student has painted, in either phase.
func TestSameBits(t *testing.T) {
	teacher, images := randomTeacher(t), pictures(t, 20, 96)
	threads := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(threads)
	want, err := trained(t, context.Background(), smallFlags(t, teacher, images, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 3} {
		runtime.GOMAXPROCS(n)
		if got, err := trained(t, context.Background(), smallFlags(t, teacher, images, t.TempDir())); err != nil || got != want {
			t.Errorf("%d threads: error %v, or other weights", n, err)
		}
	}
	f := smallFlags(t, teacher, images, t.TempDir())
	for _, steps := range []int{2, 3, 3} {
		if _, err := trained(t, commandlinetest.EndsAfter(context.Background(), steps), f); !errors.Is(err, commandline.ErrInterrupted) {
			t.Fatalf("interrupted: error %v", err)
		}
	}
	if got, err := trained(t, context.Background(), f); err != nil || got != want {
		t.Errorf("interrupted and resumed: error %v, or other weights", err)
	}
	other := smallFlags(t, teacher, images, t.TempDir())
	other.Seed = 2
	if got, err := trained(t, context.Background(), other); err != nil || got == want {
		t.Errorf("another seed: error %v, or the same weights", err)
	}
}

// TestCommand runs the program from the command line to the report, on a
// student that is narrower than its teacher.
func TestCommand(t *testing.T) {
	teacher, images, out := randomTeacher(t), pictures(t, 20, 96), filepath.Join(t.TempDir(), "out")
	write(t, filepath.Join(images, "broken.png"), []byte("no picture"))
	args := []string{
		"--teacher", teacher, "--images", images, "--styles", pictures(t, 2, 80), "--out", out, "--widths", "4,5,8,8,12,12,12,12,12,14",
		"--steps", "60", "--joint", "10", "--crop", "32", "--batch", "2", "--paint", "30", "--rate", "0.01", "--report", "10",
	}
	var stdout, stderr strings.Builder
	if code := run(context.Background(), args, &stdout, &stderr); code != commandline.ExitOK {
		t.Fatalf("exit code %d, stderr %s", code, stderr.String())
	}
	if !strings.Contains(stderr.String(), "broken.png") {
		t.Errorf("stderr %q does not name the broken picture", stderr.String())
	}
	w, err := vgg.Load(filepath.Join(out, "weights"))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Convs[9].Weight.Shape(); got[0] != 14 || got[3] != 12 || len(w.Convs) != 10 {
		t.Errorf("%d layers, the last of shape %v", len(w.Convs), got)
	}
	if w.Trained == nil || w.Trained.Steps != 70 || len(w.Trained.Errors) != 5 || !strings.Contains(w.Trained.Command, "--widths 4,5,8,8,12,12,12,12,12,14 ") {
		t.Errorf("the manifest says %+v", w.Trained)
	}
	for name, e := range w.Trained.Errors {
		if !(e > 0 && e < 0.9) { // a student that gives zeros has 1
			t.Errorf("%s: held-out error %v", name, e)
		}
	}
	for _, name := range []string{"report.md", "curve.png", "paintings.png", "curve.jsonl"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The same command again has nothing left to train, and makes the same report.
	report, _ := os.ReadFile(filepath.Join(out, "report.md"))
	if code := run(context.Background(), args, &stdout, &stderr); code != commandline.ExitOK {
		t.Fatalf("again: exit code %d, stderr %s", code, stderr.String())
	}
	if again, _ := os.ReadFile(filepath.Join(out, "report.md")); !bytes.Equal(again, report) {
		t.Errorf("the report became\n%s\nfrom\n%s", again, report)
	}
	// Nor does it need a curve to draw.
	write(t, filepath.Join(out, "curve.jsonl"), []byte(`{"step": 50, "losses": [1]}`))
	if code := run(context.Background(), args, &stdout, &stderr); code != commandline.ExitOK {
		t.Fatalf("without a curve: exit code %d, stderr %s", code, stderr.String())
	}
}

func TestBadInput(t *testing.T) {
	teacher, images := randomTeacher(t), pictures(t, 20, 96)
	few := pictures(t, 5, 96)
	occupied := filepath.Join(t.TempDir(), "file")
	write(t, occupied, nil)
	used := t.TempDir()
	small := []string{"--crop", "32", "--batch", "2", "--steps", "1", "--joint", "0", "--quiet"}
	begun := &flags{
		Teacher: teacher, Images: []string{images}, Out: used, Widths: []int{4}, Padding: "teacher",
		Steps: 1, Rate: 3e-3, JointRate: 3e-4, Batch: 2, Crop: 32, Paint: 80, Seed: 1, Checkpoint: 500,
	}
	if _, err := trained(t, context.Background(), begun); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no flags", nil, commandline.ExitUsage, "--teacher"},
		{"no teacher", []string{"--teacher", "nowhere", "--images", images, "--out", t.TempDir()}, commandline.ExitFailed, "nowhere"},
		{"no pictures", []string{"--teacher", teacher, "--images", "nowhere", "--out", t.TempDir()}, commandline.ExitFailed, "nowhere"},
		{"no styles", []string{"--teacher", teacher, "--images", images, "--styles", "nowhere", "--out", t.TempDir()}, commandline.ExitFailed, "--styles"},
		{"few pictures", []string{"--teacher", teacher, "--images", few, "--out", t.TempDir()}, commandline.ExitFailed, "16"},
		{"out is a file", []string{"--teacher", teacher, "--images", images, "--out", occupied}, commandline.ExitFailed, "file"},
		{"too wide", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--widths", "9"}, commandline.ExitFailed, "conv1_1 has 8 channels"},
		{"too deep", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--widths", strings.Repeat("8,", 16) + "8"}, commandline.ExitUsage, "17 numbers"},
		{"width 0", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--widths", "8,0"}, commandline.ExitUsage, "conv1_2 has 0 filters"},
		{"rate 2", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--rate", "2"}, commandline.ExitUsage, "--rate is 2"},
		{"huge width", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--widths", "8,1000000000"}, commandline.ExitUsage, "conv1_2 has 1000000000 filters, but must have 1 to 128"},
		{"huge batch", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--batch", "1000000000"}, commandline.ExitUsage, "--batch is 1000000000, but must be from 1 to"},
		{"negative steps", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--joint=-1"}, commandline.ExitUsage, "--joint is -1"},
		{"start of another shape", []string{"--teacher", teacher, "--images", images, "--out", t.TempDir(), "--from", teacher, "--widths", "8,8"}, commandline.ExitFailed, "has the layers"},
		{"another seed", []string{"--teacher", teacher, "--images", images, "--out", used, "--widths", "4", "--seed", "7"}, commandline.ExitFailed, "another seed: 1, now 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := test.args
			if args != nil {
				args = append(slices.Clone(small), args...)
			}
			var stderr strings.Builder
			code := run(context.Background(), args, io.Discard, &stderr)
			text := stderr.String()
			if code != test.code || !strings.Contains(text, test.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("exit code %d, want %d; stderr %q should be a line with %q", code, test.code, text, test.want)
			}
		})
	}
}

func TestWeightsStayUntilThereAreNewOnes(t *testing.T) {
	tr := &training{flags: &flags{Out: t.TempDir()}}
	if err := tr.writeWeights(vgg.Random(8, 1)); err != nil {
		t.Fatal(err)
	}
	want, err := vgg.Load(tr.weightsFolder())
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.writeWeights(&vgg.Weights{}); err == nil {
		t.Fatal("no error for weights without layers")
	}
	if got, err := vgg.Load(tr.weightsFolder()); err != nil || got.Hash() != want.Hash() {
		t.Errorf("the weights of before: %v", err)
	}
	if err := tr.writeWeights(vgg.Random(8, 2)); err != nil {
		t.Fatal(err)
	}
	if got, err := vgg.Load(tr.weightsFolder()); err != nil || got.Hash() == want.Hash() {
		t.Errorf("the new weights: %v", err)
	}
}
