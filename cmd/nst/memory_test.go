package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
)

// TestCostAndBenchRefuse what does not fit into memory, in one line with the --size that
// does.
func TestCostAndBenchRefuse(t *testing.T) {
	content, style, _ := pictures(t)
	cost := []string{"cost", "--content", content, "--image", content, "--style", style, "--size", "3000"}
	for name, args := range map[string][]string{
		"cost":           cost,
		"bench":          {"bench", "--network", "default", "--size", "3000", "--evals", "1"},
		"bench --layers": {"bench", "--network", "default", "--size", "3000", "--evals", "1", "--layers"},
	} {
		undo := memory.Simulate(100 << 20)
		code, _, stderr := nstRun(t, args...)
		var size int
		if _, advice, ok := strings.Cut(stderr, "; "); code == 0 || !ok || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, stderr %q", name, code, stderr)
		} else if _, err := fmt.Sscanf(advice, "--size %d would fit (--force tries anyway)", &size); err != nil || size < 100 {
			t.Errorf("%s: advice %q, error %v", name, advice, err)
		}
		undo()
	}
	defer memory.Simulate(1 << 10)()
	if code, _, stderr := nstRun(t, "bench", "--network", "default", "--size", "64", "--evals", "1"); code == 0 || !strings.Contains(stderr, "the network alone needs about 12 MiB") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	if code, _, stderr := nstRun(t, "bench", "--network", "default", "--size", "64", "--evals", "1", "--force"); code != 0 {
		t.Errorf("--force: exit code %d, stderr %q", code, stderr)
	}
}
