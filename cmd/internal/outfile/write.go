package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Write writes a file in one step: it appears whole or not at all, and replaces an
// old file of that name, whose permissions it takes. When Write returns, the file is
// on the disk. A symbolic link stays, and what it points to is written. A file that
// may not be written to is not replaced.
func Write(path string, data []byte) error {
	target, err := checkTarget(path)
	if err != nil {
		return err
	}
	return named(path, "cannot write this file", replaceFile(target, data))
}

// replaceFile writes a temporary file beside the target and renames it. It is in the
// same folder, so that it is in the same file system and gets the group that the
// folder prescribes.
func replaceFile(target string, data []byte) (err error) {
	f, err := createTemp(filepath.Dir(target))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // it may be closed
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := copyPermissions(f, target); err != nil {
		return err
	}
	// A rename may reach the disk before the data does.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := renameOpen(f, target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// copyPermissions gives f those of the file that it replaces, if there is one.
func copyPermissions(f *os.File, target string) error {
	old, err := os.Stat(target)
	if err != nil {
		return nil // there is none
	}
	fresh, err := f.Stat()
	if err != nil {
		return err
	}
	if old.Mode().Perm() == fresh.Mode().Perm() { // not all file systems can change them
		return nil
	}
	return f.Chmod(old.Mode().Perm())
}

// renameOpen renames an open file and closes it. It stays open and thus locked until
// it has its name; Windows renames only closed files.
func renameOpen(f *os.File, target string) error {
	if runtime.GOOS == "windows" {
		return errors.Join(f.Close(), os.Rename(f.Name(), target))
	}
	return errors.Join(os.Rename(f.Name(), target), f.Close())
}

// checkTarget returns the file that writing to path writes: path itself, or what it
// points to as a symbolic link. It is an error if there is something that must not be
// replaced.
func checkTarget(path string) (string, error) {
	target, err := followLinks(path)
	if err != nil {
		return "", named(path, "cannot write this file", err)
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, syscall.ENAMETOOLONG):
		return "", named(path, "cannot write this file", err)
	case err != nil: // there is nothing, or the folder is no good, which creating a file tells
		return target, nil
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: this exists and is not a regular file; give another name", path)
	case info.Mode().Perm()&0o222 == 0: // a rename would replace it all the same, and root may open it
		return "", fmt.Errorf("%s: this file is read-only; make it writable or give another name", path)
	case !mayReplace(target, info):
		return "", fmt.Errorf("%s: this file belongs to another user, and in the folder %s nobody else may replace it; give another name", path, filepath.Dir(target))
	}
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("%s: this file is read-only for you; make it writable or give another name", path)
	}
	if err == nil {
		err = f.Close()
	}
	return target, named(path, "cannot write this file", err)
}

// followLinks returns what a path is once its last element is no symbolic link. It
// need not exist.
func followLinks(path string) (string, error) {
	const most = 40 // as Linux has it
	for range most {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			return path, nil
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			// Not Join, which would take "link/.." for the folder of the link.
			to = filepath.Dir(path) + string(filepath.Separator) + to
		}
		dir, name := filepath.Split(to)
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		path = filepath.Join(dir, name)
	}
	return "", errors.New("too many symbolic links")
}
