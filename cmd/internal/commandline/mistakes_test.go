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
	k, err := kong.New(c, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}), numbers())
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
