package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
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
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
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
			if !strings.Contains(stdout, "the same picture as that of "+f+", to the bit") || strings.Contains(stderr, "differ") {
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
	if !sameFiles(t, filepath.Join(here, "out.png"), "again.png") {
		// The record names the pictures, which have longer names now.
		a, err := picture.Load(filepath.Join(here, "out.png"), 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := picture.Load("again.png", 0)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a.Data(), b.Data()) {
			t.Error("the pictures differ")
		}
	}
}

func TestAgainSaysWhatDiffers(t *testing.T) {
	content, style, dir := pictures(t)
	_, record := paintedBy(t, dir, "out.png", content, style)
	whole, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
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
	for _, c := range []struct {
		name, from, to string
		code           int
		want           string
	}{
		{"weights", `"weights_sha256": "`, `"weights_sha256": "` + strings.Repeat("0", 64) + `", "was": "`, commandline.ExitFailed, "cannot be painted again: the weights have the SHA-256"},
		{"kernels", implementation, implementation + "other-", commandline.ExitOK, "it was made by the set of kernels other-"},
		{"version", `"version": "`, `"version": "v9.9.9-`, commandline.ExitOK, "it was made by the version v9.9.9-"},
		{"setting", `"seed"`, `"seeds"`, commandline.ExitOK, "this version knows no setting seeds"},
		{"interrupted", `"format"`, `"unfinished": "iteration 2 of 3", "format"`, commandline.ExitOK, "was interrupted, at iteration 2 of 3"},
		{"result", `"picture_sha256": "`, `"picture_sha256": "` + strings.Repeat("0", 64) + `", "was": "`, commandline.ExitFailed, "another picture than that of"},
		{"another beta", `"beta": "40"`, `"beta": "41"`, commandline.ExitFailed, "though everything recorded is as it was"},
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
	if code != commandline.ExitOK || !strings.Contains(stderr, "is another picture") {
		t.Errorf("--anyway: exit %d and %q", code, stderr)
	}
	if err := os.Remove(style); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr = nstRun(t, "again", record, "-o", out, "--anyway"); code != commandline.ExitFailed || !strings.Contains(stderr, "missing: "+style) {
		t.Errorf("missing input: exit %d and %q", code, stderr)
	}
}

// The record of an interrupted run says so.
func TestRecordOfInterruptedRun(t *testing.T) {
	p := &paintCmd{Out: "out.png", networkFlags: networkFlags{Weights: smallWeights}}
	result := &nst.Result{
		Progress: nst.Progress{Iteration: 2, Iterations: 9},
		Picture:  tensor.New(1, 1, 1, 3), Status: optim.Cancelled,
	}
	for _, want := range []string{"iteration 2 of 9", ""} {
		r, err := newRecord(p, result)
		if err != nil {
			t.Fatal(err)
		}
		if r.Unfinished != want {
			t.Errorf("unfinished is %q for status %v, want %q", r.Unfinished, result.Status, want)
		}
		result.Status = optim.MaxIterations
	}
}

// TestEveryFlagIsRecorded gives every flag of nst paint a value that is not its
// default and has it come back from the record. A flag of a type that cannot be
// written fails here.
func TestEveryFlagIsRecorded(t *testing.T) {
	c := &cli{}
	flags, pictures := recorded(c)
	if len(flags) < 15 || len(pictures) != 2 {
		t.Fatalf("only %d flags and %d pictures", len(flags), len(pictures))
	}
	all := append(flags, pictures...)
	for i, v := range all {
		text := fmt.Sprint(i + 2)
		switch {
		case v.Enum != "":
			choices := v.EnumSlice()
			text = choices[len(choices)-1]
		case v.Target.Kind() == reflect.Bool:
			text = "true"
		case v.Target.Kind() == reflect.Slice:
			text = "conv1_2,conv2_2"
		case v.Target.Kind() == reflect.String:
			text = fmt.Sprintf("a, b=%d:-x.png", i)
		}
		if err := v.Parse(kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text}), v.Target); err != nil {
			t.Fatalf("%s: %q: %v", v.Name, text, err)
		}
	}
	settings, err := settingsOf(&c.Paint)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings) != len(all) {
		t.Errorf("%d settings for %d flags and pictures: %v", len(settings), len(all), settings)
	}
	args, unknown := commandLine(settings)
	if len(unknown) > 0 {
		t.Errorf("unknown settings %v", unknown)
	}
	back := &cli{}
	traced, err := kong.Trace(silentParser(back), append([]string{"paint"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	if traced.Error != nil {
		t.Fatalf("%v in %q", traced.Error, args)
	}
	if _, err := traced.Apply(); err != nil {
		t.Fatal(err)
	}
	again, err := settingsOf(&back.Paint)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(settings, again) {
		t.Errorf("settings %v came back as %v", settings, again)
	}
	// Another value of any flag is another record.
	for _, v := range all {
		was := reflect.New(v.Target.Type()).Elem()
		was.Set(v.Target)
		v.Target.SetZero()
		changed, err := settingsOf(&c.Paint)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(settings, changed) {
			t.Errorf("%s has no influence on the record", v.Name)
		}
		v.Target.Set(was)
	}
}

func TestSettingsOfOtherKinds(t *testing.T) {
	one := 3
	for _, c := range []struct {
		value any
		sep   rune
		want  values
	}{
		{"text", -1, values{"text"}},
		{"", -1, nil},
		{-2, -1, values{"-2"}},
		{uint8(2), -1, values{"2"}},
		{0.1, -1, values{"0.1"}},
		{float32(0.1), -1, values{"0.1"}},
		{false, -1, values{"false"}},
		{&one, -1, values{"3"}},
		{(*int)(nil), -1, nil},
		{[]string{"a.jpg=2", "b,c.jpg"}, -1, values{"a.jpg=2", "b,c.jpg"}},
		{[]string{"a", "b,c"}, ',', values{`a,b\,c`}},
		{[]float64{0.5, 2}, ',', values{"0.5,2"}},
		{[]string{}, ',', nil},
	} {
		got, err := format(&kong.Value{Target: reflect.ValueOf(c.value), Tag: &kong.Tag{Sep: c.sep}})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%#v: %q, %v; want %q", c.value, got, err, c.want)
		}
	}
	for _, value := range []any{struct{}{}, []struct{}{{}}, map[string]int{"a": 1}, readsOnly("")} {
		if got, err := format(&kong.Value{Target: reflect.ValueOf(value), Tag: &kong.Tag{}}); err == nil {
			t.Errorf("%#v was recorded as %q", value, got)
		}
	}
}

// readsOnly is a flag's type whose text cannot be written.
type readsOnly string

func (r *readsOnly) UnmarshalText([]byte) error { return nil }

func TestFilesOfSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a.png", "b.png", "x=2", "c"} {
		writeTestFile(t, name, nil)
	}
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	got := values{"a.png=2", "b.png:c", "-:b.png", "x=2", "none.png", "folder", "a.png"}.files()
	if want := []string{"a.png", "b.png", "c", "b.png", "x=2", "a.png"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, c := range [][4]string{
		{"a.png", "a.png", "d/a.png", "d/a.png"},
		{"a.png=2", "a.png", "d/a.png", "d/a.png=2"},
		{"a.png:b.png", "a.png", "d/a.png", "d/a.png:b.png"},
		{"a.png:b.png", "b.png", "d/b.png", "a.png:d/b.png"},
		{"aa.png", "a.png", "d/a.png", "aa.png"},
		{"content", "a.png", "d/a.png", "content"},
	} {
		if got := renamed(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%s with %s for %s: %s, want %s", c[0], c[2], c[1], got, c[3])
		}
	}
}

