package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// parsePaint parses a command line of nst paint.
func parsePaint(t *testing.T, args ...string) (paintCmd, error) {
	t.Helper()
	c, err := parse(t, append([]string{"paint", "a.png", "b.png"}, args...)...)
	return c.Paint, err
}

// withPreset returns a job without pictures that has the options of a preset.
func withPreset(t *testing.T, name string) painting.Job {
	t.Helper()
	j := painting.New()
	if err := j.Apply(nil, painting.Presets[name]); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestConfig: a file counts more than its preset, a flag more than the file.
func TestConfig(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "style.toml")
	writeTestFile(t, path, []byte(`# a comment
beta = 7
alpha = 2.5
iterations = 12
style-layers = ["conv1_1=2", "conv2_1"]
content_layers = ["conv3_1", "conv3_2"]
color = "match"
quiet = true
preset = "abstract"
frame-every = "4"
frames = "f"
`))
	asJSON := filepath.Join(dir, "style.json")
	writeTestFile(t, asJSON, []byte(`{"beta": 7, "alpha": 2.5, "iterations": 12, "style-layers": "conv1_1=2,conv2_1",
		"content-layers": ["conv3_1", "conv3_2"], "color": "match", "quiet": true, "preset": "abstract", "frame_every": 4, "frames": "f"}`))
	args := []string{"--beta=7", "--alpha=2.5", "--iterations=12", "--style-layers=conv1_1=2,conv2_1", "--content-layers=conv3_1,conv3_2",
		"--color=match", "--quiet", "--frame-every=4", "--frames=f"}
	for name, value := range painting.Presets["abstract"] {
		if name != "content-layers" { // which the file has
			args = append(args, "--"+name, value)
		}
	}
	want, err := parsePaint(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, asJSON} {
		got, err := parsePaint(t, "--config", file)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.job, want.job) || got.reportFlags != want.reportFlags {
			t.Errorf("%s gives\n%+v, want\n%+v", file, got, want)
		}
		got, err = parsePaint(t, "--beta", "8", "--config", file, "--preset", "oil", "--tv=0.5", "--no-such=1")
		if err == nil {
			t.Errorf("an unknown flag is taken: %+v", got)
		}
		got, err = parsePaint(t, "--beta", "8", "--config", file, "--preset", "oil", "--tv=0.5")
		if err != nil {
			t.Fatal(err)
		}
		oil := withPreset(t, "oil")
		if got.job.Beta != 8 || got.job.Iterations != 12 || got.job.TV != 0.5 || got.job.Init != oil.Init || got.job.Strength != oil.Strength {
			t.Errorf("flags do not count more than the file: %+v", got.job)
		}
	}
}

// TestPrecedence: what is typed counts more than the file, the file more than the
// preset, the preset more than what a command has for the built-in pictures, and that
// more than the default; also where what is given is the default.
func TestPrecedence(t *testing.T) {
	plain, abstract := painting.New(), withPreset(t, "abstract")
	if plain.Strength == abstract.Strength || plain.Init == abstract.Init {
		t.Fatal("the preset does not differ from the defaults")
	}
	path := filepath.Join(t.TempDir(), "x.toml")
	writeTestFile(t, path, fmt.Appendf(nil, "strength = %v\nsize = 300\n", plain.Strength)) // the default
	const demoIterations = 50
	for _, c := range []struct {
		args                   string
		strength               float64
		init                   string
		size, iterations       int
		fromContent, fromStyle string
	}{
		{"a.png b.png", plain.Strength, "content", 512, plain.Iterations, "a.png", "b.png"},
		{"a.png b.png --preset abstract", abstract.Strength, abstract.Init, 512, abstract.Iterations, "a.png", "b.png"},
		{fmt.Sprintf("a.png b.png --preset abstract --strength %v", plain.Strength), plain.Strength, abstract.Init, 512, abstract.Iterations, "a.png", "b.png"},
		{"a.png b.png --preset abstract --config " + path, plain.Strength, abstract.Init, 300, abstract.Iterations, "a.png", "b.png"},
		{"a.png b.png --preset abstract --config " + path + " --init content --strength 3", 3, "content", 300, abstract.Iterations, "a.png", "b.png"},
		{"", plain.Strength, "content", 400, demoIterations, painting.DemoContent, painting.DemoStyle},
		{"--size 512", plain.Strength, "content", 512, demoIterations, painting.DemoContent, painting.DemoStyle},
		{"--preset abstract --config " + path, plain.Strength, abstract.Init, 300, demoIterations, painting.DemoContent, painting.DemoStyle},
		{"--iterations 350 --init style", plain.Strength, "style", 400, 350, painting.DemoContent, painting.DemoStyle},
	} {
		for _, command := range []string{"paint", "demo"} {
			if command == "demo" && c.fromContent == "a.png" {
				continue
			}
			got, err := parse(t, append([]string{command}, strings.Fields(c.args)...)...)
			if err != nil {
				t.Errorf("%s %s: %v", command, c.args, err)
				continue
			}
			j := got.Paint.job
			if command == "demo" {
				j = got.Demo.job
			}
			if j.Strength != c.strength || j.Init != c.init || j.Size != c.size || j.Iterations != c.iterations || j.Content != c.fromContent || j.Styles[0].File != c.fromStyle {
				t.Errorf("%s %s: %+v, want %+v", command, c.args, j, c)
			}
		}
	}
}

