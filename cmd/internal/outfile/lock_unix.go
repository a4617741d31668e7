//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package outfile

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock locks a file until it is closed. Without waiting it returns errLocked if it
// is locked, and errors.ErrUnsupported where there are no locks.
func tryLock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		case errors.Is(err, unix.ENOLCK): // as NFS says where its server has none
			return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
		}
		return err // ENOSYS and EOPNOTSUPP are errors.ErrUnsupported
	}
}
