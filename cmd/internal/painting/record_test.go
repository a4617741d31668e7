package painting

import (
	"encoding/json"
	"fmt"
	"image"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// completed returns the record of a run of a job that has ended.
func completed(j Job, status optim.Status) *Record {
	j.Out = "out.png"
	return newRecord(j, nil, strings.Repeat("0", 64), &nst.Result{
		Progress: nst.Progress{Iteration: 2, Iterations: 9},
		Picture:  tensor.New(1, 1, 1, 3), Status: status,
	})
}

// TestRecordHoldsTheJob: every option that has an influence comes back from a record,
// as a value of its own type. Outputs, threads and the limit of decoding are not in it.
func TestRecordHoldsTheJob(t *testing.T) {
	j := unusual(t)
	text := completed(j, optim.MaxIterations).Text()
	r, err := ParseRecord(text)
	if err != nil {
		t.Fatal(err)
	}
	want := j
	want.Outputs, want.Threads, want.Reading = New().Outputs, 0, New().Reading
	if !reflect.DeepEqual(r.Job, want) {
		t.Errorf("got\n%+v, want\n%+v\nfrom %s", r.Job, want, text)
	}
	if len(r.Unknown) > 0 {
		t.Errorf("unknown options %q", r.Unknown)
	}

	var fields struct {
		Schema int
		Job    map[string]any
	}
	if err := json.Unmarshal(text, &fields); err != nil || fields.Schema != 4 {
		t.Fatalf("schema %d, %v, want 4", fields.Schema, err)
	}
	expected := []string{"content", "styles"}
	for _, f := range option.Fields(reflect.TypeFor[Job]()) {
		if name := option.Name(f); !isOutput(name) && name != "threads" && name != "max-decode" {
			expected = append(expected, name)
		}
	}
	slices.Sort(expected)
	if got := slices.Sorted(maps.Keys(fields.Job)); !slices.Equal(got, expected) {
		t.Errorf("the record has %q, want %q", got, expected)
	}
	if len(expected) < 28 {
		t.Errorf("only %d keys", len(expected))
	}
	styles, _ := fields.Job["styles"].([]any)
	for name, want := range map[string]any{
		"content": j.Content, "size": float64(j.Size), "alpha": j.Alpha, "normalize-gradients": true, "optimizer": "adam",
		"style-layers": textOf(t, j.StyleLayers), "styles": []any{
			map[string]any{"file": "x=2.png", "weight": 0.1, "mask": "m:n.png", "style-mask": "all"},
			map[string]any{"file": "y.png", "weight": 3.0},
		},
	} {
		if !reflect.DeepEqual(fields.Job[name], want) {
			t.Errorf("%s is %v, want %v", name, fields.Job[name], want)
		}
	}
	if len(styles) != 2 {
		t.Errorf("%d styles, want 2", len(styles))
	}
}

func isOutput(name string) bool {
	return slices.ContainsFunc(option.Fields(reflect.TypeFor[Outputs]()), func(f reflect.StructField) bool { return option.Name(f) == name })
}

func textOf(t *testing.T, l Layers) string {
	t.Helper()
	text, err := l.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRecordOfInterruptedRun: it says so.
func TestRecordOfInterruptedRun(t *testing.T) {
	for status, want := range map[optim.Status]string{optim.Cancelled: "iteration 2 of 9", optim.MaxIterations: "", optim.Converged: ""} {
		if r := completed(valid(), status); r.Unfinished != want {
			t.Errorf("unfinished is %q for status %v, want %q", r.Unfinished, status, want)
		}
	}
}

// TestInputsAreReadOnce: what is recorded is what was read, in order, without built-in pictures; a
// file is read once, and what becomes of it afterwards changes nothing.
func TestInputsAreReadOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	sources := newSources(t.Context(), New().Reading)
	want := make(map[string]string)
	for _, name := range []string{"b.png", "a.png"} {
		writePNG(t, name, image.NewGray(image.Rect(0, 0, 3, len(want)+1)))
		want[name] = fileSum(name)
	}
	for range 2 {
		for _, name := range []string{"b.png", DemoStyle, "a.png"} {
			if _, _, err := sources.load(name, 8); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile("a.png", []byte("another"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got := sources.inputs(); !slices.Equal(got, []Input{{"a.png", want["a.png"]}, {"b.png", want["b.png"]}}) {
		t.Errorf("inputs %v, want %v", got, want)
	}
}

// replaced returns the text of a record in which something has changed.
func replaced(t *testing.T, text []byte, from, to string) []byte {
	t.Helper()
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s is not in %s", from, text)
	}
	return []byte(strings.Replace(string(text), from, to, 1))
}

func TestRecordsThatAreRefused(t *testing.T) {
	j := valid()
	r := completed(j, optim.MaxIterations)
	r.Inputs = []Input{{"photo.png", strings.Repeat("1", 64)}}
	whole := r.Text()
	for _, c := range []struct{ from, to, want string }{
		{`"brushgrad nst"`, `"brushgrad"`, "this is not the record of a run of nst"},
		{`"schema": 4`, `"schema": 5`, "the record has schema 5, but this version reads schemas up to 4; use a newer nst"},
		{`"schema": 4`, `"schema": 5, "job": {"size": 1}`, "use a newer nst"},
		{`"schema": 4`, `"schema": 5, "job": [], "made_by": 7`, "use a newer nst"},
		{`"job": {`, `"work": {`, "this version cannot paint with the settings recorded: the job is missing"},
		{`"schema": 4`, `"schema": -1`, "the record has schema -1"},
		{`"schema": 4`, `"schema": "4"`, "the record is damaged: schema cannot be a JSON string"},
		{`"size": 512`, `"size": "big\nbad"`, "the record is damaged: size cannot be a JSON string"},
		{`"size": 512`, `"size": 1e99`, "cannot be a JSON number"},
		{`"content-layers": "conv3_2=1,conv4_2=1"`, `"content-layers": "=\n"`, "the record is damaged: "},
		{`"weights_sha256": "00`, `"weights_sha256": "zz`, "the record is damaged: a SHA-256 is missing"},
		{`"picture_sha256": "`, `"picture_sha256": "0`, "the record is damaged: a SHA-256 is missing"},
		{`"format": ".png"`, `"format": "/../../x"`, "is not the extension of a picture"},
		{`"path": "photo.png"`, `"path": ""`, "an input has no path or no SHA-256"},
		{`"sha256": "1`, `"sha256": "g`, "an input has no path or no SHA-256"},
		{`"made_by": {`, `"made_by": {{`, "the record is damaged: "},
		{"{", "[]", "the record is damaged: "},
	} {
		if _, err := ParseRecord(replaced(t, whole, c.from, c.to)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
	for _, text := range []string{"[]", "7", "null", `{"program": "another"}`} {
		if _, err := ParseRecord([]byte(text)); err == nil || err.Error() != "this is not the record of a run of nst" {
			t.Errorf("%s: %v, want no record", text, err)
		}
	}
}

// TestUnknownOptions: the keys of a job that are no options are named, in order.
func TestUnknownOptions(t *testing.T) {
	whole := completed(valid(), optim.MaxIterations).Text()
	r, err := ParseRecord(replaced(t, whole, `"seed": 0`, `"seeds": 0, "new\nkey": {"a": [1]}, "job": 7`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"job", "new\nkey", "seeds"}; !slices.Equal(r.Unknown, want) {
		t.Errorf("unknown are %q, want %q", r.Unknown, want)
	}
	if want := valid(); !reflect.DeepEqual(r.Job, want) {
		t.Errorf("the job is\n%+v, want\n%+v", r.Job, want)
	}
}

// TestRecordsFromBeforeTheNewCost: a record of schema 2 or 3, which has no word of the
// options of schema 4, is that of a classical job.
func TestRecordsFromBeforeTheNewCost(t *testing.T) {
	sum := strings.Repeat("0", 64)
	// The job of nst photo.png painting.png in schema 3, without the style cost.
	const job = `"content": "photo.png", "styles": [{"file": "painting.png", "weight": 1}], "size": 512,
		"alpha": 10, "beta": 40, "tv": 0, "range": 0.1, "content-layers": "conv4_2=1", "style-layers": "conv1_1=1,conv2_1=1,conv3_1=1,conv4_1=1,conv5_1=1",
		"color": "style", "style-scale": 1, "style-size": 0, "init": "content", "init-noise": 0, "seed": 0, "iterations": 350, "scales": 0, "min-size": 128,
		"margin": 16, "optimizer": "lbfgs", "history": 20, "learning-rate": 5, "average-decay": 0.9, "normalize-gradients": false, "pooling": "max",
		"quality": 95, "bits": 0, "dpi": 0`
	const few = `"content": "photo.png", "styles": [{"file": "painting.png", "weight": 1}]`
	for _, c := range []struct {
		schema         int
		job, styleCost string
	}{
		{3, job + `, "style-cost": "gram"`, "gram"},
		{3, job + `, "style-cost": "mean-std"`, "mean-std"},
		{3, job + `, "style-cost": "wasserstein"`, "wasserstein"},
		{3, job, "gram"},
		{3, few, "gram"},
		{3, few + `, "style-cost": "wasserstein"`, "wasserstein"},
		{2, few + `, "style-cost": "wasserstein"`, "wasserstein"},
		{2, few, "gram"},
		{4, few + `, "style-cost": "wasserstein"`, "wasserstein"},
		{4, few, "sliced"},
	} {
		text := fmt.Sprintf(`{"program": "brushgrad nst", "schema": %d, "job": {%s}, "weights_sha256": %q, "picture_sha256": %q, "format": ".png"}`, c.schema, c.job, sum, sum)
		r, err := ParseRecord([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want := with(c.styleCost)
		if c.schema < 3 {
			want.Margin = 0
		}
		if !reflect.DeepEqual(r.Job, want) || len(r.Unknown) > 0 {
			t.Errorf("%s: unknown %q, got\n%+v, want\n%+v", text, r.Unknown, r.Job, want)
		}
	}
}

func TestReadRecord(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "r.json", string(completed(valid(), optim.MaxIterations).Text()))
	if r, err := ReadRecord("r.json"); err != nil || r.Job.Content != "photo.png" {
		t.Errorf("%+v, %v", r, err)
	}
	drawPNG(t, "plain.png", 8, 8, 2)
	writeFile(t, "text.png", "no picture")
	writeFile(t, "x.jpg", "x")
	writeFile(t, "cut.json", `{"program": "brush`)
	if err := os.Mkdir("folder.json", 0o777); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"none.png": "none.png: ", "none.json": "none.json: ", "plain.png": "plain.png: this PNG holds no text", "text.png": "text.png: not a PNG",
		"x.jpg": "x.jpg: only a PNG holds the record", "cut.json": "cut.json: the record is damaged", "folder.json": "folder.json: ",
	} {
		if _, err := ReadRecord(path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestDifferencesOfBuilds(t *testing.T) {
	now := Build{"v1.2.3", "go1.26", "linux/amd64", "avx2"}
	if got := now.Differences(now); len(got) > 0 {
		t.Errorf("a build differs from itself: %q", got)
	}
	got := Build{"v1\n.0", "go1.26", "linux/arm64", "neon"}.Differences(now)
	want := []string{
		"it was made by the version v1 .0, and this is v1.2.3",
		"it was made by the platform linux/arm64, and this is linux/amd64",
		"it was made by the set of kernels neon, and this is avx2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzRecord: no record, of whatever schema, makes its reader, or what is done with it
// before a picture is read, panic or print several lines.
func FuzzRecord(f *testing.F) {
	sum := strings.Repeat("0", 64)
	end := `"weights_sha256":"` + sum + `","picture_sha256":"` + sum + `","format":".png"}`
	for _, seed := range []string{
		`{"program":"brushgrad nst","settings":{"CONTENT":"a.png","style":["b=1","c"],"size":"40","-":"x"},"inputs":[{"path":"a.png","sha256":"` + sum + `"}],` + end,
		`{"program":"brushgrad nst","settings":{"beta":"NaN","help":"true"},` + end,
		`{"program":"brushgrad nst","settings":{"CONTENT":"a.png","STYLE":["b","c"],"mask":["m:n","all"],"content-layers":"","color":["style"],"seed":[]},` + end,
		`{"program":"brushgrad nst","schema":1,"settings":{"init":"content","weights":"w","trace":"t","bits":"12"},` + end,
		`{"program":"brushgrad nst","schema":2,"job":{"content":"a.png","styles":[{"file":"b.png","weight":1,"mask":"m"}],"init":"a.png"},"inputs":[{"path":"a.png","sha256":"` + sum + `"}],` + end,
		`{"program":"brushgrad nst","schema":2,"job":{"size":-1,"out":"/x","size\n":1,"styles":[null]},"made_by":{"go":"a\nb"},` + end,
		`{"program":"brushgrad nst","schema":2,"job":null,"unfinished":"\n",` + end,
		`{"program":"brushgrad nst","schema":3,"job":{"content":"a.png","styles":[{"file":"b.png","weight":1}],"style-cost":"wasserstein","margin":8},` + end,
		`{"program":"brushgrad nst","schema":4,"job":{"style-cost":"gram","strength":75,"style-sizes":2},` + end,
		`{"program":"brushgrad nst","schema":5,"job":[],` + end,
	} {
		f.Add([]byte(seed))
	}
	f.Add(completed(valid(), optim.MaxIterations).Text())
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.png"), []byte("a"), 0o666); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		oneLine := func(s string) {
			if strings.Contains(s, "\n") {
				t.Errorf("several lines: %q", s)
			}
		}
		r, err := ParseRecord(text)
		if err != nil {
			oneLine(err.Error())
			return
		}
		for _, d := range r.Made.Differences(ThisBuild()) {
			oneLine(d)
		}
		changed, err := r.FindInputs(dir)
		for _, c := range changed {
			oneLine(c)
		}
		if err != nil {
			oneLine(err.Error())
			return
		}
		r.Job.Outputs = New().Outputs
		_ = r.Job.Check() // who prints it takes care of the lines: the names of files are in it
	})
}
