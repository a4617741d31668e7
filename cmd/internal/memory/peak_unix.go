//go:build unix

package memory

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Peak returns the largest resident set of the process so far, in MiB; 0 where the
// system does not say.
func Peak() int {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int(usage.Maxrss >> 20) // bytes there, KiB elsewhere
	}
	return int(usage.Maxrss >> 10)
}
