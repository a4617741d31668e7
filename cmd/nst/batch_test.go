package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
)

// gallery makes folders with 4 contents and 3 styles and returns flags that
// paint them all into the folder out.
func gallery(t *testing.T) (dir string, args []string) {
	t.Helper()
	dir = t.TempDir()
	for _, folder := range []string{"photos", "paintings", "photos/more"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"photos/a.png", "photos/b.png", "photos/c.png", "photos/d.png", "photos/more/e.png", "paintings/x.png", "paintings/y.png", "paintings/z.png"} {
		drawPNG(t, filepath.Join(dir, name), 40, 32, 3+i)
	}
	writeTestFile(t, filepath.Join(dir, "paintings", "notes.txt"), []byte("no picture"))
	return dir, []string{"batch", "--contents", filepath.Join(dir, "photos", "*.png"), "--styles", filepath.Join(dir, "paintings"),
		"--out-dir", filepath.Join(dir, "out"), "--weights", smallWeights, "--size", "36", "--iterations", "1"}
}

// TestBatchSurvivesABrokenInput: one of four contents is no picture, so 3 of 12
// runs fail. What is done is left alone the next time; what failed is tried
// again, and what has a newer input is painted again.
func TestBatchSurvivesABrokenInput(t *testing.T) {
	dir, args := gallery(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	writeTestFile(t, in("photos/b.png"), []byte("broken"))
	code, stdout, stderr := nstRun(t, args...)
	if code != commandline.ExitFailed || !strings.Contains(stderr, "12 pictures: 9 painted, 0 there already, 3 failed") ||
		!strings.Contains(stderr, "b.png: not a picture") || !strings.HasSuffix(stderr, "nst: 3 of 12 pictures failed\n") {
		t.Errorf("exit %d and %q, want %d and a summary", code, stderr, commandline.ExitFailed)
	}
	if n := strings.Count(stdout, "\n"); n != 9 {
		t.Errorf("%d lines on stdout, want one a picture: %q", n, stdout)
	}
	const nine = "a-x.png a-y.png a-z.png c-x.png c-y.png c-z.png d-x.png d-y.png d-z.png"
	if got := listing(t, in("out")); got != nine {
		t.Errorf("results %s, want %s", got, nine)
	}
	mustRun(t, in("photos/c.png"), in("paintings/y.png"), "-o", in("alone.png"), "--weights", smallWeights, "--size", "36", "--iterations", "1", "-q")
	samePicture(t, readPNG(t, in("out/c-y.png")), readPNG(t, in("alone.png")), "c-y.png, painted alone,")

	drawPNG(t, in("photos/b.png"), 40, 32, 7)
	_, stderr = mustRun(t, args...)
	if !strings.Contains(stderr, "12 pictures: 3 painted, 9 there already, 0 failed") || !strings.Contains(stderr, "3 of 12: "+in("out/a-z.png")+" is there already\n") {
		t.Errorf("the second time: %q", stderr)
	}
}

// TestBatchPaintsWhatHasChanged: other flags or other pictures make other results, other
// times and names of the same pictures do not. A file that is none of ours is left alone.
func TestBatchPaintsWhatHasChanged(t *testing.T) {
	dir, args := gallery(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	args = append(args, "--contents", in("photos/a.png"), "--styles", in("paintings/[xy].png"))
	args = slices.Delete(args, 1, 5) // not the others
	weights := in("weights")
	if err := os.CopyFS(weights, os.DirFS(smallWeights)); err != nil {
		t.Fatal(err)
	}
	config := in("c.toml")
	writeTestFile(t, config, []byte("history = 7\nlearning-rate = 3"))
	hour := time.Now().Add(time.Hour)
	for _, c := range []struct {
		what   string
		before func()
		flags  []string
		want   string
	}{
		{"the first time", nil, nil, "2 painted, 0 there already"},
		{"the same", nil, nil, "0 painted, 2 there already"},
		{"newer", func() {
			for _, name := range []string{"photos/a.png", "paintings/x.png", "out/a-y.png"} {
				if err := os.Chtimes(in(name), hour, hour); err != nil {
					t.Error(err)
				}
			}
		}, nil, "0 painted, 2 there already"},
		{"other threads and weights of another name", nil, []string{"--threads", "1", "--weights", weights}, "0 painted, 2 there already"},
		{"a setting without effect", nil, []string{"--config", config, "--optimizer", "adam"}, "2 painted, 0 there already"},
		{"which is another", func() { writeTestFile(t, config, []byte("history = 9\nlearning-rate = 3")) }, []string{"--config", config, "--optimizer", "adam"}, "0 painted, 2 there already"},
		{"as at first", nil, nil, "2 painted, 0 there already"},
		{"another flag", nil, []string{"--beta", "7"}, "2 painted, 0 there already"},
		{"another format", nil, []string{"--beta", "7", "--bits", "16"}, "2 painted, 0 there already"},
		{"another style, older than the result", func() {
			drawPNG(t, in("paintings/x.png"), 40, 32, 5)
			if err := os.Chtimes(in("paintings/x.png"), time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
				t.Error(err)
			}
		}, []string{"--beta", "7", "--bits", "16"}, "1 painted, 1 there already"},
		{"another picture of that name", func() { drawPNG(t, in("out/a-x.png"), 8, 8, 2) }, []string{"--beta", "7", "--bits", "16"},
			"0 painted, 1 there already, 0 failed, 1 left alone"},
		{"all of them", nil, []string{"--beta", "7", "--bits", "16", "--repaint"}, "2 painted, 0 there already"},
	} {
		if c.before != nil {
			c.before()
		}
		if _, stderr := mustRun(t, append(slices.Clone(args), c.flags...)...); !strings.Contains(stderr, "2 pictures: "+c.want) {
			t.Errorf("%s: %q, want %s", c.what, stderr, c.want)
		}
	}
}

// TestTwoBatchesInOneFolder paint each picture once between them. What a killed one has
// left keeps nobody out.
func TestTwoBatchesInOneFolder(t *testing.T) {
	for _, flags := range [][]string{nil, {"--repaint"}} {
		dir, args := gallery(t)
		args = append(args, flags...)
		if err := os.Mkdir(filepath.Join(dir, "out"), 0o777); err != nil {
			t.Fatal(err)
		}
		release, err := outfile.Claim(filepath.Join(dir, "out", "d-z.png"))
		if err != nil {
			t.Fatal(err)
		}
		var texts [2]bytes.Buffer
		var group sync.WaitGroup
		for i := range texts {
			group.Go(func() {
				if code := run(t.Context(), args, terminal{io.Discard, &texts[i]}); code != commandline.ExitOK {
					t.Errorf("exit %d: %s", code, &texts[i])
				}
			})
		}
		group.Wait()
		painted := strings.Count(texts[0].String()+texts[1].String(), "Painting ")
		if painted != 11 {
			t.Errorf("%v: %d pictures were painted, want 11:\n%s\n%s", flags, painted, &texts[0], &texts[1])
		}
		for i := range texts {
			if !strings.Contains(texts[i].String(), "12 of 12: "+filepath.Join(dir, "out", "d-z.png")+" is being painted by another run") {
				t.Errorf("a picture that is claimed is not told: %s", &texts[i])
			}
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if _, text := mustRun(t, args[:len(args)-len(flags)]...); !strings.Contains(text, "12 pictures: 1 painted, 11 there already") {
			t.Errorf("afterwards: %s", text)
		}
		if got := listing(t, filepath.Join(dir, "out")); strings.Contains(got, ".brushgrad") {
			t.Errorf("files: %s", got)
		}
	}
}

// TestBatchTellsWhatItSkips: files of a folder that have no name of a picture, but not
// hidden ones, which other programs put there.
func TestBatchTellsWhatItSkips(t *testing.T) {
	dir, args := gallery(t)
	data := readTestFile(t, filepath.Join(dir, "photos", "a.png"))
	writeTestFile(t, filepath.Join(dir, "paintings", ".hidden.png"), data)
	writeTestFile(t, filepath.Join(dir, "photos", "._a.png"), []byte("of another system"))
	_, stderr := mustRun(t, args...)
	if !strings.Contains(stderr, "12 pictures: 12 painted") || !strings.Contains(stderr, "nst: skipped, as their names are not those of pictures: "+filepath.Join(dir, "paintings", "notes.txt")+"\n") {
		t.Errorf("%q", stderr)
	}
}

// TestBatchKeepsWhatIsComplete: a preview that cannot be written is a failure, but
// none of the picture, which is complete.
func TestBatchKeepsWhatIsComplete(t *testing.T) {
	dir, args := gallery(t)
	previews := filepath.Join(dir, "previews")
	if err := os.Mkdir(previews, 0o777); err != nil {
		t.Fatal(err)
	}
	hook := &lineHook{text: "Painting a", do: func() {
		if err := os.Remove(previews); err != nil {
			t.Error(err)
		}
	}}
	args = append(args, "--contents", filepath.Join(dir, "photos", "a.png"), "--styles", filepath.Join(dir, "paintings", "x.png"), "--preview", filepath.Join(previews, "so-far.png"))
	var stdout bytes.Buffer
	code := run(t.Context(), args, terminal{&stdout, hook})
	if code != commandline.ExitFailed || !strings.Contains(hook.String(), "--preview: ") || !strings.Contains(hook.String(), "a-x.png") {
		t.Errorf("exit %d, %q", code, hook.String())
	}
	readPNG(t, filepath.Join(dir, "out", "a-x.png"))
}

func TestBatchUsage(t *testing.T) {
	dir, args := gallery(t)
	drawPNG(t, filepath.Join(dir, "photos", "more", "a.png"), 8, 8, 2)
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		want string
		code int
		args []string
	}{
		{"missing flags: --contents", commandline.ExitUsage, []string{"batch", "--out-dir", dir, "--styles", dir}},
		{"--beta is -1, but must be 0 or more", commandline.ExitUsage, append(args, "--beta=-1")},
		{"unknown flag --plot", commandline.ExitUsage, append(args, "--plot", in("plot.png"))},
		{"unknown flag -o", commandline.ExitUsage, append(args, "-o", in("out.png"))},
		{"--quality has no effect: a batch writes PNG", commandline.ExitUsage, append(args, "--quality", "80")},
		{"--learning-rate has no effect without --optimizer adam", commandline.ExitUsage, append(args, "--learning-rate", "3")},
		{"unexpected argument", commandline.ExitUsage, append(args, in("photos/a.png"))},
		{"there are no pictures in " + in("*.gif"), commandline.ExitFailed, append(args, "--styles", in("*.gif"))},
		{"there are no pictures in " + in("photos/*.tif"), commandline.ExitFailed, append(args, "--contents", in("photos/*.tif"))},
		{"is a folder that pictures are read from", commandline.ExitFailed, append(args, "--out-dir", in("photos"))},
		{"would be painted twice", commandline.ExitFailed, append(args, "--contents", in("photos/more"))},
	} {
		code, stdout, stderr := nstRun(t, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q, want %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
	if got := listing(t, dir); got != "paintings photos" {
		t.Errorf("files: %s", got)
	}
}

// TestSeveralRunsReadTheWeightsOnce: a folder of weights that goes away after the
// first run is not missed.
func TestSeveralRunsReadTheWeightsOnce(t *testing.T) {
	for _, command := range []string{"batch", "sweep"} {
		dir, args := gallery(t)
		if command == "sweep" {
			args = []string{"sweep", filepath.Join(dir, "photos", "a.png"), filepath.Join(dir, "paintings", "x.png"), "-o", filepath.Join(dir, "sheet.png"),
				"--beta", "1,10,100", "--size", "36", "--iterations", "1"}
		}
		weights := filepath.Join(dir, "weights")
		if err := os.CopyFS(weights, os.DirFS(smallWeights)); err != nil {
			t.Fatal(err)
		}
		var stdout bytes.Buffer
		stderr := &lineHook{text: "2 of ", do: func() {
			if err := os.RemoveAll(weights); err != nil {
				t.Error(err)
			}
		}}
		if code := run(t.Context(), append(args, "--weights", weights), terminal{&stdout, stderr}); code != commandline.ExitOK || stderr.do != nil {
			t.Errorf("%s: exit %d: %s", command, code, stderr)
		}
	}
}
