package commandline

import (
	"io"
	"math"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type command struct {
	Size   int     `default:"7"`
	Widths []int   `default:"1,2"`
	Seed   uint64  `default:"3"`
	Beta   float64 `default:"0.5"`
	Out    string  `short:"o"`
	Preset string  `enum:",a,b" default:""`
	Quiet  bool    `short:"q"`
	Shell  string  `arg:"" name:"shell"`
}

func parse(t *testing.T, args ...string) (*command, error) {
	t.Helper()
	c := &command{}
	k, err := kong.New(c, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}), values())
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return c, err
}

func TestNumbers(t *testing.T) {
	c, err := parse(t, "x", "--size", "-5", "--widths=3,4", "--seed", "18446744073709551615", "--beta", "-1e-3")
	if err != nil || c.Size != -5 || len(c.Widths) != 2 || c.Widths[1] != 4 || c.Seed != math.MaxUint64 || c.Beta != -1e-3 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = parse(t, "x", "--size=0x10", "--beta=nan")
	if err != nil || c.Size != 16 || !math.IsNaN(c.Beta) || c.Seed != 3 || len(c.Widths) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"x --size big", `--size: "big" is not a whole number`},
		{"x --size 1.5", `--size: "1.5" is not a whole number`},
		{"x --size=", `--size: "" is not a whole number`},
		{"x --size", `--size: a number is missing`},
		{"x --size --quiet", `--size: "--quiet" is not a whole number`},
		{"x --size 99999999999999999999", `--size: 99999999999999999999 is too large a number`},
		{"x --widths 1,b", `--widths: "b" is not a whole number`},
		{"x --seed -1", `--seed: "-1" is not a whole number not below 0`},
		{"x --beta much", `--beta: "much" is not a number`},
		{"x --beta 1e400", `--beta: 1e400 is too large a number`},
		{"x --out", `--out: a value is missing`},
		{"x -o", `--out: a value is missing`},
		{"x --out --quiet", `--out: a value is missing before --quiet; if --quiet is the value, write --out=--quiet`},
		{"x --out -q", `--out: a value is missing before -q; if -q is the value, write --out=-q`},
		{"x --preset c", `--preset must be one of "a","b" but got "c"`},
		{"", `an argument is missing: <shell>`},
		{"x y", `unexpected argument y`},
	} {
		_, err := parse(t, strings.Fields(c.args)...)
		if err == nil {
			t.Errorf("%s: no error", c.args)
			continue
		}
		if got := Plain(err).Error(); got != c.want && got != strings.Replace(c.want, "--out", "-o", 1) {
			t.Errorf("%s: %s, want %s", c.args, got, c.want)
		}
	}
}

// TestCheckGiven: numbers have the bounds of their tags, and an empty word is nothing
// that anybody meant to give. Defaults are not looked at.
func TestCheckGiven(t *testing.T) {
	type given struct {
		Size   int      `default:"0" min:"1" max:"1000"`
		Rate   float64  `default:"0.5" above:"0"`
		Share  float64  `default:"0" min:"0" below:"1"`
		Beta   float64  `default:"1"`
		Name   string   `default:""`
		Styles []string `name:"style" sep:"none"`
		First  string   `arg:"" optional:"" name:"first"`
		Rest   []string `arg:"" optional:"" name:"rest"`
	}
	for _, c := range []struct {
		args []string
		want string // "" if they are fine
	}{
		{nil, ""},
		{[]string{"a", "b", "", "--size=1", "--rate=1e300", "--share=0", "--beta=-3", "--style", "x", "--name", " "}, ""},
		{[]string{"--size=1000"}, ""},
		{[]string{"--size=0"}, "--size is 0, but must be from 1 to 1000"},
		{[]string{"--size", "-5"}, "--size is -5, but must be from 1 to 1000"},
		{[]string{"--size=1001"}, "--size is 1001, but must be from 1 to 1000"},
		{[]string{"--rate=0"}, "--rate is 0, but must be above 0"},
		{[]string{"--rate=NaN"}, "--rate is NaN, but must be above 0"},
		{[]string{"--share=1"}, "--share is 1, but must be from 0 to below 1"},
		{[]string{"--beta=nan"}, ""}, // without bounds
		{[]string{"--name="}, "--name is empty; give it a value or leave it out"},
		{[]string{"--name", ""}, "--name is empty; give it a value or leave it out"},
		{[]string{"--style", "a", "--style", ""}, "--style is empty; give it a value or leave it out"},
		{[]string{""}, "the argument <first> is empty; name a file"},
	} {
		var cli given
		p := Program{Name: "painter", Stdout: io.Discard, Stderr: io.Discard}
		_, err := p.Parser(&cli, func(int) {}).Parse(c.args)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
}
