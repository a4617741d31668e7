package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// configFlags take the values of other flags from elsewhere. A flag that is
// given counts more than the file, and the file more than the preset.
type configFlags struct {
	Preset string     `enum:",${presets}" default:"" placeholder:"NAME" help:"Start from a set of flags that go together: ${presets}."`
	Config configFile `placeholder:"FILE" help:"Take flags from this file, .toml or .json: names of flags without the leading dashes, and their values."`
}

// configFile is a file that kong takes flags from that were not given.
type configFile string

// BeforeResolve is called by kong if there is a --config.
func (configFile) BeforeResolve(ctx *kong.Context, config *kong.Path) error {
	path := string(ctx.FlagValue(config.Flag).(configFile))
	if path == "" {
		return nil // the parser will refuse it
	}
	flags := make(map[string]*kong.Flag)
	for _, f := range ctx.Flags() {
		flags[f.Name] = f
	}
	values, err := readConfig(path, flags)
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return values[flag.Name], nil
	}))
	return err
}

// notInConfig are the flags that are no setting.
var notInConfig = []string{"config", "help", "version"}

// maxConfigBytes bounds a file; a list of all flags has a few KiB.
const maxConfigBytes = 64 << 10

// byteOrderMark is what some editors begin a text in UTF-8 with.
const byteOrderMark = "\ufeff"

// maxConfigText bounds a text in it, in bytes.
const maxConfigText = 1 << 10

// readConfig reads the values of flags from a file, in the form that kong parses.
func readConfig(path string, flags map[string]*kong.Flag) (map[string]any, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--config: %s: not a regular file", path) // a pipe could keep us waiting
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfigBytes+1))
	if err == nil && len(text) > maxConfigBytes {
		err = errors.New("the file is too large for a list of flags")
	}
	var values map[string]any
	if err == nil {
		values, err = parseConfig(path, text, flags)
	}
	if err != nil {
		return nil, fmt.Errorf("--config: %s: %w", path, err)
	}
	return values, nil
}

// parseConfig parses the text of a file with that name, whose extension decides
// on the format. Errors are a short line whatever the text holds.
func parseConfig(path string, text []byte, flags map[string]*kong.Flag) (map[string]any, error) {
	raw, err := parseText(path, text)
	if err != nil {
		return nil, errors.New(oneLine(err.Error()))
	}
	values := make(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		name := strings.ReplaceAll(key, "_", "-")
		flag := flags[name]
		if flag == nil || slices.Contains(notInConfig, name) {
			return nil, fmt.Errorf("unknown key %s; keys are the names of flags, without the leading dashes", quote(key))
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("key %s is given twice, with and without underscores", quote(key))
		}
		value, err := configValue(flag, raw[key])
		if err != nil {
			return nil, fmt.Errorf("key %s: %s", quote(key), oneLine(err.Error()))
		}
		values[name] = value
	}
	return values, nil
}

// parseText returns what a TOML table or JSON object holds, once it is known to be
// no deeper than flags are.
func parseText(path string, text []byte) (map[string]any, error) {
	raw := make(map[string]any)
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.New("the text is UTF-16, as PowerShell's > writes it; save it as UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte(byteOrderMark))
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".toml":
		if err := checkTOML(string(text)); err != nil {
			return nil, err
		}
		if err := toml.Unmarshal(text, &raw); err != nil {
			return nil, err
		}
	case ".json":
		if err := checkJSON(string(text)); err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&raw); err != nil {
			if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
				err = fmt.Errorf("it is a JSON %s", other.Value)
			} else if err == io.EOF {
				err = errors.New("the file is empty")
			}
			return nil, fmt.Errorf("this is not a JSON object: %w", err)
		}
		if _, err := d.Token(); err != io.EOF {
			return nil, errors.New("unexpected data after the JSON object")
		}
	default:
		return nil, errors.New("the name must end in .toml or .json, which tells the format")
	}
	return raw, nil
}

// configValue returns the value as kong takes it for the flag, or says why it
// would not.
func configValue(flag *kong.Flag, raw any) (value any, err error) {
	if list, ok := raw.([]any); ok {
		value, err = configList(flag, list)
	} else {
		value, err = word(raw)
	}
	if err != nil {
		return nil, err
	}
	trial := reflect.New(flag.Target.Type()).Elem()
	if err = flag.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), trial); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), flag.ShortSummary()+": "))
	}
	if text := fmt.Sprint(trial); flag.Enum != "" && !slices.Contains(flag.EnumSlice(), text) {
		return nil, fmt.Errorf("%q is not one of %s", text, strings.Trim(flag.Enum, ","))
	}
	return value, nil
}

// configList returns a list as a flag takes it that has several values: with
// commas between them if it is one word on the command line too.
func configList(flag *kong.Flag, list []any) (any, error) {
	var words []string
	for i, item := range list {
		w, err := word(item)
		if err != nil {
			return nil, err
		}
		list[i], words = w, append(words, w)
	}
	if _, oneWord := flag.Target.Addr().Interface().(encoding.TextUnmarshaler); oneWord {
		return strings.Join(words, ","), nil
	}
	if !flag.IsSlice() {
		return nil, errors.New("the flag takes one value, not a list")
	}
	return list, nil
}

// word returns a value of TOML or JSON as it would be typed.
func word(raw any) (string, error) {
	switch raw.(type) {
	case string, bool, int64, float64, json.Number:
		text := fmt.Sprint(raw)
		if len(text) > maxConfigText {
			return "", fmt.Errorf("the value has %d bytes, but at most %d are read", len(text), maxConfigText)
		}
		// Messages quote values, and not every one of them spells out what a terminal obeys.
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			return "", errors.New("the value has a control character")
		}
		return text, nil
	}
	return "", errors.New("the value must be a text, a number, true or false, or a list of these")
}
