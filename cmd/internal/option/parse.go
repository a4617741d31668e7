package option

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Parse stores the value that a text stands for in target, which must be settable
// and of kind string, bool, int, uint64 or float64, or implement
// encoding.TextUnmarshaler by its address; it panics if it is not. Numbers may be
// written as in Go, without underscores. The error says what the text is not, for
// people who do not program.
func Parse(text string, target reflect.Value) error {
	if t, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return t.UnmarshalText([]byte(text))
	}
	switch target.Kind() {
	case reflect.String:
		target.SetString(text)
		return nil
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		target.SetBool(v)
		return reason(text, "true or false", err)
	case reflect.Int:
		v, err := strconv.ParseInt(text, 0, target.Type().Bits())
		target.SetInt(v)
		return reason(text, "a whole number", err)
	case reflect.Uint64:
		v, err := strconv.ParseUint(text, 0, 64)
		target.SetUint(v)
		return reason(text, "a whole number not below 0", err)
	case reflect.Float64:
		v, err := strconv.ParseFloat(text, 64)
		target.SetFloat(v)
		return reason(text, "a number", err)
	}
	panic(fmt.Sprintf("option: Parse: type %s", target.Type()))
}

func reason(text, want string, err error) error {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is too large a number", text)
	case err != nil:
		return fmt.Errorf("%q is not %s", text, want)
	}
	return nil
}

// OneLine replaces the control characters in a text from a file that is not to be
// trusted, so that it cannot break out of a message.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
