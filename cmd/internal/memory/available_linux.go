package memory

import (
	"math"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

func available() (int64, bool) {
	root := os.DirFS("/")
	least, ok := int64(math.MaxInt64), false
	for _, room := range []func() (int64, bool){
		func() (int64, bool) { return machine(root) },
		func() (int64, bool) { return groups(root) },
		func() (int64, bool) {
			u := usage(root)
			u.space, u.data = u.space-reusable(), u.data-reusable()
			return own(u, rlimit(unix.RLIMIT_AS), rlimit(unix.RLIMIT_DATA), runtime.GOMAXPROCS(0))
		},
	} {
		if bytes, known := room(); known {
			least, ok = min(least, bytes), true
		}
	}
	return max(0, least), ok
}

// varies returns what own counts for an arena, of which the runtime may have one more.
func varies() int64 {
	if rlimit(unix.RLIMIT_AS) == math.MaxInt64 {
		return 0
	}
	return arena * 2 / 3 // divided by gaps
}

// rlimit returns a limit of this process, math.MaxInt64 for none.
func rlimit(which int) int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(which, &limit) != nil || uint64(limit.Cur) > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(limit.Cur)
}
