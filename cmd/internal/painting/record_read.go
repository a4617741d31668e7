package painting

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// ReadRecord reads the record in a PNG or in a .json file of its own. The error is one
// line that names the file.
func ReadRecord(path string) (*Record, error) {
	var text []byte
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".json" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		const limit = 1 << 24
		if text, err = io.ReadAll(io.LimitReader(f, limit)); err != nil {
			return nil, fmt.Errorf("%s: this cannot be read as a record: %w", path, err)
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff")) // which an editor may have added
	} else if ext == ".png" {
		s, err := picture.ReadText(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w; give a PNG that nst has painted, or the .json that --record has written", err)
		}
		text = []byte(s)
	} else {
		return nil, fmt.Errorf("%s: only a PNG holds the record of its run; give one, or the .json that --record has written", path)
	}
	r, err := ParseRecord(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ParseRecord parses the JSON of a record of any schema so far. Its job need not pass
// Check. The error is one line, whatever the text holds.
func ParseRecord(text []byte) (*Record, error) {
	var kind struct {
		Program string `json:"program"`
		Schema  int    `json:"schema"`
	}
	r := &Record{}
	err := json.Unmarshal(text, &kind)
	if err == nil && kind.Program == recordProgram && kind.Schema >= 0 && kind.Schema <= recordSchema {
		err = json.Unmarshal(text, r)
	}
	wrong, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case isType && wrong.Field == "" || err == nil && kind.Program != recordProgram:
		return nil, errors.New("this is not the record of a run of nst")
	case isType:
		return nil, fmt.Errorf("the record is damaged: %s cannot be a JSON %s", option.OneLine(wrong.Field[strings.LastIndex(wrong.Field, ".")+1:]), wrong.Value)
	case err != nil:
		return nil, fmt.Errorf("the record is damaged: %s", option.OneLine(err.Error()))
	case kind.Schema > recordSchema || kind.Schema < 0:
		return nil, fmt.Errorf("the record has schema %d, but this version reads schemas up to %d; use a newer nst", kind.Schema, recordSchema)
	case !isSum(r.Weights) || !isSum(r.Picture):
		return nil, errors.New("the record is damaged: a SHA-256 is missing")
	case !slices.Contains([]string{".png", ".jpg", ".jpeg", ".tif", ".tiff"}, r.Format):
		return nil, fmt.Errorf("the record is damaged: %q is not the extension of a picture", r.Format)
	}
	for _, in := range r.Inputs {
		if in.Path == "" || !isSum(in.SHA256) {
			return nil, errors.New("the record is damaged: an input has no path or no SHA-256")
		}
	}
	if r.Schema < 2 {
		r.Job, r.Unknown, err = jobOfSettings(text, r.Inputs)
	} else {
		r.Unknown, err = unknownOptions(text)
	}
	if (r.Schema == 2 || r.Schema == 3) && err == nil {
		r.Job, err = jobOfGram(text)
	}
	if r.Schema < 3 {
		r.Job.Margin = 0
		if r.Job.TV > 0 { // which was another sum
			r.Unknown = append(r.Unknown, "tv")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("this version cannot paint with the settings recorded: %s", option.OneLine(err.Error()))
	}
	return r, nil
}

// jobOfGram returns the job of a record of schema 2 or 3, in which a style cost that is
// missing stands for gram.
func jobOfGram(record []byte) (job Job, err error) {
	var r struct{ Job json.RawMessage }
	if err := json.Unmarshal(record, &r); err != nil {
		return job, err
	}
	return job, job.decode(r.Job, "gram")
}

// unknownOptions returns the keys of the job in a record that are no options.
func unknownOptions(text []byte) (unknown []string, err error) {
	var r struct{ Job map[string]any }
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	if r.Job == nil {
		return nil, errors.New("the job is missing")
	}
	for _, key := range slices.Sorted(maps.Keys(r.Job)) {
		if !isOption(strings.ToLower(key)) && key != "content" && key != "styles" {
			unknown = append(unknown, key)
		}
	}
	return unknown, nil
}

func isOption(name string) bool {
	_, ok := option.Find(reflect.TypeFor[Job](), name)
	return ok
}

func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// FindInputs looks for the inputs of a record where they were, and then in its folder
// and below it, and makes the job name them as they were found. It returns which of
// them have other contents now. A missing input is an error.
func (r *Record) FindInputs(folder string) (changed []string, err error) {
	var missing []string
	found := make(map[string]string)
	for _, in := range r.Inputs {
		path, sum := in.Path, ""
		for _, candidate := range namesakes(in.Path, filepath.Join(folder, in.Path), filepath.Join(folder, filepath.Base(in.Path))) {
			if s := fileSum(candidate); sum == "" || s == in.SHA256 {
				path, sum = candidate, s
			}
			if sum == in.SHA256 {
				break
			}
		}
		switch {
		case sum == "":
			missing = append(missing, option.OneLine(in.Path))
		case sum != in.SHA256:
			changed = append(changed, fmt.Sprintf("%s has changed: its SHA-256 is %s, not %s", option.OneLine(path), Brief(sum), Brief(in.SHA256)))
		}
		found[in.Path] = path
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("missing: %s; put it where it was, or beside this file", strings.Join(missing, ", "))
	}
	for _, path := range r.Job.inputs() {
		if now, ok := found[*path]; ok {
			*path = now
		}
	}
	if w := r.Job.Weights; w != "" && !outfile.Exists(w) {
		if all := slices.DeleteFunc(namesakes(w, filepath.Join(folder, w)), func(path string) bool { return !outfile.Exists(path) }); len(all) > 0 {
			r.Job.Weights = all[0]
		}
	}
	return changed, nil
}

// namesakes returns the files that paths in a record may stand for: those paths
// themselves, unless they have U+FFFD, which JSON has for each byte of a name that is
// not UTF-8. Then they are the files whose names it replaces like that, and the path
// itself comes last.
func namesakes(paths ...string) (all []string) {
	for _, path := range paths {
		if strings.ContainsRune(path, utf8.RuneError) {
			all = append(all, replacedBy(path)...)
		}
		all = append(all, path)
	}
	return all
}

// replacedBy returns the files of which the names become a path when each byte that is
// not UTF-8 becomes U+FFFD.
func replacedBy(path string) (all []string) {
	dir, base := filepath.Dir(path), filepath.Base(path)
	folders := []string{dir}
	if dir != path && strings.ContainsRune(dir, utf8.RuneError) {
		folders = replacedBy(dir)
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // what is missing will be said
		}
		for _, e := range entries {
			if string([]rune(e.Name())) == base {
				all = append(all, filepath.Join(folder, e.Name()))
			}
		}
	}
	return all
}

// Brief returns the beginning of a SHA-256, enough to tell two apart.
func Brief(sum string) string { return sum[:min(12, len(sum))] }

// texts are the values of a flag as they would be typed: in JSON, a string or, where
// the flag was repeated, an array.
type texts []string

// UnmarshalJSON decodes a string or an array of strings.
func (v *texts) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*v = texts{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(v))
}

