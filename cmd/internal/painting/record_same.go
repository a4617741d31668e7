package painting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// IsOf reports whether the picture of this record is what the job would paint: the same
// options, as far as they have an effect, and files with the same contents, under whatever
// names. The function sum returns the SHA-256 of a file, or "" if it cannot be read, and
// weights is that of the weights. The outputs of the job do not count, nor does the build
// that has made the picture, though another may round otherwise.
func (r *Record) IsOf(job Job, sum func(path string) string, weights string) bool {
	if r.Unfinished != "" || len(r.Unknown) > 0 || r.Weights != weights {
		return false
	}
	recorded := func(path string) string {
		for _, in := range r.Inputs {
			if in.Path == path {
				return in.SHA256
			}
		}
		return ""
	}
	was, ok := r.Job.essence(recorded)
	is, alsoOK := job.essence(sum)
	return ok && alsoOK && bytes.Equal(was, is)
}

// essence returns a text that is the same for jobs that paint the same picture with the
// same weights; false if there is no sum of one of its files.
func (j Job) essence(sum func(path string) string) (text []byte, ok bool) {
	j.Styles = slices.Clone(j.Styles)
	for _, path := range j.inputs() {
		s := sum(*path)
		if s == "" {
			return nil, false
		}
		*path = "sha256 " + s
	}
	j.Outputs, j.Threads, j.Reading, j.Weights = Outputs{}, 0, Reading{}, ""
	defaults, v := reflect.ValueOf(New()), reflect.ValueOf(&j).Elem()
	for _, f := range option.Fields(v.Type()) {
		if option.CheckEffect(&j, option.Name(f)) != nil {
			v.FieldByIndex(f.Index).Set(defaults.FieldByIndex(f.Index))
		}
	}
	text, err := json.Marshal(j)
	if err != nil {
		panic(fmt.Sprintf("painting: a job: %v", err)) // finite numbers and texts alone: Check has seen them
	}
	return text, true
}

// Sums returns a function that returns the SHA-256 of a regular file, or "" if it cannot
// be read. Each file is read once.
func Sums() func(path string) string {
	known := make(map[string]string)
	return func(path string) string {
		s, ok := known[path]
		if !ok {
			s = fileSum(path)
			known[path] = s
		}
		return s
	}
}
