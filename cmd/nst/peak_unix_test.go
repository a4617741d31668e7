//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMiB returns the most memory that a process has had, or this test, if that is more:
// what a process had before it became another counts.
func peakMiB(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(usage.Maxrss)
	if runtime.GOOS == "darwin" {
		return peak >> 20 // which counts bytes
	}
	return peak >> 10
}
