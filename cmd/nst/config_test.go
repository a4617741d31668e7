package main

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// parsePaint parses a command line of nst paint.
func parsePaint(t *testing.T, args ...string) (*paintCmd, error) {
	t.Helper()
	c := &cli{}
	_, err := parse(silentParser(c), c, append([]string{"paint", "a.png", "b.png"}, args...))
	return &c.Paint, err
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
`))
	asJSON := filepath.Join(dir, "style.json")
	writeTestFile(t, asJSON, []byte(`{"beta": 7, "alpha": 2.5, "iterations": 12, "style-layers": "conv1_1=2,conv2_1",
		"content-layers": ["conv3_1", "conv3_2"], "color": "match", "quiet": true, "preset": "abstract", "frame_every": 4}`))
	want, err := parsePaint(t, "--beta=7", "--alpha=2.5", "--iterations=12", "--style-layers=conv1_1=2,conv2_1", "--content-layers=conv3_1,conv3_2",
		"--color=match", "--quiet", "--frame-every=4", "--init", presets["abstract"]["init"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, asJSON} {
		got, err := parsePaint(t, "--config", file)
		if err != nil {
			t.Fatal(err)
		}
		got.Config, got.Preset = "", ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives\n%+v, want\n%+v", file, got, want)
		}
		got, err = parsePaint(t, "--beta", "8", "--config", file, "--preset", "painterly", "--tv=0.5", "--no-such=1")
		if err == nil {
			t.Errorf("an unknown flag is taken: %+v", got)
		}
		got, err = parsePaint(t, "--beta", "8", "--config", file, "--preset", "painterly", "--tv=0.5")
		if err != nil {
			t.Fatal(err)
		}
		if got.Beta != 8 || got.Iterations != 12 || got.TV != 0.5 || got.Init != presets["painterly"]["init"] {
			t.Errorf("flags do not count more than the file: %+v", got)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, text, want string }{
		{"a.toml", "betta = 7", `a.toml: unknown key "betta"`},
		{"a.toml", "[beta]\nx = 7", `a.toml: key "beta": the value must be`},
		{"a.toml", "beta = 'much'", `a.toml: key "beta": "much" is not a number`},
		{"a.toml", "iterations = 1.5", `a.toml: key "iterations": "1.5" is not a whole number`},
		{"a.toml", "iterations = [1, 2]", `a.toml: key "iterations": the flag takes one value`},
		{"a.toml", "quiet = 'perhaps'", `a.toml: key "quiet": `},
		{"a.toml", "beta = 1979-05-27", `a.toml: key "beta": the value must be`},
		{"a.toml", "color = 'purple'", `a.toml: key "color": "purple" is not one of style,content,match`},
		{"a.toml", "preset = 'nice'", `a.toml: key "preset": "nice" is not one of abstract,faithful,painterly`},
		{"a.toml", "config = 'a.toml'", `a.toml: unknown key "config"`},
		{"a.toml", "version = true", `a.toml: unknown key "version"`},
		{"a.toml", "beta = ", "a.toml: toml: line 1"},
		{"a.toml", "frame-every = 1\nframe_every = 2", `a.toml: key "frame_every" is given twice`},
		{"a.toml", "style-layers = 'conv1_1=x'", `a.toml: key "style-layers": `},
		{"a.json", `{"beta": 7`, "a.json: this is not a JSON object"},
		{"a.json", `[7]`, "a.json: this is not a JSON object but a JSON array"},
		{"a.json", ``, "a.json: this is not a JSON object: the file is empty"},
		{"a.json", `{"beta": 7} {}`, "a.json: there is something behind"},
		{"a.json", `{"beta": null}`, `a.json: key "beta": the value must be`},
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
	flags := make(map[string]*kong.Flag)
	for _, flag := range commandNamed(silentParser(&cli{}), "paint").Flags {
		flags[flag.Name] = flag
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"x.toml", "x.json"} {
			values, err := parseConfig(name, []byte(text), flags)
			if err == nil && values == nil {
				t.Error("neither values nor an error")
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
	for name, preset := range presets {
		var args []string
		for flag, value := range preset {
			args = append(args, "--"+flag+"="+value.(string))
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
		got.Preset = ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("--preset %s gives\n%+v, want\n%+v", name, got, want)
		}
		if reflect.DeepEqual(got, plain) {
			t.Errorf("--preset %s changes nothing", name)
		}
	}
}

// TestHelpHasAHeadingForEveryFlag: a new flag has to be given its place.
func TestHelpHasAHeadingForEveryFlag(t *testing.T) {
	for _, command := range silentParser(&cli{}).Model.Children {
		for _, flag := range command.Flags {
			if flag.Group == nil && !ungrouped[command.Name] {
				t.Errorf("nst %s --%s is in none of flagGroups", command.Name, flag.Name)
			}
		}
	}
	help, _ := mustRun(t, "--help")
	for _, word := range []string{"[<content> [<style>]]", "What is painted:", "See it happen:", "--beta", "sweep", "batch"} {
		if !strings.Contains(help, word) {
			t.Errorf("nst --help lacks %q", word)
		}
	}
	help, _ = mustRun(t, "batch", "--help")
	if strings.Contains(help, "--plot") || strings.Contains(help, "<content>") || !strings.Contains(help, "--out-dir") {
		t.Errorf("nst batch --help shows what a batch does not take:\n%s", help)
	}
}

// TestDocsNameEveryFlag: docs/options.md tells of every flag of paint.
func TestDocsNameEveryFlag(t *testing.T) {
	text := string(readTestFile(t, "../../docs/options.md"))
	for _, command := range silentParser(&cli{}).Model.Children {
		for _, flag := range command.Flags {
			if command.Name == "paint" && !strings.Contains(text, "`--"+flag.Name) {
				t.Errorf("docs/options.md does not name --%s", flag.Name)
			}
		}
	}
}
