package memory

import (
	"io/fs"
	"math"
	"os"
	"strings"
)

// used is what a process has of its address space: the whole, and what of it can be
// written and is its own; and its threads.
type used struct {
	space, data, threads int64
	ok                   bool
}

// usage reads /proc/self/statm, which counts in pages (proc_pid_statm(5)), and the
// threads from /proc/self/status.
func usage(root fs.FS) used {
	fields := strings.Fields(read(root, "proc/self/statm"))
	if len(fields) < 6 {
		return used{}
	}
	space, ok1 := number(fields[0])
	data, ok2 := number(fields[5])
	page := int64(os.Getpagesize())
	threads, ok3 := field(read(root, "proc/self/status"), "Threads:")
	return used{times(space, page), times(data, page), threads, ok1 && ok2 && ok3}
}

// The head room that the Go runtime needs below a limit of the address space. Measured
// on Linux with Go 1.26, for amd64: the runtime reserves some 1200 MiB at the start, of
// which next to nothing is in memory; they are part of what is used already. The heap
// then grows by 64 MiB at a time. There are up to as many threads as processors and six
// more, see threadSpace, of which some are still to come. The heap leaves gaps: where
// values are as large as an arena, it needs up to a third more addresses than memory.
const (
	arena          = 64 << 20
	furtherThreads = 6
	gaps           = 1.5
)

// own returns what the limits of a process leave to it, RLIMIT_AS (ulimit -v) and
// RLIMIT_DATA (ulimit -d), for the given number of processors; math.MaxInt64 stands for
// no limit.
func own(u used, space, data int64, processors int) (int64, bool) {
	if !u.ok || space == math.MaxInt64 && data == math.MaxInt64 {
		return 0, false
	}
	stacks := max(0, int64(processors+furtherThreads)-u.threads) * threadSpace
	least := int64(math.MaxInt64)
	if space != math.MaxInt64 {
		least = min(least, int64(float64(space-u.space-arena-stacks)/gaps))
	}
	if data != math.MaxInt64 {
		least = min(least, int64(float64(data-u.data-stacks)/gaps))
	}
	return max(0, least), true
}
