package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// syncFolder writes the names in a folder to the disk, as far as the system can: the
// name of a file is not part of the file. Windows does so by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil // who may write into a folder need not be allowed to read it
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // network file systems
	}
	return errors.Join(err, f.Close())
}

// syncTree writes a folder with all that is in it to the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return syncFolder(path)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs no file that is open for reading
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
