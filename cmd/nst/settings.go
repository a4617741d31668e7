package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// values are those of a flag as they would be typed: one, or several if it may
// be repeated. In JSON one of them is a string and several are an array.
type values []string

func (v values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

func (v *values) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*v = values{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(v))
}

// notRecorded are the flags of nst paint without influence on the picture, and
// those that have set other flags, which are recorded themselves.
var notRecorded = []string{
	"help", "config", "preset",
	"out", "record", "trace", "plot", "preview", "frames", "frame-every", "timelapse",
	"quiet", "json", "threads",
}

// inputSettings are the settings that name pictures. The weights, a file or a
// folder, have a hash of their own.
var inputSettings = []string{"CONTENT", "STYLE", "style", "mask", "init"}

// recorded returns the flags and positional arguments of nst paint that have an
// influence on the picture, by name. Whatever is added to paintCmd is among
// them. Their targets are fields of c.Paint.
func recorded(c *cli) (flags, pictures []*kong.Value) {
	command := commandNamed(silentParser(c), "paint")
	for _, f := range command.Flags {
		if !slices.Contains(notRecorded, f.Name) {
			flags = append(flags, f.Value)
		}
	}
	return flags, command.Positional
}

// settingName is the key of a value in a record. A picture without a flag has a
// name that no flag can have.
func settingName(v *kong.Value) string {
	if v.Flag == nil {
		return strings.ToUpper(v.Name)
	}
	return v.Name
}

// settingsOf returns the settings of a run, given or not. Those that are empty
// are left out.
func settingsOf(p *paintCmd) (map[string]values, error) {
	c := &cli{Paint: *p}
	flags, pictures := recorded(c)
	settings := make(map[string]values)
	for _, v := range slices.Concat(flags, pictures) {
		text, err := format(v)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be recorded: %w", v.ShortSummary(), err)
		}
		if len(text) > 0 {
			settings[settingName(v)] = text
		}
	}
	return settings, nil
}

// commandLine returns the arguments of nst paint with these settings, and the
// names of settings that this version does not know.
func commandLine(settings map[string]values) (args, unknown []string) {
	flags, pictures := recorded(&cli{})
	rest := maps.Clone(settings)
	for _, v := range flags {
		for _, text := range rest[settingName(v)] {
			args = append(args, "--"+v.Name+"="+text)
		}
		delete(rest, settingName(v))
	}
	args = append(args, "--")
	for _, v := range pictures {
		args = append(args, rest[settingName(v)]...)
		delete(rest, settingName(v))
	}
	return args, slices.Sorted(maps.Keys(rest))
}

// format returns what has to be typed to give a flag the value that it has. The
// types are those that flags have; one with a text of its own must be able to
// write it, by MarshalText.
func format(v *kong.Value) (values, error) {
	target := v.Target
	if target.Kind() == reflect.Pointer {
		if target.IsNil() {
			return nil, nil
		}
		target = target.Elem()
	}
	if target.Kind() == reflect.Slice && !isText(target) {
		var items values
		for i := range target.Len() {
			s, err := formatOne(target.Index(i))
			if err != nil {
				return nil, err
			}
			items = append(items, s)
		}
		if v.Tag.Sep == -1 || len(items) == 0 { // given by repeating the flag
			return items, nil
		}
		return values{kong.JoinEscaped(items, v.Tag.Sep)}, nil
	}
	s, err := formatOne(target)
	if err != nil || s == "" {
		return nil, err
	}
	return values{s}, nil
}

func isText(v reflect.Value) bool {
	_, writes := v.Interface().(encoding.TextMarshaler)
	_, reads := reflect.New(v.Type()).Interface().(encoding.TextUnmarshaler)
	return writes || reads
}

func formatOne(v reflect.Value) (string, error) {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		return string(text), err
	case time.Duration:
		return x.String(), nil
	}
	if !isText(v) {
		switch v.Kind() {
		case reflect.String:
			return v.String(), nil
		case reflect.Bool:
			return strconv.FormatBool(v.Bool()), nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return strconv.FormatInt(v.Int(), 10), nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return strconv.FormatUint(v.Uint(), 10), nil
		case reflect.Float32, reflect.Float64:
			return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), nil
		}
	}
	return "", fmt.Errorf("the type %s has no MarshalText", v.Type())
}