// TestConfigWithAByteOrderMark: as editors on Windows write it.
func TestConfigWithAByteOrderMark(t *testing.T) {
	for name, text := range map[string]string{"a.toml": "\ufeffbeta = 7", "a.json": "\ufeff{\"beta\": 7}"} {
		path := filepath.Join(t.TempDir(), name)
		writeTestFile(t, path, []byte(text))
		if got, err := parsePaint(t, "--config", path); err != nil || got.job.Beta != 7 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, want string }{
		{"a.toml", "betta = 7", `a.toml: unknown key "betta"`},
		{"a.toml", "[beta]\nx = 7", "a.toml: line 1: a table; a list of flags has none"},
		{"a.toml", "beta = 'much'", `a.toml: key "beta": "much" is not a number`},
		{"a.toml", "iterations = 1.5", `a.toml: key "iterations": "1.5" is not a whole number`},
		{"a.toml", "iterations = [1, 2]", `a.toml: key "iterations": the flag takes one value`},
		{"a.toml", "quiet = 'perhaps'", `a.toml: key "quiet": `},
		{"a.toml", "beta = 1979-05-27", `a.toml: key "beta": the value must be`},
		{"a.toml", "color = 'purple'", `a.toml: key "color": "purple" is not one of style,content,match`},
		{"a.toml", "preset = 'nice'", `a.toml: key "preset": "nice" is not one of abstract,classic,faithful,ink,oil,poster,watercolour`},
		{"a.toml", "config = 'a.toml'", `a.toml: unknown key "config"`},
		{"a.toml", "version = true", `a.toml: unknown key "version"`},
		{"a.toml", "beta = ", "a.toml: toml: line 1"},
		{"a.toml", "frame-every = 1\nframe_every = 2", `a.toml: key "frame_every" is given twice`},
		{"a.toml", "style-layers = 'conv1_1=x'", `a.toml: key "style-layers": `},
		{"a.json", `{"beta": 7`, "a.json: this is not a JSON object"},
		{"a.json", `[7]`, "a.json: this is not a JSON object: it is a JSON array"},
		{"a.json", ``, "a.json: this is not a JSON object: the file is empty"},
		{"a.json", `{"beta": 7} {}`, "a.json: unexpected data after the JSON object"},
		{"a.json", `{"beta": null}`, `a.json: key "beta": the value must be`},
		{"a.json", "\xff\xfe{\x00}\x00", "a.json: the text is UTF-16"},
		{"a.toml", "\xfe\xff\x00b", "a.toml: the text is UTF-16"},
		{"a.yaml", "beta: 7", "a.yaml: the name must end in .toml or .json"},
		{"a.toml", strings.Repeat("#", maxConfigBytes+1), "a.toml: the file is too large"},
	} {
		path := filepath.Join(dir, c.name)
		writeTestFile(t, path, []byte(c.text))
		code, stdout, stderr := nstRun(t, "a.png", "b.png", "--config", path)
		if code != commandline.ExitUsage || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%s: exit %d, %q, want %d and %q", c.text[:min(len(c.text), 40)], code, stderr, commandline.ExitUsage, c.want)
		}
	}
	code, _, stderr := nstRun(t, "a.png", "b.png", "--config", filepath.Join(dir, "none.toml"))
	if code != commandline.ExitUsage || !strings.Contains(stderr, "none.toml: no such file") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

// FuzzConfig: whatever a file holds gives values that kong takes, or an error.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{"beta = 1\nstyle-layers = [\"conv1_1=2\"]", `{"beta": 1, "quiet": false, "content-layers": ["a", 1]}`, "a.b = [[1], {c = 2}]"} {
		f.Add(seed)
	}
	if text, err := os.ReadFile(dotsTrial); err == nil {
		f.Add(string(text))
	} else if os.Getenv("CI") == "true" {
		f.Fatal(err)
	} else {
		f.Logf("%s is not here", dotsTrial)
	}
	tomls, jsons := configLies()
	for _, texts := range []map[string]string{tomls, jsons} {
		for _, text := range texts {
			if len(text) < 1000 {
				f.Add(text)
			}
		}
	}
	flags := make(map[string]*kong.Flag)
	for _, flag := range commandNamed(f, "paint").Flags {
		flags[flag.Name] = flag
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"x.toml", "x.json"} {
			values, err := parseConfig(name, []byte(text), flags)
			if err == nil && values == nil {
				t.Error("neither values nor an error")
			}
			if err != nil && (len(err.Error()) > 400 || strings.ContainsFunc(err.Error(), unicode.IsControl)) {
				t.Errorf("error of %d bytes: %.500q", len(err.Error()), err)
			}
			for name, value := range values {
				trial := reflect.New(flags[name].Target.Type()).Elem()
				if err := flags[name].Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), trial); err != nil {
					t.Errorf("%s = %v: %v", name, value, err)
				}
			}
		}
	})
}

// TestPresets: what a preset says is a value of a flag, and makes a difference.
func TestPresets(t *testing.T) {
	plain, err := parsePaint(t)
	if err != nil {
		t.Fatal(err)
	}
	for name, preset := range painting.Presets {
		var args []string
		for flag, value := range preset {
			args = append(args, "--"+flag+"="+value)
		}
		want, err := parsePaint(t, args...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := parsePaint(t, "--preset", name)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.job, want.job) {
			t.Errorf("--preset %s gives\n%+v, want\n%+v", name, got.job, want.job)
		}
		if reflect.DeepEqual(got.job, plain.job) {
			t.Errorf("--preset %s changes nothing", name)
		}
	}
}
