package commandline

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"github.com/alecthomas/kong"
)

// numbers is the option that makes kong parse flags of type int, uint64 and
// float64 here. A negative number is a number, not a flag, so whoever checks
// its range can say what would be right.
func numbers() kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		for kind, parse := range map[reflect.Kind]func(string, reflect.Value) error{
			reflect.Int: parseInt, reflect.Uint64: parseUint, reflect.Float64: parseFloat,
		} {
			err := kong.KindMapper(kind, number(parse)).Apply(k)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func number(parse func(string, reflect.Value) error) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token := ctx.Scan.Pop()
		if token.IsEOL() {
			return errors.New("a number is missing")
		}
		return parse(token.String(), target)
	}
}

func parseInt(text string, target reflect.Value) error {
	n, err := strconv.ParseInt(text, 0, target.Type().Bits())
	target.SetInt(n)
	return reason(text, "a whole number", err)
}

func parseUint(text string, target reflect.Value) error {
	n, err := strconv.ParseUint(text, 0, 64)
	target.SetUint(n)
	return reason(text, "a whole number not below 0", err)
}

func parseFloat(text string, target reflect.Value) error {
	v, err := strconv.ParseFloat(text, 64)
	target.SetFloat(v)
	return reason(text, "a number", err)
}

// reason says why a text is not what it should be.
func reason(text, want string, err error) error {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is too large a number", text)
	case err != nil:
		return fmt.Errorf("%q is not %s", text, want)
	}
	return nil
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
