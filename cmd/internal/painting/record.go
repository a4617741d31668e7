package painting

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// Record is all that is needed to paint a picture again, bit for bit.
type Record struct {
	Program string  `json:"program"` // recordProgram
	Schema  int     `json:"schema"`  // recordSchema
	Job     Job     `json:"job"`     // without outputs
	Inputs  []Input `json:"inputs"`
	Weights string  `json:"weights_sha256"`
	Made    Build   `json:"made_by"`
	Format  string  `json:"format"` // the extension of the picture's file name

	// Picture is the SHA-256 of the result before it was rounded for the file:
	// height and width as 32-bit integers and the values as float32, all
	// little-endian.
	Picture string `json:"picture_sha256"`
	// Unfinished says where an interrupted run ended; empty for one that was not
	// interrupted.
	Unfinished string `json:"unfinished,omitempty"`

	// Unknown are the names of options in a record read that this version does not
	// know, or that had another meaning, in order.
	Unknown []string `json:"-"`
}

const (
	recordProgram = "brushgrad nst" // tells a record from another JSON object
	// recordSchema is 4. Read are 3 as well, of a time when gram was the default style cost;
	// 2, before there was a margin; and 1, which has the texts of flags in place of the job:
	// see jobOfSettings.
	recordSchema = 4
)

// Input is a file that had an influence.
type Input struct {
	Path   string `json:"path"` // as the job has it
	SHA256 string `json:"sha256"`
}

// newRecord returns the record of a job that has ended with a picture.
func newRecord(job Job, inputs []Input, weights string, result *nst.Result) *Record {
	r := &Record{
		Program: recordProgram, Schema: recordSchema, Job: job, Inputs: inputs, Weights: weights,
		Made: ThisBuild(), Format: strings.ToLower(filepath.Ext(job.Out)), Picture: pictureSum(result.Picture),
	}
	r.Job.Outputs, r.Job.Threads, r.Job.Reading = Outputs{}, 0, Reading{}
	if result.Status == optim.Cancelled {
		r.Unfinished = fmt.Sprintf("iteration %d of %d", result.Iteration, result.Iterations)
	}
	return r
}

// Text returns the record as JSON.
func (r *Record) Text() []byte {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("painting: a record: %v", err)) // finite numbers and texts alone: Check has seen them
	}
	return append(text, '\n')
}

// fileSum returns the SHA-256 of a regular file, or "" if it cannot be read.
func fileSum(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

func pictureSum(t *tensor.Tensor) string {
	h := sha256.New() // which takes everything without an error
	_ = binary.Write(h, binary.LittleEndian, []uint32{uint32(t.Dim(1)), uint32(t.Dim(2))})
	_ = binary.Write(h, binary.LittleEndian, t.Data())
	return hex.EncodeToString(h.Sum(nil))
}

// Build is the program that made a picture. Sums of float32 may be rounded
// otherwise by other kernels, on another processor or by another compiler.
type Build struct {
	Version        string `json:"version"`
	Go             string `json:"go"`
	Platform       string `json:"platform"`
	Implementation string `json:"implementation"`
}

// ThisBuild returns the build that is running.
func ThisBuild() Build {
	b := Build{"unknown", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, asm.Implementation}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(info.Main.Version, b.Version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && !strings.Contains(b.Version, s.Value[:min(12, len(s.Value))]) {
				b.Version += " " + s.Value
			}
		}
	}
	return b
}

// String returns a line for people.
func (b Build) String() string {
	return fmt.Sprintf("%s, %s for %s, kernels: %s", b.Version, b.Go, b.Platform, b.Implementation)
}

// Differences says how another build differs from the one that made a picture.
func (b Build) Differences(now Build) []string {
	var all []string
	for _, d := range [][3]string{
		{"version", b.Version, now.Version},
		{"version of Go", b.Go, now.Go},
		{"platform", b.Platform, now.Platform},
		{"set of kernels", b.Implementation, now.Implementation},
	} {
		if d[1] != d[2] {
			all = append(all, fmt.Sprintf("it was made by the %s %s, and this is %s", d[0], option.OneLine(d[1]), d[2]))
		}
	}
	return all
}
