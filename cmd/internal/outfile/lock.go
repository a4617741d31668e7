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
	release, err = lockFile(filepath.Join(dir, lockName), dir)
	if errors.Is(err, errLocked) {
		err = fmt.Errorf("%s: another run is working in this folder; wait for its end, or choose another folder", dir)
	}
	return release, err
}

// lockFile creates a file and locks it, until release removes it. The error is errLocked
// if it is locked already; any other one names the file or folder that the lock is for.
func lockFile(name, of string) (release func() error, err error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, named(of, "cannot write into this folder", err)
		}
		err = tryLock(f)
		if errors.Is(err, errors.ErrUnsupported) || err == nil && stillThere(f) {
			return func() error { return removeOpen(f) }, nil
		}
		_ = f.Close()
		switch {
		case errors.Is(err, errLocked):
			return nil, errLocked
		case err != nil:
			return nil, named(of, "cannot lock a file in this folder", err)
		}
		// The run before has just ended, and removed the file with this lock.
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
