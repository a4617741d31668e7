//go:build !darwin && !dragonfly && !freebsd && !illumos && !linux && !netbsd && !openbsd && !windows

package outfile

import (
	"errors"
	"os"
)

// tryLock returns errors.ErrUnsupported: there are no locks.
func tryLock(*os.File) error { return errors.ErrUnsupported }
