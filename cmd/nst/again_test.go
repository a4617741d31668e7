package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// paintedBy runs nst paint with a small network and a record, and returns the
// names of the picture and the record.
func paintedBy(t *testing.T, dir, out string, args ...string) (path, record string) {
	t.Helper()
	path, record = filepath.Join(dir, out), filepath.Join(dir, "record.json")
	mustRun(t, append([]string{"--weights", smallWeights, "--quiet", "-o", path, "--record", record, "--iterations=3", "--size=40"}, args...)...)
	return path, record
}

func sameFiles(t *testing.T, a, b string) bool {
	t.Helper()
	return bytes.Equal(readTestFile(t, a), readTestFile(t, b))
}

// TestAgain: what is painted again is the same file to the last byte, from the
// picture and from the record, on another number of cores, for every format.
func TestAgain(t *testing.T) {
	content, style, dir := pictures(t)
	for name, args := range map[string][]string{
		"plain.png":   nil,
		"sixteen.png": {"--bits=16", "--dpi=300", "--init=noise", "--seed=7", "--pooling=avg"},
		"adam.tiff":   {"--optimizer=adam", "--tv=0.001", "--style-layers=conv1_1=0.3,conv3_1=2", "--content-layers=conv2_2,conv4_2"},
		"coarse.jpg":  {"--quality=40", "--init=style", "--alpha=0.1", "--beta=1e3", "--history=2"},
	} {
		path, record := paintedBy(t, dir, name, append(args, content, style)...)
		from := []string{record}
		if strings.HasSuffix(name, ".png") {
			from = append(from, path)
		}
		for _, f := range from {
			out := filepath.Join(dir, "again"+filepath.Ext(name))
			stdout, stderr := mustRun(t, "again", f, "-o", out, "--threads=1")
			if !strings.Contains(stdout, "the same picture as that of "+f+", bit for bit") || strings.Contains(stderr, "differ") {
				t.Errorf("%s from %s: stdout %q, stderr %q", name, f, stdout, stderr)
			}
			if !sameFiles(t, path, out) {
				t.Errorf("%s from %s: the files differ", name, f)
			}
		}
	}
}

func TestAgainDemo(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRun(t, "--weights", weightsFromHere, "--size=40", "--iterations=1", "--quiet")
	mustRun(t, "again", "nst-demo.png", "--quiet")
	if !sameFiles(t, "nst-demo.png", "nst-demo-again.png") {
		t.Error("the files differ")
	}
}

// weightsFromHere are smallWeights for a test that leaves its folder.
var weightsFromHere, _ = filepath.Abs(smallWeights)

// A folder that was moved as a whole still paints.
func TestAgainInAnotherFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	drawPNG(t, "photo.png", 48, 36, 9)
	if err := os.Mkdir("styles", 0o777); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, "style", nil) // has the name of a choice of --color, and nothing to do with the run
	drawPNG(t, "styles/painting.png", 40, 40, 3)
	if err := os.CopyFS("weights", os.DirFS(weightsFromHere)); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "photo.png", "styles/painting.png", "-o", "out.png", "--weights=weights", "--size=40", "--iterations=1", "--quiet")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	mustRun(t, "again", filepath.Join(here, "out.png"), "-o", "again.png", "--quiet")
	// The files differ: the record in the second has the longer names.
	samePicture(t, readPNG(t, "again.png"), readPNG(t, filepath.Join(here, "out.png")), "again.png")
}

func TestAgainSaysWhatDiffers(t *testing.T) {
	content, style, dir := pictures(t)
	_, record := paintedBy(t, dir, "out.png", content, style)
	whole := readTestFile(t, record)
	out := filepath.Join(dir, "again.png")
	edited := func(from, to string) string {
		path := filepath.Join(dir, "edited.json")
		changed := bytes.ReplaceAll(whole, []byte(from), []byte(to))
		if bytes.Equal(changed, whole) {
			t.Fatalf("the record has no %q: %s", from, whole)
		}
		writeTestFile(t, path, changed)
		return path
	}
	implementation := `"implementation": "`
	beta := painting.New().Beta
	for _, c := range []struct {
		name, from, to string
		code           int
		want           string
	}{
		{"weights", `"weights_sha256": "`, `"weights_sha256": "` + strings.Repeat("0", 64) + `", "was": "`, commandline.ExitFailed, "cannot be painted again: the weights have the SHA-256"},
		{"kernels", implementation, implementation + "other-", commandline.ExitOK, "it was made by the set of kernels other-"},
		{"version", `"version": "`, `"version": "v9.9.9-`, commandline.ExitOK, "it was made by the version v9.9.9-"},
		{"setting", `"seed"`, `"seeds"`, commandline.ExitOK, "seeds is not a setting of this version, or has changed its meaning"},
		{"interrupted", `"format"`, `"unfinished": "iteration 2 of 3", "format"`, commandline.ExitOK, "was interrupted, at iteration 2 of 3"},
		{"result", `"picture_sha256": "`, `"picture_sha256": "` + strings.Repeat("0", 64) + `", "was": "`, commandline.ExitFailed, "differs from the picture of"},
		{"another beta", fmt.Sprintf(`"beta": %v,`, beta), fmt.Sprintf(`"beta": %v,`, beta+1), commandline.ExitFailed, "though everything recorded is as it was"},
	} {
		code, _, stderr := nstRun(t, "again", edited(c.from, c.to), "-o", out, "--quiet")
		if code != c.code || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d and %q, want %d and %q", c.name, code, stderr, c.code, c.want)
		}
	}

	drawPNG(t, style, 40, 40, 4)
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := nstRun(t, "again", record, "-o", out, "--quiet")
	if code != commandline.ExitFailed || !strings.Contains(stderr, "painting.png has changed: its SHA-256 is") {
		t.Errorf("changed input: exit %d and %q", code, stderr)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("painted with a changed input")
	}
	code, _, stderr = nstRun(t, "again", record, "-o", out, "--quiet", "--anyway")
	if code != commandline.ExitOK || !strings.Contains(stderr, "differs from the picture of") {
		t.Errorf("--anyway: exit %d and %q", code, stderr)
	}
	if err := os.Remove(style); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr = nstRun(t, "again", record, "-o", out, "--anyway"); code != commandline.ExitFailed || !strings.Contains(stderr, "missing: "+style) {
		t.Errorf("missing input: exit %d and %q", code, stderr)
	}
}
