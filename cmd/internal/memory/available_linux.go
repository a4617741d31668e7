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

// rlimit returns a limit of this process, math.MaxInt64 for none.
func rlimit(which int) int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(which, &limit) != nil || uint64(limit.Cur) > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(limit.Cur)
}
