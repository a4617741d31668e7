package painting

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// schema1 returns the text of a record of schema 1 with these settings.
func schema1(t *testing.T, settings map[string]any, inputs ...string) []byte {
	t.Helper()
	sum := strings.Repeat("0", 64)
	record := map[string]any{
		"program": "brushgrad nst", "settings": settings, "format": ".png", "weights_sha256": sum, "picture_sha256": sum,
	}
	var all []Input
	for _, path := range inputs {
		all = append(all, Input{path, sum})
	}
	record["inputs"] = all
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestEveryOptionOfSchema1: each is read from what would be typed, and has an influence
// of its own.
func TestEveryOptionOfSchema1(t *testing.T) {
	want := unusual(t)
	want.Content, want.Styles, want.Margin = "a.png", []Style{{"b.png", 1, "", ""}}, 0 // there was none
	want.StyleCost, want.ContentCost = "mean-std", "relative"                          // the defaults were gram and absolute
	v := reflect.ValueOf(want)
	settings := map[string]any{"CONTENT": "a.png", "STYLE": "b.png"}
	for _, f := range option.Fields(v.Type()) {
		switch x := v.FieldByIndex(f.Index).Interface().(type) {
		case Layers:
			settings[option.Name(f)] = textOf(t, x)
		default:
			settings[option.Name(f)] = fmt.Sprint(x)
		}
	}
	if len(settings) < 35 {
		t.Fatalf("only %d settings", len(settings))
	}
	r, err := ParseRecord(schema1(t, settings))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Job, want) || !slices.Equal(r.Unknown, []string{"tv"}) {
		t.Errorf("got\n%+v, unknown %q, want tv and\n%+v", r.Job, r.Unknown, want)
	}
	for name := range settings {
		if name == "CONTENT" || name == "STYLE" || name == "margin" {
			continue
		}
		without := make(map[string]any)
		for other, text := range settings {
			if other != name {
				without[other] = text
			}
		}
		r, err := ParseRecord(schema1(t, without))
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(r.Job, want) {
			t.Errorf("%s has no influence on the job", name)
		}
	}
}

// TestStyleCostsOfSchema1: a record without the options of schema 4 is that of a classical
// job, of gram unless it says otherwise.
func TestStyleCostsOfSchema1(t *testing.T) {
	settings := map[string]any{"CONTENT": "photo.png", "STYLE": "painting.png"}
	for _, styleCost := range []string{"", "gram", "mean-std", "wasserstein"} {
		if styleCost != "" {
			settings["style-cost"] = styleCost
		}
		r, err := ParseRecord(schema1(t, settings))
		if err != nil {
			t.Fatal(err)
		}
		want := with(cmp.Or(styleCost, "gram"))
		want.Margin = 0
		if !reflect.DeepEqual(r.Job, want) || len(r.Unknown) > 0 {
			t.Errorf("%v: unknown %q, got\n%+v, want\n%+v", settings, r.Unknown, r.Job, want)
		}
	}
}

// TestPicturesOfSchema1: the styles of a record, in the order in which they were given.
func TestPicturesOfSchema1(t *testing.T) {
	inputs := []string{"x=2", "m:n", "p.png"}
	demo := []Style{{DemoStyle, 1, "", ""}}
	for _, c := range []struct {
		name     string
		settings map[string]any
		content  string
		styles   []Style
	}{
		{"demo", map[string]any{"size": "400"}, DemoContent, demo},
		{"two pictures", map[string]any{"CONTENT": "p.png", "STYLE": "q.png"}, "p.png", []Style{{"q.png", 1, "", ""}}},
		{"weight", map[string]any{"CONTENT": "p.png", "style": "q.png=0.5"}, "p.png", []Style{{"q.png", 0.5, "", ""}}},
		{
			"all",
			map[string]any{"CONTENT": "p.png", "STYLE": "q.png", "style": []string{"r.png=2", "s.png"}, "mask": []string{"all", "m.png:n.png", "all:k.png"}},
			"p.png",
			[]Style{{"q.png", 1, "", ""}, {"r.png", 2, "m.png", "n.png"}, {"s.png", 1, "", "k.png"}},
		},
		// A text is the name of a file if a file of this name was read.
		{"equals sign", map[string]any{"CONTENT": "p.png", "style": []string{"x=2", "y=2"}}, "p.png", []Style{{"x=2", 1, "", ""}, {"y", 2, "", ""}}},
		{"colon", map[string]any{"CONTENT": "p.png", "STYLE": "q.png", "mask": "m:n"}, "p.png", []Style{{"q.png", 1, "m:n", ""}}},
	} {
		r, err := ParseRecord(schema1(t, c.settings, inputs...))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.Job.Content != c.content || !slices.Equal(r.Job.Styles, c.styles) {
			t.Errorf("%s: %q and %+v, want %q and %+v", c.name, r.Job.Content, r.Job.Styles, c.content, c.styles)
		}
	}
}

func TestSettingsOfSchema1ThatAreRefused(t *testing.T) {
	const cannot = "this version cannot paint with the settings recorded: "
	for _, c := range []struct {
		settings map[string]any
		want     string
	}{
		{map[string]any{"size": "big\nbad"}, cannot + `--size: "big\nbad" is not a whole number`},
		{map[string]any{"beta": []string{"1", "2"}}, cannot + "--beta has 2 values"},
		{map[string]any{"beta": []string{}}, cannot + "--beta has 0 values"},
		{map[string]any{"color": "purple"}, cannot + "--color must be one of"},
		{map[string]any{"style-layers": "conv1_1=x"}, cannot + "--style-layers: "},
		{map[string]any{"CONTENT": "a.png", "style": "=2"}, cannot + `--style "=2": a picture is missing`},
		{map[string]any{"mask": "m.png"}, cannot + "1 --mask for 0 styles"},
		{map[string]any{"size": 40}, ""},
		{map[string]any{"size": map[string]any{}}, ""},
	} {
		_, err := ParseRecord(schema1(t, c.settings))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want %q", c.settings, err, c.want)
		}
	}
	r, err := ParseRecord(schema1(t, map[string]any{"betta": "7", "alpha": "2", "help": "true", "CONTENTS": "x"}))
	if err != nil || !slices.Equal(r.Unknown, []string{"CONTENTS", "betta", "help"}) || r.Job.Alpha != 2 {
		t.Errorf("unknown %q, alpha %v, %v; want three that are unknown and alpha 2", r.Unknown, r.Job.Alpha, err)
	}
}
