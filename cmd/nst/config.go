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
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// settingsFlags take the values of other flags from elsewhere. A flag that is
// given counts more than the file, and the file more than the preset.
type settingsFlags struct {
	Config string `placeholder:"FILE" help:"Take flags from this file, .toml or .json: names of flags without the dashes in front, and their values."`
	Preset string `enum:",${presets}" default:"" placeholder:"NAME" help:"Start from a set of flags that go together: ${presets}."`
}

// settings returns the hook that makes kong resolve the flags that were not
// given from --config and --preset.
func settings() kong.Option {
	done := false // kong calls a hook for every word of the command line
	return kong.WithBeforeResolve(func(ctx *kong.Context) error {
		if done {
			return nil
		}
		done = true
		flags := make(map[string]*kong.Flag)
		for _, f := range ctx.Flags() {
			flags[f.Name] = f
		}
		if flags["config"] == nil {
			return nil
		}
		values := make(map[string]any)
		preset := ctx.FlagValue(flags["preset"]).(string)
		if path := ctx.FlagValue(flags["config"]).(string); path != "" {
			fromFile, err := readConfig(path, flags)
			if err != nil {
				return err
			}
			if name, ok := fromFile["preset"].(string); ok && preset == "" {
				preset = name
			}
			values = fromFile
		}
		for name, value := range presets[preset] {
			if _, ok := values[name]; !ok {
				values[name] = value
			}
		}
		ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
			return values[flag.Name], nil
		}))
		return nil
	})
}

// notInConfig are the flags that are no setting.
var notInConfig = []string{"config", "help", "version"}

// maxConfigBytes bounds what is read of a file that does not end.
const maxConfigBytes = 1 << 20

// readConfig reads the values of flags from a file, in the form that kong parses.
func readConfig(path string, flags map[string]*kong.Flag) (map[string]any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfigBytes+1))
	if err == nil && len(text) > maxConfigBytes {
		err = errors.New("the file is too large for a list of flags")
	}
	if err != nil {
		return nil, fmt.Errorf("--config: %s: %w", path, err)
	}
	values, err := parseConfig(path, text, flags)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// parseConfig parses the text of a file with that name, whose extension decides
// on the format.
func parseConfig(path string, text []byte, flags map[string]*kong.Flag) (map[string]any, error) {
	raw := make(map[string]any)
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".toml":
		if err := toml.Unmarshal(text, &raw); err != nil {
			return nil, err
		}
	case ".json":
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&raw); err != nil {
			return nil, notObject(err)
		}
		if _, err := d.Token(); err != io.EOF {
			return nil, errors.New("there is something behind the JSON object")
		}
	default:
		return nil, errors.New("the name must end in .toml or .json, which tells the format")
	}
	values := make(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		name := strings.ReplaceAll(key, "_", "-")
		flag := flags[name]
		if flag == nil || slices.Contains(notInConfig, name) {
			return nil, fmt.Errorf("unknown key %q; keys are the names of flags, without the dashes in front", key)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("key %q is given twice, with and without underscores", key)
		}
		value, err := configValue(flag, raw[key])
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		values[name] = value
	}
	return values, nil
}

// notObject says why a text could not be decoded as a JSON object.
func notObject(err error) error {
	if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("this is not a JSON object but a JSON %s", other.Value)
	}
	if err == io.EOF {
		return errors.New("this is not a JSON object: the file is empty")
	}
	return fmt.Errorf("this is not a JSON object: %w", err)
}

// configValue returns the value as kong takes it for the flag, or says why it
// would not.
func configValue(flag *kong.Flag, raw any) (any, error) {
	value, err := scalar(raw)
	if list, ok := raw.([]any); ok {
		value, err = configList(flag, list)
	}
	if err != nil {
		return nil, err
	}
	set := flag.Set
	trial := reflect.New(flag.Target.Type()).Elem()
	err = flag.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), trial)
	flag.Set = set
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), flag.ShortSummary()+": "))
	}
	if flag.Enum != "" && !slices.Contains(flag.EnumSlice(), fmt.Sprint(trial)) {
		return nil, fmt.Errorf("%q is not one of %s", fmt.Sprint(trial), strings.Trim(flag.Enum, ","))
	}
	return value, nil
}

// configList returns a list as a flag takes it that has several values: with
// commas between them if it is one word on the command line too.
func configList(flag *kong.Flag, list []any) (any, error) {
	var words []string
	for _, item := range list {
		word, err := scalar(item)
		if err != nil {
			return nil, err
		}
		words = append(words, word.(string))
	}
	if _, oneWord := reflect.New(flag.Target.Type()).Interface().(encoding.TextUnmarshaler); oneWord {
		return strings.Join(words, ","), nil
	}
	if !flag.IsSlice() {
		return nil, errors.New("the flag takes one value, not a list")
	}
	items := make([]any, len(words))
	for i, word := range words {
		items[i] = word
	}
	return items, nil
}

// scalar returns a value of TOML or JSON as it would be typed.
func scalar(raw any) (any, error) {
	switch v := raw.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case json.Number:
		return v.String(), nil
	}
	return nil, errors.New("the value must be a text, a number, true or false, or a list of these")
}
