package memory

import "io/fs"

// machine returns what the machine has left: MemAvailable of /proc/meminfo, an estimate
// of the kernel that includes the caches of files it can drop (proc_meminfo(5)).
func machine(root fs.FS) (int64, bool) {
	kib, ok := field(read(root, "proc/meminfo"), "MemAvailable:")
	return times(kib, 1<<10), ok
}
