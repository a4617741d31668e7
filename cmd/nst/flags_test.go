package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// TestEveryOptionIsAFlag: of nst paint and nst demo, with the same name, type, default,
// values and help, so that one declaration serves both. All other flags are listed here.
func TestEveryOptionIsAFlag(t *testing.T) {
	for name, others := range map[string][]string{
		"paint": {"style", "mask", "config", "force", "json", "preset", "quiet"},
		"demo":  {"config", "force", "json", "preset", "quiet"},
	} {
		command := commandNamed(t, name)
		flags := make(map[string]*kong.Flag)
		for _, f := range command.Flags {
			flags[f.Name] = f
		}
		for _, f := range option.Fields(reflect.TypeFor[painting.Job]()) {
			flag := flags[option.Name(f)]
			if flag == nil {
				t.Errorf("nst %s has no flag --%s", name, option.Name(f))
				continue
			}
			delete(flags, flag.Name)
			if flag.Target.Type() != f.Type || flag.Negated {
				t.Errorf("nst %s --%s has the type %v, but the option has %v", name, flag.Name, flag.Target.Type(), f.Type)
			}
			for _, tag := range []string{"default", "enum", "help", "min", "max", "above", "below", "placeholder", "short"} {
				if got, want := flag.Tag.Get(tag), f.Tag.Get(tag); got != want {
					t.Errorf("nst %s --%s has the %s %q, but the option has %q", name, flag.Name, tag, got, want)
				}
			}
			if want := f.Tag.Get("default"); flag.Default != want {
				t.Errorf("nst %s --%s has the default %q, but the option has %q", name, flag.Name, flag.Default, want)
			}
			if strings.Contains(flag.Help+flag.Enum, "${") || flag.Help == "" {
				t.Errorf("nst %s --%s: the help is %q, the values are %q", name, flag.Name, flag.Help, flag.Enum)
			}
		}
		for _, other := range others {
			if flags[other] == nil {
				t.Errorf("nst %s has no flag --%s", name, other)
			}
			delete(flags, other)
		}
		for left := range flags {
			t.Errorf("nst %s --%s is no option of a painting", name, left)
		}
	}
}

// TestDefaultsOfFlagsAreThoseOfOptions: what kong fills in is what package painting does.
func TestDefaultsOfFlagsAreThoseOfOptions(t *testing.T) {
	got, err := parsePaint(t)
	if err != nil {
		t.Fatal(err)
	}
	want := painting.New()
	want.Content, want.Styles, want.Out = "a.png", []painting.Style{{File: "b.png", Weight: 1}}, "a-b.png"
	if !reflect.DeepEqual(got.job, want) {
		t.Errorf("got\n%+v, want\n%+v", got.job, want)
	}
}

// TestHelpHasAHeadingForEveryFlag: a new flag has to be given its place.
func TestHelpHasAHeadingForEveryFlag(t *testing.T) {
	few := []string{"again", "bench", "completion", "complete"} // commands with too few flags for headings
	for _, command := range silentParser(&cli{}).Model.Children {
		if slices.Contains(few, command.Name) {
			continue
		}
		for _, flag := range command.Flags {
			if flag.Group == nil && flag.Name != "help" {
				t.Errorf("nst %s --%s has no heading", command.Name, flag.Name)
			}
		}
	}
	help, _ := mustRun(t, "--help")
	for _, word := range []string{"[<content> [<style>]]", "What is painted:", "See it happen:", "--beta", "sweep", "batch", "demo"} {
		if !strings.Contains(help, word) {
			t.Errorf("nst --help lacks %q", word)
		}
	}
	for command, absent := range map[string][]string{
		"batch": {"--plot", "<content>", "--out="}, "sweep": {"--plot", "--record", "--json", "--preview"}, "demo": {"<content>", "--style ", "--style=", "--mask"},
	} {
		help, _ := mustRun(t, command, "--help")
		for _, word := range absent {
			if strings.Contains(help, word) {
				t.Errorf("nst %s --help shows %s, which it does not take:\n%s", command, word, help)
			}
		}
		if !strings.Contains(help, "--out-dir") && command == "batch" || !strings.Contains(help, "--beta") {
			t.Errorf("nst %s --help lacks flags:\n%s", command, help)
		}
	}
}

// TestDocsNameEveryFlag: docs/options.md tells of every flag of paint.
func TestDocsNameEveryFlag(t *testing.T) {
	text := string(readTestFile(t, "../../docs/options.md"))
	for _, flag := range commandNamed(t, "paint").Flags {
		if !strings.Contains(text, "`--"+flag.Name) {
			t.Errorf("docs/options.md does not name --%s", flag.Name)
		}
	}
}
