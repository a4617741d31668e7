package memory

import (
	"fmt"
	"runtime/debug"
)

// Guard refuses what does not fit into memory, before any of it is taken. It is part of
// the flags of a program, whose parser reads the tags.
type Guard struct {
	Force bool `help:"Continue even if there seems to be too little memory. The system may then kill the program."`
}

// Check returns an error if what, at the beginning of a sentence, needs more bytes than
// are free. advise is told how many are, and says what would fit; it may be nil. The
// error is one line with both numbers, and names --force.
func (g Guard) Check(what string, need int64, advise func(free int64) string) error {
	there, known := free(need)
	if g.Force || !known || need <= there {
		return nil
	}
	advice := ""
	if advise != nil {
		advice = "; " + advise(there)
	}
	return fmt.Errorf("%s needs about %d MiB, but %d MiB are free%s (--force tries anyway)", what, MiB(need), there>>20, advice)
}

// Largest returns the largest n in 1..limit-1 for which need(n) fits into the free bytes,
// or 0 if there is none. It keeps a reserve, because less may be free when the program is
// started again. need must not decrease with n; an error means that n needs too much.
func Largest(limit int, free int64, need func(n int) (int64, error)) int {
	free -= free/32 + varies() + system
	least, most := 0, limit // fits, does not
	for most-least > 1 {
		n := least + (most-least)/2
		if bytes, err := need(n); err == nil && bytes <= free {
			least = n
		} else {
			most = n
		}
	}
	return least
}

// system is by how many bytes the files that the system holds may grow from one start of
// a program to the next.
const system = 4 << 20

// MiB rounds bytes up to MiB.
func MiB(bytes int64) int64 { return (bytes + 1<<20 - 1) >> 20 }

// simulated stands for Available in tests, unless it is nil.
var simulated *int64

// Simulate makes Guard and Within take the given number of bytes as free, until undo is
// called. It is for tests.
func Simulate(bytes int64) (undo func()) {
	simulated = &bytes
	return func() { simulated = nil }
}

// now is Available, or what a test simulates.
func now() (bytes int64, ok bool) {
	if simulated != nil {
		return *simulated, true
	}
	return Available()
}

// free returns the number of free bytes. If it is less than need, garbage is returned to
// the system first.
func free(need int64) (bytes int64, ok bool) {
	if bytes, ok = now(); ok && bytes < need {
		debug.FreeOSMemory()
		bytes, ok = now()
	}
	return bytes, ok
}

// Allowed returns the bytes that a run is allowed where memory is plenty. In exactly what
// it needs the collector would run hundreds of times, for the few kilobytes of each
// evaluation: that took 4 % of the time.
func Allowed(need int64) int64 { return need + need/16 + 8<<20 }

// Within has the collector keep the process within what it holds and a run is allowed,
// which is less where memory is short. What is left of the run before is given back. A
// need of 0 is not known, and limits nothing.
func Within(need int64) (undo func()) {
	debug.FreeOSMemory()
	if need == 0 {
		return func() {}
	}
	room := Allowed(need)
	if there, known := now(); known {
		// The collector comes to its limit and, as large values are allocated at once, a
		// little beyond.
		room = min(room, max(need, there)*15/16)
	}
	return Limit(Held() + room)
}
