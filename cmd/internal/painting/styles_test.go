package painting

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseStyles(t *testing.T) {
	there := []string{"a=2", "b:c", "m:1.png", "s:2.png", "x.png", `C:\sky.png`, `D:\s.png`, "p", "q:r", "p:q", "r"}
	isFile := func(text string) bool { return slices.Contains(there, text) }
	for text, want := range map[string]Style{
		"x.jpg":       {File: "x.jpg", Weight: 1},
		"x.jpg=2":     {File: "x.jpg", Weight: 2},
		"x=y.jpg=0.5": {File: "x=y.jpg", Weight: 0.5},
		"a=2":         {File: "a=2", Weight: 1},
	} {
		if got, err := ParseStyles([]string{text}, nil, isFile); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string][2]string{
		"x.png": {"x.png", ""}, "all": {"", ""}, "x.png:all": {"x.png", ""}, "all:y.png": {"", "y.png"}, "x:y:z": {"x:y", "z"}, "b:c": {"b:c", ""},
		"m:1.png": {"m:1.png", ""}, "m:1.png:s:2.png": {"m:1.png", "s:2.png"}, "x.png:s:2.png": {"x.png", "s:2.png"}, "m:1.png:x.png": {"m:1.png", "x.png"},
		"all:s:2.png": {"", "s:2.png"}, "m:1.png:all": {"m:1.png", ""}, `C:\sky.png:D:\s.png`: {`C:\sky.png`, `D:\s.png`}, `C:\sky.png`: {`C:\sky.png`, ""},
	} {
		got, err := ParseStyles([]string{"s"}, []string{text}, isFile)
		if err != nil || got[0] != (Style{"s", 1, want[0], want[1]}) {
			t.Errorf("%s: %+v, %v; want %q", text, got, err, want)
		}
	}
	got, err := ParseStyles([]string{"x", "y=3", "z"}, []string{"all", "m"}, isFile)
	if want := []Style{{"x", 1, "", ""}, {"y", 3, "m", ""}, {"z", 1, "", ""}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("masks in order: %+v, %v; want %+v", got, err, want)
	}
	for _, c := range []struct {
		style, mask, want string
	}{
		{"", "", `--style "": a picture is missing`},
		{"=2", "", `--style "=2": a picture is missing`},
		{"x.jpg=much", "", `--style x.jpg=much: the weight "much" is not a number`},
		{"x.jpg=", "", `--style x.jpg=: the weight "" is not a number`},
		{"x.jpg", ":y", `--mask ":y": a picture is missing`},
		{"x.jpg", "y:", `--mask "y:": a picture is missing`},
		{"x.jpg", "p:q:r", `--mask "p:q:r": this can be the files "p" and "q:r", or "p:q" and "r"; rename`},
	} {
		masks := []string{c.mask}
		if c.mask == "" {
			masks = nil
		}
		if got, err := ParseStyles([]string{c.style}, masks, isFile); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q, %q: %+v, %v; want %q", c.style, c.mask, got, err, c.want)
		}
	}
	if got, err := ParseStyles([]string{"x"}, []string{"all", "all"}, isFile); err == nil || !strings.HasPrefix(err.Error(), "2 --mask for 1 styles") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSeparator(t *testing.T) {
	for _, c := range []struct {
		text           string
		posix, windows int
	}{
		{"sky.png", -1, -1},
		{"sky.png:clouds.png", 7, 7},
		{`C:\sky.png`, 1, -1},
		{`C:\sky.png:clouds.png`, 10, 10},
		{`sky.png:D:\clouds.png`, 9, 7},
		{`C:\sky.png:D:\clouds.png`, 12, 10},
		{":clouds.png", 0, 0},
	} {
		for windows, want := range map[bool]int{false: c.posix, true: c.windows} {
			if got := separator(c.text, windows); got != want {
				t.Errorf("%s, on Windows %v: the colon is at %d, want %d", c.text, windows, got, want)
			}
		}
	}
}

func TestSizeOfStyles(t *testing.T) {
	for _, c := range []struct {
		sizing        StyleSizing
		content, want int
	}{
		{StyleSizing{1, 0}, 512, 512},
		{StyleSizing{0.5, 0}, 101, 51},
		{StyleSizing{0.001, 0}, 100, 1},
		{StyleSizing{1e300, 0}, 100, 1<<31 - 1},
		{StyleSizing{1, 0}, 0, 0},
		{StyleSizing{1, 40}, 512, 40},
		{StyleSizing{1, 40}, 0, 40},
	} {
		if got := c.sizing.size(c.content); got != c.want {
			t.Errorf("%+v for a content of %d: %d, want %d", c.sizing, c.content, got, c.want)
		}
	}
}

func TestStyleNames(t *testing.T) {
	j := Job{Styles: []Style{{File: "a/one.two.jpg"}, {File: "b/sun"}, {File: ".png"}}}
	if got := j.StyleNames("+"); got != "one.two+sun+" {
		t.Errorf("the styles are named %q", got)
	}
}
