package option

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

type inner struct {
	Rate float64 `json:"rate" default:"0.5" above:"0" help:"Rate."`
	Part float64 `json:"part" default:"0" min:"0" below:"1" help:"Part."`
}

type settings struct {
	inner
	Size   int     `json:"size,omitempty" default:"512" min:"1" max:"1000" help:"Size."`
	Color  string  `json:"color" enum:"style,content" default:"style" help:"Colour."`
	Weight float64 `json:"weight" min:"0" help:"Weight."`
	Any    float64 `json:"any" help:"Any number."`
	Share  float64 `json:"share" default:"0.5" above:"0" below:"1" help:"Share."`
	Seed   uint64  `json:"seed" help:"Seed."`
	Other  string  // no option
}

func TestOptions(t *testing.T) {
	var s settings
	SetDefaults(&s)
	if want := (settings{inner: inner{0.5, 0}, Size: 512, Color: "style", Share: 0.5}); s != want {
		t.Fatalf("defaults %+v, want %+v", s, want)
	}
	if err := Check(&s); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	if n := len(Fields(reflect.TypeFor[settings]())); n != 8 {
		t.Errorf("%d options, want 8", n)
	}
	for _, c := range []struct{ name, text, want string }{
		{"size", "1", ""},
		{"size", "1000", ""},
		{"size", "0", "--size is 0, but must be from 1 to 1000"},
		{"size", "1001", "--size is 1001, but must be from 1 to 1000"},
		{"size", "big", `--size: "big" is not a whole number`},
		{"rate", "1e300", ""},
		{"rate", "0", "--rate is 0, but must be above 0"},
		{"rate", "NaN", "--rate is NaN, but must be above 0"},
		{"rate", "Inf", "--rate is +Inf, but must be above 0"},
		{"part", "1", "--part is 1, but must be from 0 to below 1"},
		{"part", "-0.1", "--part is -0.1, but must be from 0 to below 1"},
		{"part", "0", ""},
		{"weight", "-1", "--weight is -1, but must be 0 or more"},
		{"weight", "NaN", "--weight is NaN, but must be 0 or more"},
		{"any", "-Inf", ""},
		{"share", "0", "--share is 0, but must be between 0 and 1"},
		{"share", "1", "--share is 1, but must be between 0 and 1"},
		{"share", "0.3", ""},
		{"any", "-3", ""},
		{"seed", "18446744073709551615", ""},
		{"color", "content", ""},
		{"color", "purple", `--color must be one of "style","content" but got "purple"`},
		{"Other", "x", "there is no option --Other"},
		{"", "x", "there is no option --"},
	} {
		var s settings
		SetDefaults(&s)
		err := Set(&s, c.name, c.text)
		if err == nil {
			err = Check(&s)
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s = %s: %q, want %q", c.name, c.text, got, c.want)
		}
	}
	s.Color = "neither" // as from JSON
	if err := Check(&s); err == nil {
		t.Error("a value that is none of the choices passes")
	}
	s.Color, s.Weight = "style", math.Inf(1)
	if err := Check(&s); err == nil {
		t.Error("an infinite weight passes")
	}
}

// TestOneLine: nothing that a terminal obeys is left, and the ends of a long text are.
func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"Ärger mit \"a b.png\"":        "Ärger mit \"a b.png\"",
		"a\nb\rc\td\x1b[2Je\x00f\x7fg": "a b c d [2Je f g",
		"C1 \u009b31m":                 "C1  31m",
		"turned \u202eround":           "turned  round",
		"lines\u2028and\u2029more":     "lines and more",
		"no UTF-8 \xff\x9b":            "no UTF-8 \ufffd\ufffd",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	long := OneLine("begin " + strings.Repeat("ü", 100000) + " end")
	if len(long) > maxLine+10 || !utf8.ValidString(long) || !strings.HasPrefix(long, "begin ü") || !strings.HasSuffix(long, "ü end") || !strings.Contains(long, "ü ... ü") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
}
