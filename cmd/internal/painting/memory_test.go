package painting

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/nst"
)

// leave makes painters find the given number of bytes free.
func leave(t *testing.T, bytes int64) {
	t.Cleanup(memory.Simulate(bytes))
}

func TestRefusesWhatDoesNotFit(t *testing.T) {
	j := small(t)
	j.Size = 3000
	leave(t, 100<<20)
	p, err := (&Painter{}).Paint(t.Context(), j, Observers{Evaluation: func(nst.Progress) { t.Error("an evaluation") }})
	var need, free, size int
	if err == nil || p != nil {
		t.Fatalf("painting %v, error %v", p, err)
	}
	if _, scanErr := fmt.Sscanf(err.Error(), "this needs about %d MiB, but %d MiB are free; --size %d would fit (--force tries anyway)", &need, &free, &size); scanErr != nil {
		t.Fatalf("error %q: %v", err, scanErr)
	}
	if need < 1000 || free != 100 || size < 50 || size > 1000 {
		t.Errorf("error %q", err)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
	var painter Painter
	net, err := painter.Network(j.Network)
	if err != nil {
		t.Fatal(err)
	}
	j.Size = size
	if need, err := painter.checkMemory(newSources(t.Context(), New().Reading), &j, net); err != nil || need > 100<<20 {
		t.Errorf("--size %d: %d bytes, error %v", size, need, err)
	}
	leave(t, 1<<20)
	if _, err := painter.checkMemory(newSources(t.Context(), New().Reading), &j, net); err == nil || !strings.Contains(err.Error(), "no --size would fit") {
		t.Errorf("error %v", err)
	}
}

func TestForcePaintsAnyway(t *testing.T) {
	j := small(t)
	leave(t, 1<<20)
	if _, err := (&Painter{Guard: memory.Guard{Force: true}}).Paint(t.Context(), j, Observers{}); err != nil {
		t.Error(err)
	}
}

// TestReadHeaders: a header that cannot be read is an error.
func TestReadHeaders(t *testing.T) {
	j := small(t)
	data, err := os.ReadFile(j.Content)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readHeaders(newSources(t.Context(), New().Reading), j.Content, j.Styles, j.StyleSizing, nil); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(j.Content, data[:20], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readHeaders(newSources(t.Context(), New().Reading), j.Content, j.Styles, j.StyleSizing, nil); err == nil {
		t.Error("no error for a header that is cut short")
	}
}

func TestRefusesWeightsThatDoNotFit(t *testing.T) {
	j := small(t)
	leave(t, 100)
	if _, err := new(Painter).Network(j.Network); err == nil || !strings.HasPrefix(err.Error(), "--weights: ") || !strings.Contains(err.Error(), "MiB are free") {
		t.Errorf("error %v", err)
	}
}
