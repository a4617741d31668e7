package main

import (
	"bytes"
	"encoding/json"
	"image"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

func TestRecordHoldsWhatIsNeeded(t *testing.T) {
	content, style, dir := pictures(t)
	path, file := paintedBy(t, dir, "out.png", content, style, "--threads=2", "--trace", filepath.Join(dir, "t.jsonl"), "--normalize-gradients", "--optimizer=adam", "--preset=abstract")
	inPicture, err := picture.ReadText(path)
	if err != nil {
		t.Fatal(err)
	}
	text := readTestFile(t, file)
	if inPicture != string(text) {
		t.Error("the picture and the file hold different records")
	}
	var r struct {
		Schema int
		Job    map[string]any
		Inputs []any
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != 4 || len(r.Inputs) != 2 {
		t.Errorf("schema %d, inputs %v, want 4 and two", r.Schema, r.Inputs)
	}
	abstract := withPreset(t, "abstract")
	styleLayers, err := abstract.StyleLayers.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"content": content, "styles": []any{map[string]any{"file": style, "weight": 1.0}},
		"size": 40.0, "iterations": 3.0, "optimizer": "adam", "seed": 0.0, "normalize-gradients": true, "weights": smallWeights,
		"style-cost": "sliced", "style-layers": string(styleLayers), "quality": 95.0,
		"init": abstract.Init, "strength": abstract.Strength, // of the preset
	} {
		if !reflect.DeepEqual(r.Job[name], want) {
			t.Errorf("%s is %v, want %v", name, r.Job[name], want)
		}
	}
	for _, name := range []string{
		"help", "config", "preset", "out", "record", "trace", "plot", "preview", "frames", "frame-every", "timelapse", "quiet", "json", "threads", "max-decode",
	} {
		if r.Job[name] != nil {
			t.Errorf("%s is recorded", name)
		}
	}
}

// oldRecords are pictures with records of schema 1.
const oldRecords = "../../../shared/records"

// TestAgainFromSchema1: pictures of before the records had a number are painted again,
// within a level of what they were. Other kernels round otherwise, which a few
// iterations make visible: there, it is said.
func TestAgainFromSchema1(t *testing.T) {
	folder, err := filepath.Abs(oldRecords)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the old records are missing: %v", err)
		}
		t.Skipf("the old records are not here: %v", err)
	}
	for _, name := range []string{"adam-noise.png", "gram.png", "wasserstein-mask.png"} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			path := filepath.Join(folder, name)
			code, stdout, stderr := nstRun(t, "again", path, "-o", "again.png", "--anyway")
			if code != commandline.ExitOK || strings.Contains(stderr, "is not a setting") || strings.Contains(stderr, "has changed") || strings.Contains(stderr, "weights") {
				t.Fatalf("exit %d, stderr %q", code, stderr)
			}
			if asm.Implementation != "avx2" { // by which they were made
				if !strings.Contains(stderr, "it was made by the set of kernels avx2") {
					t.Errorf("stderr %q does not say that other kernels made it", stderr)
				}
				return
			}
			if d := largestDifference(readPNG(t, "again.png"), readPNG(t, path)); d > 1 {
				t.Errorf("a pixel differs by %v levels, want at most 1: %q, %q", d, stdout, stderr)
			}
		})
	}
}

// largestDifference returns the largest difference of two values, in levels of 0..255;
// of pictures of different sizes it is infinite.
func largestDifference(a, b image.Image) (largest float64) {
	if a.Bounds() != b.Bounds() {
		return math.Inf(1)
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, bl, al := a.At(x, y).RGBA()
			r1, g1, b1, al1 := b.At(x, y).RGBA()
			for _, d := range [][2]uint32{{r, r1}, {g, g1}, {bl, b1}, {al, al1}} {
				largest = max(largest, math.Abs(float64(d[0])-float64(d[1]))/257)
			}
		}
	}
	return largest
}

// TestHostileRecordWritesNothing: whatever outputs the job of a record names, the only
// file that comes of painting it again is that of -o.
func TestHostileRecordWritesNothing(t *testing.T) {
	content, style, dir := pictures(t)
	weights, err := filepath.Abs(smallWeights)
	if err != nil {
		t.Fatal(err)
	}
	_, record := paintedBy(t, dir, "out.png", content, style, "--weights", weights, "--preset", "classic", "--margin", "0") // as in old schemas
	var whole map[string]any
	if err := json.Unmarshal(readTestFile(t, record), &whole); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	outputs := map[string]any{
		"out": "o.png", "record": "r.json", "preview": "v.png", "frames": "frames", "timelapse": "t.gif", "trace": "t.jsonl", "plot": "p.png", "frame-every": 1,
	}
	job := maps.Clone(whole["job"].(map[string]any))
	maps.Copy(job, outputs)
	settings := map[string]any{"CONTENT": content, "STYLE": style, "weights": weights, "size": "40", "iterations": "3"}
	for name, value := range outputs {
		settings[name] = value
	}
	settings["frame-every"] = "1"
	for name, change := range map[string]map[string]any{
		"job":      {"job": job},
		"schema 1": {"schema": 1, "settings": settings},
		"no number": {
			"schema": nil, "settings": settings, "job": nil,
		},
	} {
		r := maps.Clone(whole)
		for key, value := range change {
			if r[key] = value; value == nil {
				delete(r, key)
			}
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		writeTestFile(t, "hostile.json", text)
		stdout, _ := mustRun(t, "again", "hostile.json", "-o", "again.png")
		if !strings.Contains(stdout, "bit for bit") {
			t.Errorf("%s: stdout %q, want the same picture", name, stdout)
		}
		if got := listing(t, "."); got != "again.png hostile.json" {
			t.Errorf("%s: files: %s", name, got)
		}
		if !bytes.Equal(readTestFile(t, "hostile.json"), text) {
			t.Errorf("%s: the record has changed", name)
		}
		if err := os.Remove("again.png"); err != nil {
			t.Fatal(err)
		}
	}
	before := listing(t, dir)
	if !slices.Equal(strings.Fields(before), []string{"out.png", "painting.png", "photo.png", "record.json"}) {
		t.Errorf("files beside the pictures: %s", before)
	}
}
