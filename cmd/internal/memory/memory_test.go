package memory

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestMachine(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable:     300 kB\n": 300 << 10,
		"MemAvailable: 99999999999999999999 kB\n":                         math.MaxInt64,
		"MemTotal: 1000 kB\n":                                             -1, // before Linux 3.14
		"MemAvailable: many\n":                                            -1,
		"MemAvailable:\n":                                                 -1,
		"XMemAvailable: 5 kB\n":                                           -1,
		"":                                                                -1,
	} {
		if got, ok := machine(tree(map[string]string{"proc/meminfo": text})); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, ok, want)
		}
	}
	if _, ok := machine(tree(nil)); ok {
		t.Error("without a file, the machine has memory")
	}
}

func TestOwn(t *testing.T) {
	const gib, none = int64(1) << 30, math.MaxInt64
	for _, test := range []struct {
		name        string
		space, data int64
		least, most int64 // -1 for no limit
	}{
		{"no limit", none, none, -1, -1},
		{"ulimit -v", 3 * gib, none, gib, 3 * gib / 2},
		{"ulimit -v below what is used", gib / 2, none, 0, 0},
		{"ulimit -d", none, gib, gib / 3, gib},
		{"both", 3 * gib, gib / 2, 1, gib / 2},
	} {
		got, ok := own(used{space: gib, data: gib / 16, threads: 8, ok: true}, test.space, test.data, 4)
		if ok != (test.least >= 0) || ok && (got < test.least || got > test.most) {
			t.Errorf("%s: %d, %v, want %d to %d", test.name, got, ok, test.least, test.most)
		}
	}
	if _, ok := own(used{}, gib, gib, 4); ok {
		t.Error("the process is known to have memory, without knowing what it uses")
	}
}

func TestUsage(t *testing.T) {
	page := int64(os.Getpagesize())
	for text, want := range map[string]used{
		"765 432 404 5 0 123 0\n": {765 * page, 123 * page, 7, true},
		"765 432 404 5 0\n":       {},
		"":                        {},
	} {
		if got := usage(tree(map[string]string{"proc/self/statm": text, "proc/self/status": "Name: x\nThreads:\t7\n"})); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if got := usage(tree(map[string]string{"proc/self/statm": "a b c d e f"})); got.ok {
		t.Errorf("letters: %+v", got)
	}
}

func TestAvailable(t *testing.T) {
	n, ok := Available()
	if ok != (runtime.GOOS == "linux") || ok && (n < 0 || n == math.MaxInt64) {
		t.Errorf("%d, %v", n, ok)
	}
}

func TestLimit(t *testing.T) {
	before := debug.SetMemoryLimit(1 << 40)
	defer debug.SetMemoryLimit(before)
	undo := Limit(1 << 30)
	if got := debug.SetMemoryLimit(-1); got != 1<<30 {
		t.Errorf("the limit is %d", got)
	}
	Limit(1 << 35)()
	if got := debug.SetMemoryLimit(-1); got != 1<<30 {
		t.Errorf("a higher limit, and taken back: %d", got)
	}
	undo()
	if got := debug.SetMemoryLimit(-1); got != 1<<40 {
		t.Errorf("taken back, the limit is %d", got)
	}
	if h := Held(); h < 1<<20 || h > 1<<40 {
		t.Errorf("%d bytes are held", h)
	}
}
