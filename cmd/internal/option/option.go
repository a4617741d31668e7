// Package option sets and checks options that are described by the tags of a struct:
//
//	json    the name, which is also that of the flag
//	help    the help text; a field without one is no option
//	default the value as it would be typed
//	enum    the values that a text may have, with commas between them; a variable of
//	        kong in it, ${name}, leaves the check to someone who knows it
//	min, max, above, below   the bounds of a number; above and below exclude theirs
//
// The parser of the command line reads the same tags, so an option is described once,
// wherever its value comes from. Errors name an option as its flag: "--size is -5, but
// must be 1 or more".
package option

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	for _, f := range Fields(v.Type()) {
		if Name(f) == name {
			if err := Parse(text, v.FieldByIndex(f.Index)); err != nil {
				return fmt.Errorf("--%s: %w", name, err)
			}
			return checkChoice(f, v.FieldByIndex(f.Index))
		}
	}
	return fmt.Errorf("there is no option --%s", name)
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
	if choices := strings.Split(enum, ","); enum != "" && !strings.Contains(enum, "${") && !slices.Contains(choices, v.String()) {
		for i, c := range choices {
			choices[i] = strconv.Quote(c)
		}
		return fmt.Errorf("--%s must be one of %s but got %q", Name(f), strings.Join(choices, ","), v)
	}
	return nil
}

// CheckBounds returns an error if v is a number out of the bounds that the tags name, if
// they name any; NaN and infinity are out of all. The error goes on after the name of the option:
// "is -5, but must be 1 or more".
func CheckBounds(v reflect.Value, tag func(name string) string) error {
	x := 0.0
	switch v.Kind() {
	case reflect.Int:
		x = float64(v.Int())
	case reflect.Float64:
		x = v.Float()
	default:
		return nil
	}
	bound := func(name string, otherwise float64) float64 {
		if text := tag(name); text != "" {
			b, err := strconv.ParseFloat(text, 64)
			if err != nil {
				panic(fmt.Sprintf("option: CheckBounds: the tag %s is %q", name, text))
			}
			return b
		}
		return otherwise
	}
	if tag("min")+tag("max")+tag("above")+tag("below") == "" {
		return nil
	}
	if x >= bound("min", -math.MaxFloat64) && x <= bound("max", math.MaxFloat64) && x > bound("above", math.Inf(-1)) && x < bound("below", math.Inf(1)) {
		return nil
	}
	low, high := "", ""
	switch {
	case tag("above") != "" && tag("below") != "":
		return fmt.Errorf("is %v, but must be between %s and %s", v, tag("above"), tag("below"))
	case tag("above") != "":
		low = "above " + tag("above")
	case tag("max")+tag("below") != "":
		low = "from " + tag("min")
	case tag("min") != "":
		low = tag("min") + " or more"
	}
	switch {
	case tag("max") != "":
		high = " to " + tag("max")
	case tag("below") != "":
		high = " to below " + tag("below")
	}
	return fmt.Errorf("is %v, but must be %s%s", v, low, high)
}
