//go:build unix

package outfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// mayReplace reports whether a file may be replaced by a rename, as far as the sticky bit
// of its folder decides on that: as in /tmp, only the owners of the file and of the
// folder may, and root.
func mayReplace(path string, file fs.FileInfo) bool {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil || folder.Mode()&fs.ModeSticky == 0 {
		return true
	}
	user := os.Geteuid()
	owns := func(info fs.FileInfo) bool {
		stat, ok := info.Sys().(*syscall.Stat_t)
		return !ok || int(stat.Uid) == user
	}
	return user == 0 || owns(file) || owns(folder)
}
