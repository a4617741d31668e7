// Package option sets and checks options that are described by the tags of a struct:
//
//	json    the name, which is also that of the flag
//	help    the help text; a field without one is no option
//	default the value as it would be typed
//	enum    the values that a text may have, with commas between them; a variable of
//	        kong in it, ${name}, leaves the check to someone who knows it
//	min, max, above, below   the bounds of a number: a lower one, and an upper one if
//	        there is one; above and below exclude theirs
//	needs   what has to be for the option to have an effect; see CheckEffect
//
// The parser of the command line reads the same tags, so an option is described once,
// wherever its value comes from. Errors name an option as its flag: "--size is -5, but
// must be 1 or more".
package option

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Fields returns the options of a struct type, those of embedded structs included.
func Fields(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Tag.Get("help") == "" })
}

// Name returns the name of an option.
func Name(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// Find returns the option of this name, if the struct type has one.
func Find(t reflect.Type, name string) (f reflect.StructField, ok bool) {
	for _, f := range Fields(t) {
		if Name(f) == name {
			return f, true
		}
	}
	return f, false
}

// Has reports whether the struct that target points to has an option of this name.
func Has(target any, name string) bool {
	_, ok := Find(reflect.TypeOf(target).Elem(), name)
	return ok
}

// SetDefaults gives the options of the struct that target points to their defaults.
// It panics if one is no value of its option.
func SetDefaults(target any) {
	v := reflect.ValueOf(target).Elem()
	for _, f := range Fields(v.Type()) {
		if text, ok := f.Tag.Lookup("default"); ok {
			if err := Parse(text, v.FieldByIndex(f.Index)); err != nil {
				panic(fmt.Sprintf("option: the default of %s: %v", Name(f), err))
			}
		}
	}
}

// Set gives an option the value that a text stands for. Its choice of values is
// checked, its bounds are not: see Check. It is an error if there is no such option.
func Set(target any, name, text string) error {
	v := reflect.ValueOf(target).Elem()
	f, ok := Find(v.Type(), name)
	if !ok {
		return fmt.Errorf("there is no option --%s", name)
	}
	if err := Parse(text, v.FieldByIndex(f.Index)); err != nil {
		return fmt.Errorf("--%s: %w", name, err)
	}
	return checkChoice(f, v.FieldByIndex(f.Index))
}

// Check returns an error for the first option that has none of its values or is out of
// its bounds.
func Check(target any) error {
	v := reflect.ValueOf(target).Elem()
	for _, f := range Fields(v.Type()) {
		value := v.FieldByIndex(f.Index)
		if err := checkChoice(f, value); err != nil {
			return err
		}
		if err := CheckBounds(value, f.Tag.Get); err != nil {
			return fmt.Errorf("--%s %w", Name(f), err)
		}
	}
	return nil
}

func checkChoice(f reflect.StructField, v reflect.Value) error {
	enum := f.Tag.Get("enum")
	if enum == "" || strings.Contains(enum, "${") || slices.Contains(strings.Split(enum, ","), v.String()) {
		return nil
	}
	return fmt.Errorf(`--%s must be one of "%s" but got %q`, Name(f), strings.ReplaceAll(enum, ",", `","`), v)
}

// CheckBounds returns an error if v is a number out of the bounds that the tags name, if
// they name any; NaN and infinity are out of all. The error goes on after the name of the option:
// "is -5, but must be 1 or more".
func CheckBounds(v reflect.Value, tag func(name string) string) error {
	least, most, above, below := tag("min"), tag("max"), tag("above"), tag("below")
	var right string
	switch {
	case least != "" && most != "":
		right = "from " + least + " to " + most
	case least != "" && below != "":
		right = "from " + least + " to below " + below
	case least != "":
		right = least + " or more"
	case above != "" && below != "":
		right = "between " + above + " and " + below
	case above != "":
		right = "above " + above
	default:
		return nil
	}
	number := func(bound, otherwise string) float64 {
		x, err := strconv.ParseFloat(cmp.Or(bound, otherwise), 64)
		if err != nil {
			panic(fmt.Sprintf("option: CheckBounds: the bound %q is no number", bound))
		}
		return x
	}
	x := v.Convert(reflect.TypeFor[float64]()).Float()
	if x >= number(least, "-Inf") && x <= number(most, "Inf") && x > number(above, "-Inf") && x < number(below, "Inf") {
		return nil
	}
	return fmt.Errorf("is %v, but must be %s", v, right)
}

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

// maxLine is how many bytes of a message are shown, about: several names of files, but
// not a file.
const maxLine = 800

// OneLine replaces the control characters in a text that is not to be trusted, so that it
// cannot break out of a message, and leaves out the middle of one that is very long.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r // U+FFFD for what is not UTF-8
	}, s)
	if len(s) <= maxLine {
		return s
	}
	const half = maxLine / 2
	return strings.ToValidUTF8(s[:half], "") + " ... " + strings.ToValidUTF8(s[len(s)-half:], "")
}
