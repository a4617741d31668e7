package commandline

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// values is the option that makes kong parse flags of type int, uint64, float64 and
// string here. A negative number is a number, not a flag, so whoever checks its range
// can say what would be right. A text keeps its bytes: kong's own parser passes it
// through JSON, which has no names of files that are not UTF-8.
func values() kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		if err := kong.KindMapper(reflect.String, kong.MapperFunc(text)).Apply(k); err != nil {
			return err
		}
		for _, kind := range []reflect.Kind{reflect.Int, reflect.Uint64, reflect.Float64} {
			if err := kong.KindMapper(kind, kong.MapperFunc(number)).Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

func text(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("string")
	if err == nil {
		target.SetString(fmt.Sprint(token.Value))
	}
	return err
}

func number(ctx *kong.DecodeContext, target reflect.Value) error {
	token := ctx.Scan.Pop()
	if token.IsEOL() {
		return errors.New("a number is missing")
	}
	return option.Parse(token.String(), target)
}

// checkGiven returns an error for a number out of its bounds, and for an empty name or
// word, which comes from a shell variable that is not set and would pass for a flag or
// a file not given.
func checkGiven(ctx *kong.Context) error {
	for _, p := range ctx.Path {
		switch {
		case p.Flag != nil && hasEmpty(ctx.Value(p)):
			return fmt.Errorf("--%s is empty; give it a value or leave it out", p.Flag.Name)
		case p.Flag != nil:
			if err := option.CheckBounds(ctx.Value(p), p.Flag.Tag.Get); err != nil {
				return fmt.Errorf("--%s %w", p.Flag.Name, err)
			}
		case p.Positional != nil && !p.Positional.IsSlice() && hasEmpty(ctx.Value(p)):
			return fmt.Errorf("the argument <%s> is empty; name a file", p.Positional.Name)
		}
	}
	return nil
}

// hasEmpty reports whether a value is an empty text or a list with one.
func hasEmpty(v reflect.Value) bool {
	if list, ok := v.Interface().([]string); ok {
		return slices.Contains(list, "")
	}
	return v.Kind() == reflect.String && v.Len() == 0
}

// reworded are messages of kong and what Plain makes of them, for people who do
// not program.
var reworded = []struct {
	kong  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`expected \w+ value but got "EOL" \(<EOL>\)`), `a value is missing`},
	{regexp.MustCompile(`expected \w+ value but got "(.*)" \(\w+ flag\); perhaps try (.*)="(.*)"\?`), `a value is missing before $1; if $1 is the value, write $2=$3`},
	{regexp.MustCompile(`must be one of "",`), `must be one of `}, // an empty word stands for a flag that is not given
	{regexp.MustCompile(`^expected "(.*)"$`), `an argument is missing: $1`},
}

// Plain returns a mistake that kong has found on the command line in plain words:
// --size: "big" is not a whole number, for one, in place of --size: expected a valid
// 64 bit int but got "big". A text that it does not know stays as it is.
func Plain(err error) error {
	text := err.Error()
	for _, r := range reworded {
		text = r.kong.ReplaceAllString(text, r.plain)
	}
	return errors.New(text)
}
