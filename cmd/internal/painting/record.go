package painting

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/autodiff/optim"
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
	// know, in order.
	Unknown []string `json:"-"`
}

const (
	recordProgram = "brushgrad nst" // tells a record from another JSON object
	recordSchema  = 2               // 1, with the texts of flags in place of the job, is read too: see settings.go
)

// Input is a file that had an influence.
type Input struct {
	Path   string `json:"path"` // as the job has it
	SHA256 string `json:"sha256"`
}

// newRecord begins the record of a job that is about to run, with the contents of its
// files as they are now.
func newRecord(job *Job) *Record {
	r := &Record{Program: recordProgram, Schema: recordSchema, Job: *job, Made: ThisBuild(), Format: strings.ToLower(filepath.Ext(job.Out))}
	r.Job.Outputs, r.Job.Threads = Outputs{}, 0
	for _, path := range job.inputs() {
		if sum, err := fileSum(*path); err == nil {
			r.Inputs = append(r.Inputs, Input{*path, sum})
		}
	}
	slices.SortFunc(r.Inputs, func(a, b Input) int { return strings.Compare(a.Path, b.Path) })
	r.Inputs = slices.Compact(r.Inputs)
	return r
}

// complete adds what the run has brought.
func (r *Record) complete(result *nst.Result) {
	r.Picture = pictureSum(result.Picture)
	if result.Status == optim.Cancelled {
		r.Unfinished = fmt.Sprintf("iteration %d of %d", result.Iteration, result.Iterations)
	}
}

// Text returns the record as JSON.
func (r *Record) Text() []byte {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("painting: a record: %v", err)) // finite numbers and texts alone: Check has seen them
	}
	return append(text, '\n')
}

// fileSum returns the SHA-256 of a regular file.
func fileSum(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func pictureSum(t *tensor.Tensor) string {
	var b bytes.Buffer
	b.Grow(8 + 4*t.Len())
	word := func(v uint32) { b.Write(binary.LittleEndian.AppendUint32(b.AvailableBuffer(), v)) }
	word(uint32(t.Dim(1)))
	word(uint32(t.Dim(2)))
	for _, v := range t.Data() {
		word(math.Float32bits(v))
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:])
}
