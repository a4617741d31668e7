package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// record is what is needed to paint a picture again, to the bit.
type record struct {
	Program  string            `json:"program"`  // recordProgram
	Settings map[string]values `json:"settings"` // of the flags of nst paint, and its pictures
	Inputs   []input           `json:"inputs"`
	Weights  string            `json:"weights_sha256"`
	Made     build             `json:"made_by"`
	Format   string            `json:"format"` // the extension of the picture's file name

	// Picture is the SHA-256 of the result before it was rounded for the file:
	// height and width as 32-bit integers and the values as float32, all
	// little-endian.
	Picture string `json:"picture_sha256"`
	// Unfinished says after what an interrupted run ended; empty for one that was
	// not interrupted.
	Unfinished string `json:"unfinished,omitempty"`
}

// recordProgram tells a record from another JSON object.
const recordProgram = "brushgrad nst"

// input is a file that had an influence.
type input struct {
	Path   string `json:"path"` // as the settings have it
	SHA256 string `json:"sha256"`
}

// build is the program that made a picture. Sums of float32 may be rounded
// otherwise by other kernels, on another processor or by another compiler.
type build struct {
	Version        string `json:"version"`
	Go             string `json:"go"`
	Platform       string `json:"platform"`
	Implementation string `json:"implementation"`
}

func thisBuild() build {
	b := build{"unknown", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, asm.Implementation}
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
func (b build) String() string {
	return fmt.Sprintf("%s, %s for %s, kernels: %s", b.Version, b.Go, b.Platform, b.Implementation)
}

// noteInputs remembers what is in the files that are going to be read.
func (p *paintCmd) noteInputs() {
	p.noted = nil
	for _, path := range p.inputFiles() {
		if sum, err := fileSum(path); err == nil {
			p.noted = append(p.noted, input{path, sum})
		}
	}
	slices.SortFunc(p.noted, func(a, b input) int { return strings.Compare(a.Path, b.Path) })
	p.noted = slices.Compact(p.noted)
}

// newRecord returns the record of a run that has ended with a picture.
func newRecord(p *paintCmd, result *nst.Result) (*record, error) {
	settings, err := settingsOf(p)
	if err == nil {
		err = p.loadWeights()
	}
	if err != nil {
		return nil, err
	}
	r := &record{
		Program: recordProgram, Settings: settings, Inputs: p.noted, Weights: p.weights.Hash(),
		Made: thisBuild(), Format: strings.ToLower(filepath.Ext(p.Out)), Picture: pictureSum(result.Picture),
	}
	if result.Status == optim.Cancelled {
		r.Unfinished = fmt.Sprintf("iteration %d of %d", result.Iteration, result.Iterations)
	}
	return r, nil
}

func (r *record) text() []byte {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // strings alone
	}
	return append(text, '\n')
}

// readRecord reads the record in a PNG or a file of its own.
func readRecord(path string) (*record, error) {
	var text []byte
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".json" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		const most = 1 << 24
		if text, err = io.ReadAll(io.LimitReader(f, most)); err != nil {
			return nil, fmt.Errorf("%s: this cannot be read as a record: %w", path, err)
		}
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
	r, err := parseRecord(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func parseRecord(text []byte) (*record, error) {
	r := &record{}
	if err := json.Unmarshal(text, r); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return nil, fmt.Errorf("the record is damaged: %s cannot be a JSON %s", oneLine(wrong.Field), wrong.Value)
		} else if ok {
			return nil, errors.New("this is no record of a run of nst")
		}
		return nil, fmt.Errorf("the record is damaged: %s", oneLine(err.Error()))
	}
	switch {
	case r.Program != recordProgram:
		return nil, errors.New("this is no record of a run of nst")
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
	return r, nil
}

func isSum(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// oneLine keeps what a stranger's file has brought into a message from breaking
// out of it.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
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
