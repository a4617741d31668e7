package outfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A temporary file is called .brushgrad-NUMBER.tmp. It stands beside the file that it
// is to become, and is locked while its process lives: so whoever finds one can tell
// whether it is still being written.
const (
	tempPrefix = ".brushgrad-"
	tempSuffix = ".tmp"
)

// isTemp reports whether a file name is that of a temporary file.
func isTemp(name string) bool {
	number, ok := strings.CutPrefix(name, tempPrefix)
	if !ok {
		return false
	}
	if number, ok = strings.CutSuffix(number, tempSuffix); !ok {
		return false
	}
	_, err := strconv.ParseUint(number, 10, 64)
	return err == nil
}

// createTemp returns a new temporary file, open and locked. Its permissions are those
// of any new file.
func createTemp(dir string) (*os.File, error) {
	for {
		name := filepath.Join(dir, tempPrefix+strconv.FormatUint(rand.Uint64(), 10)+tempSuffix)
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = tryLock(f)
		if errors.Is(err, errors.ErrUnsupported) || err == nil && stillThere(f) {
			return f, nil
		}
		// RemoveStale of another process was faster than the lock.
		_ = f.Close()
		_ = os.Remove(name) // it may be gone
		if err != nil && !errors.Is(err, errLocked) {
			return nil, err
		}
	}
}

// stillThere reports whether an open file has its name still: it may have been removed
// before it was locked.
func stillThere(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, named)
}

// staleAfter is the age at which a temporary file is taken for abandoned where the
// file system has no locks. Writing one takes seconds.
const staleAfter = time.Hour

// RemoveStale removes the temporary files that Write has left in a folder when its
// process was killed. Those that a process is still writing stay, and so does every
// other file. A folder that does not exist has none.
func RemoveStale(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return named(dir, "cannot look for temporary files in this folder", err)
	}
	var errs error
	for _, e := range entries {
		if !isTemp(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		err := removeAbandoned(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) { // gone meanwhile, or somebody else's
			continue
		}
		if err != nil {
			errs = errors.Join(errs, named(path, "cannot remove this temporary file", err))
		}
	}
	return errs
}

// removeAbandoned removes a temporary file unless its process lives. It takes the lock
// for that: a process that has just created the file, and not locked it yet, then sees
// that it is lost, and takes another.
func removeAbandoned(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	switch err := tryLock(f); {
	case errors.Is(err, errLocked):
		return f.Close()
	case errors.Is(err, errors.ErrUnsupported):
		if info, err := f.Stat(); err != nil || time.Since(info.ModTime()) < staleAfter {
			return errors.Join(err, f.Close())
		}
	case err != nil:
		return errors.Join(err, f.Close())
	}
	return removeOpen(f)
}
