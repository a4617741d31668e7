package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline/commandlinetest"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// TestASecondRunKeepsTheFirst: names that are not given count up, also beside a picture
// that is not finished; those that are given are written over.
func TestASecondRunKeepsTheFirst(t *testing.T) {
	content, style, dir := pictures(t)
	t.Chdir(dir)
	flags := []string{"--weights", weightsFromHere, "--size=40", "--iterations=1", "--quiet"}
	paint := func(args ...string) { t.Helper(); mustRun(t, append(args, flags...)...) }
	paint(content, style)
	first := readTestFile(t, "photo-painting.png")
	paint(content, style, "--beta", "7")
	stdout, _ := mustRun(t, append([]string{content, style, "--json"}, flags[:4]...)...)
	if !strings.HasPrefix(stdout, `{"out":"photo-painting-3.png",`) {
		t.Errorf("--json: %s", stdout)
	}
	if string(readTestFile(t, "photo-painting.png")) != string(first) {
		t.Error("the second run has written over the first picture")
	}
	paint(content, style, "-o", "photo-painting.png", "--beta", "7")
	if string(readTestFile(t, "photo-painting.png")) != string(readTestFile(t, "photo-painting-2.png")) {
		t.Error("a name that is given is not written over, or the settings differ")
	}
	paint("demo")
	paint()
	mustRun(t, "again", "nst-demo-2.png", "-q")
	mustRun(t, "again", "nst-demo-2.png", "-q")
	for range 2 {
		paint("sweep", content, style, "--beta", "1,2")
	}
	const want = "nst-demo-2-again-2.png nst-demo-2-again.png nst-demo-2.png nst-demo.png painting.png " +
		"photo-painting-2.png photo-painting-3.png photo-painting-sweep-2.png photo-painting-sweep.png photo-painting.png photo.png"
	if got := listing(t, "."); got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
}

// TestUnfinishedPicturesAreKept: a run does not take the name of one that was interrupted.
func TestUnfinishedPicturesAreKept(t *testing.T) {
	content, style, dir := pictures(t)
	t.Chdir(dir)
	for range 2 {
		code := run(commandlinetest.EndsAfter(t.Context(), 20), []string{content, style, "--weights", weightsFromHere, "--size=40", "--iterations=1000000", "-q"}, terminal{&strings.Builder{}, &strings.Builder{}})
		if code != commandline.ExitInterrupted {
			t.Errorf("exit %d", code)
		}
	}
	if got := listing(t, "."); got != "painting.png photo-painting-2-unfinished.png photo-painting-unfinished.png photo.png" {
		t.Errorf("files: %s", got)
	}
}

// TestFlagsWithoutEffect: on the command line they are an error, in a file, a preset or a
// record they are not; in a sweep one effect is enough.
func TestFlagsWithoutEffect(t *testing.T) {
	for args, want := range map[string]string{
		"--learning-rate 3":                              "--learning-rate has no effect without --optimizer adam",
		"--learning-rate 5":                              "--learning-rate has no effect without --optimizer adam", // the default
		"--learning-rate 3 --optimizer adam":             "",
		"--average-decay 0.5":                            "--average-decay has no effect without --optimizer adam",
		"--history 3":                                    "",
		"--history 3 --optimizer adam":                   "--history has no effect without --optimizer lbfgs",
		"--seed 3":                                       "--seed has no effect without --init noise or --init-noise",
		"--seed 3 --init noise":                          "",
		"--seed 3 --preset abstract":                     "",
		"--seed 3 --init-noise 0.5":                      "",
		"--init-noise 0.5 --init noise":                  "--init-noise has no effect with --init noise",
		"--min-size 64 --scales 1":                       "--min-size has no effect with --scales 1",
		"--min-size 64 --scales 3":                       "",
		"--quality 50":                                   "--quality has no effect without --out *.jpg or --out *.jpeg",
		"--quality 50 -o x.tiff":                         "--quality has no effect without --out",
		"--quality 50 -o x.JPG":                          "",
		"--bits 8 --dpi 300":                             "",
		"--frame-every 2":                                "--frame-every has no effect without --frames",
		"--frame-every 2 --frames x":                     "",
		"sweep --learning-rate 3,4":                      "--learning-rate has no effect without --optimizer adam",
		"sweep --learning-rate 3 --beta 1,2":             "--learning-rate has no effect without --optimizer adam",
		"sweep --learning-rate 3 --optimizer=lbfgs,adam": "",
		"sweep --seed 3,4 --preset faithful,abstract":    "",
		"sweep --beta 3,4 --quality 80":                  "--quality has no effect without",
		"sweep --beta 3,4 --quality 80 -o a.jpg":         "",
	} {
		_, err := parse(t, strings.Fields(args)...)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	config := filepath.Join(t.TempDir(), "c.json")
	writeTestFile(t, config, []byte(`{"learning-rate": 3, "history": 5, "quality": 80, "seed": 3}`))
	if _, err := parsePaint(t, "--config", config); err != nil {
		t.Errorf("in a file: %v", err)
	}
	job := painting.New()
	job.Content, job.Styles, job.Out = "a", []painting.Style{{File: "b", Weight: 1}}, "c.png"
	job.LearningRate, job.Seed, job.Quality = 3, 4, 50
	if err := job.Check(); err != nil { // as of an old record
		t.Errorf("in a job: %v", err)
	}
}
