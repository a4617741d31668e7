package outfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// errLocked is the error of tryLock for a file that another process has locked, or
// this one by another descriptor.
var errLocked = errors.New("locked by another process")

// lockName is the file in a folder that is locked for the folder.
const lockName = tempPrefix + "lock"

// LockFolder locks a folder for this process: until release is called, every other
// call for it, in any process, is an error. The system takes the lock away when the
// process ends, however it ends. Only those that call LockFolder are kept out. Where
// the file system has no locks, nobody is.
func LockFolder(dir string) (release func() error, err error) {
	path := filepath.Join(dir, lockName)
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, named(dir, "cannot write into this folder", err)
		}
		err = tryLock(f)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return func() error { return removeOpen(f) }, nil
		case errors.Is(err, errLocked):
			_ = f.Close()
			return nil, fmt.Errorf("%s: another run is working in this folder; wait for its end, or choose another folder", dir)
		case err != nil:
			_ = f.Close()
			return nil, named(dir, "cannot lock this folder", err)
		}
		if stillThere(f) {
			return func() error { return removeOpen(f) }, nil
		}
		_ = f.Close() // the run before has just ended, and removed the file with this lock
	}
}

// removeOpen removes an open file and closes it. It stays locked until it is gone;
// Windows removes only files that nobody has open, so that there none is removed that
// another process has locked since.
func removeOpen(f *os.File) error {
	if runtime.GOOS == "windows" {
		err := f.Close()
		_ = os.Remove(f.Name()) // another process may have it open
		return err
	}
	return errors.Join(os.Remove(f.Name()), f.Close())
}
