package main

import (
	"testing"

	"golang.org/x/sys/unix"
)

// mountTemporary makes a folder a file system of its own, of 64 KiB.
func mountTemporary(t *testing.T, folder string) {
	t.Helper()
	if err := unix.Mount("none", folder, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(folder, unix.MNT_DETACH) })
}
