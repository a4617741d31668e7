package painting

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/nst"
)

func evaluation(n int, total float64) nst.Progress {
	return nst.Progress{
		Evaluations: n, Iteration: n - 1, Scale: 1, Width: 4, Height: 3,
		Cost: nst.Cost{
			Total: total, Content: total / 2,
			ContentLayers: []nst.LayerCost{{Name: "conv4_2", Value: 3}},
			Layers:        []nst.LayerCost{{Name: "conv1_1", Value: 5}, {Name: "conv2_1", Value: 0.5}},
		},
	}
}

// TestTraceLeavesOutWhatIsNoNumber: such a cost has no JSON, and the run goes on.
func TestTraceLeavesOutWhatIsNoNumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace.jsonl")
	tr := &trace{path: path}
	for i, total := range []float64{2, math.NaN(), math.Inf(1), 1} {
		tr.add(evaluation(i+1, total))
	}
	if err := tr.close(&outfile.Set{}, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"evals":1,"iteration":0,"seconds":0,"total":2,"content":1,"style":0,"range":0,"scale":1,"width":4,"height":3,"content_layers":{"conv4_2":3},"style_layers":{"conv1_1":5,"conv2_1":0.5}}
{"evals":4,"iteration":3,"seconds":0,"total":1,"content":0.5,"style":0,"range":0,"scale":1,"width":4,"height":3,"content_layers":{"conv4_2":3},"style_layers":{"conv1_1":5,"conv2_1":0.5}}
`
	if string(text) != want {
		t.Errorf("the file holds %s, want %s", text, want)
	}
	if _, err := tr.plot(); err != nil {
		t.Errorf("the plot: %v", err)
	}
}

// TestTraceKeepsItsErrorForTheEnd: and without a path there is no file at all.
func TestTraceKeepsItsErrorForTheEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	for path, want := range map[string]string{"": "", filepath.Join("none", "trace.jsonl"): "--trace: "} {
		tr := &trace{path: path}
		tr.add(evaluation(1, 2))
		tr.add(evaluation(2, 1))
		if err := tr.close(&outfile.Set{}, nil); want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", path, err, want)
		}
		if len(tr.lines) != 2 {
			t.Errorf("%q: %d lines for the plot, want 2", path, len(tr.lines))
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) > 0 {
		t.Errorf("files: %v, %v", entries, err)
	}
}
