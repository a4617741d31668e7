package memory

import (
	"runtime/debug"
	"runtime/metrics"
)

// Held returns what the Go runtime holds of the system's memory now: what is in use,
// garbage, and free memory that it has not given back. The code of the program is not
// counted.
func Held() int64 {
	return measured("/memory/classes/total:bytes") - measured("/memory/classes/heap/released:bytes")
}

// reusable returns what of the address space of the heap nothing is in. It has been
// taken from the system, and is used before more is.
func reusable() int64 {
	return measured("/memory/classes/heap/released:bytes") + measured("/memory/classes/heap/free:bytes")
}

// measured returns what the runtime measures under a name of package runtime/metrics.
func measured(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// Limit asks the collector to keep what Held counts below a number of bytes: it then
// runs when that is near, and not only when the garbage is as much as what is in use. A
// lower limit that was set before, as by GOMEMLIMIT, stays. The result sets the old
// limit again.
//
// The limit is soft: what is in use is never refused, and where that is more, the
// collector takes up to half of the processor's time in vain. So limit is better too
// high than too low.
func Limit(bytes int64) (undo func()) {
	before := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(before, bytes))
	return func() { debug.SetMemoryLimit(before) }
}
