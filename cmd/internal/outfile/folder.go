package outfile

import (
	"errors"
	"os"
	"path/filepath"
)

// A folder that is replaced has a work folder beside it, .brushgrad-NAME, as long as
// that takes: with the new one in it until that is complete, and then the old one.
const (
	freshFolder = "new"
	oldFolder   = "old"
)

func workFolder(dir string) string {
	return filepath.Join(filepath.Dir(dir), tempPrefix+filepath.Base(dir))
}

// WriteFolder writes a folder in one step: fill creates a folder of the name that it is
// given and writes what belongs into it; then that replaces dir, which may be missing.
// When WriteFolder returns, the files are on the disk. The folder that dir is in must be
// locked, see LockFolder.
//
// Between two renames there is no folder of that name, for the time of one call of the
// system; RestoreFolder brings it back if the process is killed there. No portable call
// closes this gap: a rename cannot replace a folder that is not empty, and a symbolic
// link, which it could, Windows makes for administrators alone. To rename the files one
// by one, the manifest last, would be worse: until then the sums of old files and new
// ones do not match, and a run that is killed leaves a folder that nobody can read.
func WriteFolder(dir string, fill func(fresh string) error) error {
	dir, err := followLinks(filepath.Clean(dir))
	if err != nil {
		return err
	}
	if err := RestoreFolder(dir); err != nil {
		return err
	}
	work := workFolder(dir)
	fresh, old := filepath.Join(work, freshFolder), filepath.Join(work, oldFolder)
	if err := os.Mkdir(work, 0o777); err != nil {
		return err
	}
	if err := fill(fresh); err != nil {
		return errors.Join(err, os.RemoveAll(work))
	}
	if err := syncTree(work); err != nil {
		return errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, RestoreFolder(dir))
	}
	// The new one must be on the disk before the old one goes.
	if err := errors.Join(syncFolder(work), syncFolder(filepath.Dir(dir))); err != nil {
		return err
	}
	// Once a part of it is removed, it must not pass for the old one.
	if err := os.Rename(old, fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.RemoveAll(work)
}

// RestoreFolder removes what WriteFolder has left when its process was killed. If that
// was between its two renames, the folder is the old one again. The same folder must be
// locked as for WriteFolder.
func RestoreFolder(dir string) error {
	dir, err := followLinks(filepath.Clean(dir))
	if err != nil {
		return err
	}
	work := workFolder(dir)
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		err := os.Rename(filepath.Join(work, oldFolder), dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	return os.RemoveAll(work)
}
