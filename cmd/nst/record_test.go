package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

func TestRecordHoldsWhatIsNeeded(t *testing.T) {
	content, style, dir := pictures(t)
	path, file := paintedBy(t, dir, "out.png", content, style)
	inPicture, err := picture.ReadText(path)
	if err != nil {
		t.Fatal(err)
	}
	text := readTestFile(t, file)
	if inPicture != string(text) {
		t.Error("the picture and the file hold different records")
	}
	var r map[string]any
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	settings := r["settings"].(map[string]any)
	for name, want := range map[string]string{
		"CONTENT": content, "STYLE": style, "size": "40", "iterations": "3", "optimizer": "lbfgs", "seed": "0",
		"style-layers": "conv1_1=1,conv2_1=1,conv3_1=1,conv4_1=1,conv5_1=1", "quality": "95",
	} {
		if settings[name] != want {
			t.Errorf("%s is %v, want %q", name, settings[name], want)
		}
	}
	if inputs := r["inputs"].([]any); len(inputs) != 2 {
		t.Errorf("inputs %v", inputs)
	}
	for _, name := range notRecorded {
		if settings[name] != nil {
			t.Errorf("%s is recorded", name)
		}
	}
}

// The record of an interrupted run says so.
func TestRecordOfInterruptedRun(t *testing.T) {
	p := &paintCmd{Out: "out.png", networkFlags: networkFlags{Weights: smallWeights}}
	result := &nst.Result{
		Progress: nst.Progress{Iteration: 2, Iterations: 9},
		Picture:  tensor.New(1, 1, 1, 3), Status: optim.Cancelled,
	}
	for _, want := range []string{"iteration 2 of 9", ""} {
		r, err := newRecord(p, result)
		if err != nil {
			t.Fatal(err)
		}
		if r.Unfinished != want {
			t.Errorf("unfinished is %q for status %v, want %q", r.Unfinished, result.Status, want)
		}
		result.Status = optim.MaxIterations
	}
}

// FuzzRecord checks that no record makes its reader, or what is done with it
// before a picture is read, panic or print several lines.
func FuzzRecord(f *testing.F) {
	sum := strings.Repeat("0", 64)
	f.Add([]byte(`{"program":"brushgrad nst","settings":{"CONTENT":"a.png","style":["b=1","c"],"size":"40","-":"x"},"inputs":[{"path":"a.png","sha256":"` +
		sum + `"}],"weights_sha256":"` + sum + `","picture_sha256":"` + sum + `","format":".png"}`))
	f.Add([]byte(`{"program":"brushgrad nst","settings":{"beta":"NaN","help":"true"},"weights_sha256":"` + sum + `","picture_sha256":"` + sum + `","format":".png"}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseRecord(text)
		if err == nil {
			var settings map[string]values
			if settings, _, err = r.find(dir); err == nil {
				a := &againCmd{File: "x.json", Out: "out.png"}
				_, _, err = a.command(settings)
			}
			for _, d := range r.Made.differences(thisBuild()) {
				if strings.Contains(d, "\n") {
					t.Errorf("several lines: %q", d)
				}
			}
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("several lines: %q", err)
		}
	})
}