// The result is as transparent as the content, in the colours of the painting.
func TestPaintKeepsAlpha(t *testing.T) {
	_, style, dir := pictures(t)
	content := filepath.Join(dir, "cutout.png")
	m := image.NewNRGBA(image.Rect(0, 0, 48, 36))
	for y := range 36 {
		for x := range 48 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(7 * y), 90, uint8(255 * (x / 24))})
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, m); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, content, buf.Bytes())
	path, _ := paintedBy(t, dir, "out.png", content, style)
	got := readPNG(t, path)
	for _, c := range []struct {
		x    int
		want uint32
	}{{2, 0}, {38, 0xffff}} {
		if _, _, _, a := got.At(c.x, 15).RGBA(); a != c.want {
			t.Errorf("column %d has alpha %x, want %x", c.x, a, c.want)
		}
	}
}

func TestRecordHoldsWhatIsNeeded(t *testing.T) {
	content, style, dir := pictures(t)
	path, file := paintedBy(t, dir, "out.png", content, style)
	inPicture, err := picture.ReadText(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if inPicture != string(text) {
		t.Error("the picture and the file hold different records")
	}
	var r map[string]any
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	settings := r["settings"].(map[string]any)
	for name, want := range map[string]string{
		"CONTENT": content, "STYLE": style, "size": "40", "iterations": "3", "optimizer": "lbfgs", "seed": "0",
		"style-layers": "conv1_1=1,conv2_1=1,conv3_1=1,conv4_1=1,conv5_1=1", "quality": "95",
	} {
		if settings[name] != want {
			t.Errorf("%s is %v, want %q", name, settings[name], want)
		}
	}
	if inputs := r["inputs"].([]any); len(inputs) != 2 {
		t.Errorf("inputs %v", inputs)
	}
	for _, name := range notRecorded {
		if settings[name] != nil {
			t.Errorf("%s is recorded", name)
		}
	}
}

// FuzzRecord checks that no record makes its reader, or what is done with it
// before a picture is read, panic or print several lines.
func FuzzRecord(f *testing.F) {
	sum := strings.Repeat("0", 64)
	f.Add([]byte(`{"program":"brushgrad nst","settings":{"CONTENT":"a.png","style":["b=1","c"],"size":"40","-":"x"},"inputs":[{"path":"a.png","sha256":"` +
		sum + `"}],"weights_sha256":"` + sum + `","picture_sha256":"` + sum + `","format":".png"}`))
	f.Add([]byte(`{"program":"brushgrad nst","settings":{"beta":"NaN","help":"true"},"weights_sha256":"` + sum + `","picture_sha256":"` + sum + `","format":".png"}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRecord(text)
		if err == nil {
			var settings map[string]values
			if settings, _, err = r.find(dir); err == nil {
				a := &againCmd{File: "x.json", Out: "out.png"}
				_, _, err = a.command(settings)
			}
			for _, d := range r.Made.differences(thisBuild()) {
				if strings.Contains(d, "\n") {
					t.Errorf("several lines: %q", d)
				}
			}
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("several lines: %q", err)
		}
	})
}
