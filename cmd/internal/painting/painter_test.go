package painting

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
)

// small returns a job that takes a fraction of a second, in an empty folder that the
// test is in from now on.
func small(t *testing.T) Job {
	t.Helper()
	weights, err := filepath.Abs(smallWeights)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	drawPNG(t, "photo.png", 48, 36, 9)
	drawPNG(t, "painting.png", 40, 40, 3)
	j := valid()
	j.Size, j.Iterations, j.Weights, j.Out = 40, 2, weights, "out.png"
	return j
}

// TestPainterListsItsFiles: all that are there, and no others.
func TestPainterListsItsFiles(t *testing.T) {
	j := small(t)
	j.Outputs = Outputs{
		Out: "out.tiff", Record: "out.json", Showing: Showing{Preview: "now.png"}, Frames: "frames", Timelapse: "out.gif",
		FrameEvery: 1, Trace: "trace.jsonl", Plot: "plot.png",
	}
	inputs := files(t)
	var plan Plan
	evaluations, warnings := 0, 0
	p, err := (&Painter{}).Paint(t.Context(), j, Observers{
		Plan: func(p Plan) { plan = p }, Evaluation: func(nst.Progress) { evaluations++ }, Warn: func(string) { warnings++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Save(nil); err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(files(t), func(name string) bool { return slices.Contains(inputs, name) })
	got := slices.Sorted(slices.Values(p.Files()))
	if !slices.Equal(got, want) || len(got) != 9 {
		t.Errorf("listed %q, but there are %q", got, want)
	}
	if plan.Width != 40 || plan.Height != 30 || plan.Time <= 0 || evaluations != p.Evaluations || warnings > 0 {
		t.Errorf("plan %+v, %d evaluations of %d, %d warnings", plan, evaluations, p.Evaluations, warnings)
	}
}

// files returns the names of all files in the current folder and below.
func files(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// TestPainterWithoutAPicture: then there is a nil painting, an error and no file.
func TestPainterWithoutAPicture(t *testing.T) {
	j := small(t)
	before := files(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for want, c := range map[string]struct {
		ctx    context.Context
		change func(*Job)
	}{
		"before the first iteration":  {cancelled, func(*Job) {}},
		"--size is 0":                 {t.Context(), func(j *Job) { j.Size = 0 }},
		"none.png":                    {t.Context(), func(j *Job) { j.Content = "none.png" }},
		"the folder none":             {t.Context(), func(j *Job) { j.Plot = filepath.Join("none", "plot.png") }},
		"--weights: ":                 {t.Context(), func(j *Job) { j.Weights = "none" }},
		"too small":                   {t.Context(), func(j *Job) { j.Size = 9 }},
		"--init is content, style, n": {t.Context(), func(j *Job) { j.Init = "gray" }},
	} {
		job := j
		job.Preview, job.Timelapse = "now.png", "out.gif"
		c.change(&job)
		p, err := (&Painter{}).Paint(c.ctx, job, Observers{})
		if p != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v, want no painting and %q", p, err, want)
		}
		if c.ctx == cancelled && !errors.Is(err, ErrNoPicture) {
			t.Errorf("interrupted: %v", err)
		}
		if after := files(t); !slices.Equal(after, before) {
			t.Errorf("%s: files before: %q, after: %q", want, before, after)
		}
	}
}

// TestPainterReadsWeightsOnce: the second run does not miss a folder that has gone.
func TestPainterReadsWeightsOnce(t *testing.T) {
	j := small(t)
	if err := os.CopyFS("weights", os.DirFS(j.Weights)); err != nil {
		t.Fatal(err)
	}
	j.Weights = "weights"
	painter := &Painter{}
	first, err := painter.Paint(t.Context(), j, Observers{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll("weights"); err != nil {
		t.Fatal(err)
	}
	second, err := painter.Paint(t.Context(), j, Observers{})
	if err != nil {
		t.Fatal(err)
	}
	if first.Record.Picture != second.Record.Picture || first.Record.Weights == "" {
		t.Errorf("the records have the pictures %s and %s", first.Record.Picture, second.Record.Picture)
	}
	j.Weights, j.Size = "", 48
	if third, err := painter.Paint(t.Context(), j, Observers{}); err != nil || third.Record.Weights == first.Record.Weights {
		t.Errorf("other weights: %v, and the record says the same", err)
	}
}

// TestSaveReportsWhatWentWrong: with the error of the run before that of writing.
func TestSaveReportsWhatWentWrong(t *testing.T) {
	j := small(t)
	p, err := (&Painter{}).Paint(t.Context(), j, Observers{})
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("the cost is infinite")
	if err := p.Save(failure); !errors.Is(err, failure) || err.Error() != "the cost is infinite; the picture of iteration 2 is in out.png" {
		t.Errorf("%v, want the error of the run and where the picture is", err)
	}
	readPNG(t, "out.png")
	if err := os.Remove("photo.png"); err != nil {
		t.Fatal(err)
	}
	if err := p.Save(nil); err != nil {
		t.Errorf("the content, which has been read, is gone: %v", err)
	}
	p.Job.Record, p.Job.Plot = filepath.Join("none", "out.json"), "plot.png"
	if err := p.Save(nil); err == nil || err.Error() != "--record: "+p.Job.Record+": cannot write this file: no such file or directory; the picture of iteration 2 is in out.png" && runtime.GOOS != "windows" {
		t.Errorf("%v, want a word of the record", err)
	}
	readPNG(t, "plot.png") // all that can be written is

	p.Job.Out, p.Job.Record, p.Job.Plot = filepath.Join("none", "out.png"), "out.json", "plot2.png"
	err = p.Save(failure)
	why, saved, ok := strings.Cut(fmt.Sprint(err), "; the picture is saved as ")
	if !ok || !errors.Is(err, failure) || !strings.Contains(why, "cannot write this file") {
		t.Fatalf("%v, want both errors, and where the picture is", err)
	}
	readPNG(t, saved)
	readPNG(t, "plot2.png")
	if _, err := ReadRecord("out.json"); err != nil {
		t.Error(err)
	}
	if got := p.Files(); got[len(got)-3] != saved {
		t.Errorf("listed are %q, without %s", got, saved)
	}
}
