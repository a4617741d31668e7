//go:build !linux

package memory

func available() (int64, bool) { return 0, false }

func varies() int64 { return 0 }
