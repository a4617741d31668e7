package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
)

func TestBench(t *testing.T) {
	stdout, _ := mustRun(t, "bench", "--size", "32", "--evals", "1", "--network", "default", "--json")
	var report map[string]any
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"size", "threads", "evals", "seconds_median", "seconds_min", "forward_median", "rss_mib", "rss_base_mib", "gflops_direct_equivalent", "fma_peak_gflops"} {
		if strings.HasPrefix(key, "rss_") && memory.Peak() == 0 {
			continue // the system does not tell
		}
		if v, ok := report[key].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v, want a number above 0", key, report[key])
		}
	}
}

// TestBenchLayers: every convolution up to conv5_1 is there, with its size, and
// the total adds up.
func TestBenchLayers(t *testing.T) {
	stdout, _ := mustRun(t, "bench", "--layers", "--size", "48", "--evals", "1", "--network", "default", "--json")
	var reports []layerReport
	if err := json.Unmarshal([]byte(stdout), &reports); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 14 || reports[0].Layer != "conv1_1" || reports[12].Layer != "conv5_1" || reports[13].Layer != "total" {
		t.Fatalf("reports %+v, want 13 convolutions and the total", reports)
	}
	if r := reports[12]; r.Height != 3 || r.Width != 3 || r.Out != 128 || r.GFLOP != 2*9*9*128*float64(r.In)/1e9 {
		t.Errorf("conv5_1 is %+v, want 3x3 pixels, 128 channels and 9 products of these by the channels before", r)
	}
	sum := layerReport{}
	for _, r := range reports[:13] {
		for _, p := range []pass{r.Forward, r.Backward} {
			if !(p.Seconds > 0) || !(p.OfPeak > 0) || math.Abs(p.GFLOPS*p.Seconds/r.GFLOP-1) > 1e-9 {
				t.Errorf("%s: %+v does not fit %v GFLOP", r.Layer, p, r.GFLOP)
			}
		}
		sum.GFLOP += r.GFLOP
		sum.Forward.Seconds += r.Forward.Seconds
		sum.Backward.Seconds += r.Backward.Seconds
	}
	total := reports[13]
	for _, d := range []float64{total.GFLOP - sum.GFLOP, total.Forward.Seconds - sum.Forward.Seconds, total.Backward.Seconds - sum.Backward.Seconds} {
		if math.Abs(d) > 1e-9 {
			t.Errorf("total is %+v, but the layers add up to %+v", total, sum)
		}
	}
	stdout, _ = mustRun(t, "bench", "--layers", "--size", "32", "--evals", "1", "--network", "default")
	if n := strings.Count(stdout, "\nconv"); n != 13 {
		t.Errorf("the table has %d convolutions, want 13:\n%s", n, stdout)
	}
}
