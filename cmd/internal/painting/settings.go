package painting

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

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
	known := optionNames()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		switch {
		case slices.Contains([]string{"CONTENT", "STYLE", "style", "mask"}, name):
		case !known[name]:
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
