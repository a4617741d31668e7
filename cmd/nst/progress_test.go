package main

import (
	"testing"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/nst"
)

// TestTimeLeft: an estimate begins with the forecast and ends with what was
// measured.
func TestTimeLeft(t *testing.T) {
	s := &progress{planned: painting.Plan{Time: 100 * time.Second}}
	for _, c := range []struct {
		work    float64
		elapsed time.Duration
		want    string
	}{
		{0, 0, ""},
		{0.01, 5 * time.Second, ", 1m43s left"}, // the measure alone would say eight minutes
		{0.5, 50 * time.Second, ", 50s left"},
		{0.5, 100 * time.Second, ", 1m15s left"},
		{0.9, 900 * time.Second, ", 1m31s left"}, // ten times as slow: a tenth of 1000 s would be right
		{1, 100 * time.Second, ", 0s left"},
	} {
		if got := s.timeLeft(nst.Progress{Work: c.work, Elapsed: c.elapsed}); got != c.want {
			t.Errorf("work %v after %v: %q, want %q", c.work, c.elapsed, got, c.want)
		}
	}
}
