//go:build unix

package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakRSS returns the most memory the process has occupied so far, in MiB.
func peakRSS() int {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int(usage.Maxrss >> 20) // bytes there, KiB elsewhere
	}
	return int(usage.Maxrss >> 10)
}
