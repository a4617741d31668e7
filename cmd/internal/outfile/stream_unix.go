//go:build unix

package outfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openPipe opens a named pipe for writing; it is an error if nobody reads from it.
func openPipe(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|unix.O_NONBLOCK, 0)
}

// writeSome writes what a pipe takes without waiting.
func writeSome(f *os.File, data []byte) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	ended := raw.Write(func(fd uintptr) bool {
		for n < len(data) {
			var some int
			some, err = unix.Write(int(fd), data[n:])
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil {
				break
			}
			n += some
		}
		return true // do not wait until it takes more
	})
	if errors.Is(err, unix.EAGAIN) {
		err = nil
	}
	return n, errors.Join(err, ended)
}