// jobOfSettings returns the job of a record of schema 1, which has no number: it holds
// the flags of nst paint and their values as they would be typed, and the pictures
// under CONTENT and STYLE. The second result are the settings that are not known.
func jobOfSettings(record []byte, inputs []Input) (job Job, unknown []string, err error) {
	var r struct{ Settings map[string]texts }
	if err := json.Unmarshal(record, &r); err != nil {
		return job, nil, err
	}
	s := r.Settings
	job = New()
	given := map[string]bool{"style-cost": len(s["style-cost"]) > 0}
	if given["style-cost"] {
		job.StyleCost = s["style-cost"][0]
	}
	if err := job.Apply(given, Preset{"style-cost": "gram"}); err != nil {
		return job, nil, err
	}
	styles := slices.Concat(s["STYLE"], s["style"])
	wasRead := func(path string) bool {
		return slices.ContainsFunc(inputs, func(in Input) bool { return in.Path == path })
	}
	if job.Styles, err = ParseStyles(styles, s["mask"], wasRead); err != nil {
		return job, nil, err
	}
	switch content := s["CONTENT"]; len(content) {
	case 0: // the demo
		job.Content, job.Styles = DemoContent, []Style{{File: DemoStyle, Weight: 1}}
	case 1:
		job.Content = content[0]
	default:
		return job, nil, fmt.Errorf("there are %d contents", len(content))
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		switch {
		case slices.Contains([]string{"CONTENT", "STYLE", "style", "mask"}, name):
		case !isOption(name):
			unknown = append(unknown, name)
		case len(s[name]) != 1:
			return job, nil, fmt.Errorf("--%s has %d values", name, len(s[name]))
		default:
			if err := option.Set(&job, name, s[name][0]); err != nil {
				return job, nil, err
			}
		}
	}
	return job, unknown, nil
}
