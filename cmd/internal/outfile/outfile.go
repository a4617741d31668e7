// Package outfile is the one place that checks and writes the files a command
// leaves behind. A file is checked before an hour of work, is written whole or not
// at all, and is listed afterwards. Errors are one line that names the file, what is
// wrong and what would be right.
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Set is the files of one run: those that it reads, and those that it writes with
// the flags that name them. Empty paths stand for no file. The zero value is empty
// and ready to use.
type Set struct {
	inputs  []string
	outputs []output
	folders []string // of outputs
	written []string
}

type output struct {
	flag, path string // flag is empty where the message need not name one
	check      func(path string) error
}

// Read adds files that are read, and must not be written.
func (s *Set) Read(paths ...string) { s.inputs = append(s.inputs, paths...) }

// File adds a file that is written in one step.
func (s *Set) File(flag, path string) { s.add(flag, path, CheckFile) }

// Stream adds a file that grows line by line, which may be a pipe or a terminal.
func (s *Set) Stream(flag, path string) { s.add(flag, path, checkStream) }

// Folder adds a folder that files are written into. The first of them creates it.
func (s *Set) Folder(flag, dir string) {
	s.add(flag, dir, CheckFolder)
	s.folders = append(s.folders, filepath.Clean(dir))
}

func (s *Set) add(flag, path string, check func(path string) error) {
	if path != "" {
		s.outputs = append(s.outputs, output{flag, path, check})
	}
}

// CheckNames returns an error if a file would be written that is also read, or one
// would be written twice. It looks at names alone.
func (s *Set) CheckNames() error {
	for i, out := range s.outputs {
		if err := s.protect(out.path); err != nil {
			return err
		}
		if slices.ContainsFunc(s.outputs[:i], func(other output) bool { return Same(out.path, other.path) }) {
			return fmt.Errorf("%s would be written twice; give each output a name of its own", out.path)
		}
	}
	return nil
}

// CheckWritable returns the first error that writing would meet, as far as that can
// be known beforehand. It also removes what runs that were killed have left in the
// folders of the files: see RemoveStale.
func (s *Set) CheckWritable() error {
	for _, out := range s.outputs {
		dir := out.path
		if !slices.Contains(s.folders, filepath.Clean(dir)) {
			dir = filepath.Dir(dir)
		}
		_ = RemoveStale(dir) // what cannot be removed is in nobody's way
		if err := out.check(out.path); err != nil {
			return flagged(out.flag, err)
		}
	}
	return nil
}

// Write writes the data that encode returns in one step, as the function Write does,
// and lists the file. A file that is read is not overwritten. The error, which may be
// that of encode, begins with the flag.
func (s *Set) Write(flag, path string, encode func() ([]byte, error)) error {
	err := s.protect(path)
	var data []byte
	if err == nil {
		data, err = encode()
	}
	if dir := filepath.Dir(path); err == nil && slices.Contains(s.folders, dir) {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = Write(path, data)
	}
	if err != nil {
		return flagged(flag, err)
	}
	s.List(path)
	return nil
}

// List adds a file that was written otherwise to the list.
func (s *Set) List(path string) {
	if !slices.Contains(s.written, path) {
		s.written = append(s.written, path)
	}
}

// Written returns the files that were written, each once, in the order in which they
// were first complete.
func (s *Set) Written() []string { return slices.Clone(s.written) }

// protect returns an error if a path is that of a file that is read.
func (s *Set) protect(path string) error {
	if slices.ContainsFunc(s.inputs, func(in string) bool { return in != "" && Same(path, in) }) {
		return fmt.Errorf("%s would overwrite a picture that is read; give the output another name", path)
	}
	return nil
}

func flagged(flag string, err error) error {
	if flag == "" {
		return err
	}
	return fmt.Errorf("%s: %w", flag, err)
}

// CheckFile returns the error that Write would meet, as far as that can be known
// beforehand: a folder that is missing or may not be written to, or something with
// this name that is not a file or is read-only. It leaves nothing behind.
func CheckFile(path string) error {
	target, err := checkTarget(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(target)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the folder %s does not exist; create it or choose another", path, dir)
	}
	return tryFolder(path, dir)
}

// checkStream leaves a pipe alone: its reader would take the end of the check for the
// end of the data.
func checkStream(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return CheckFile(path)
	}
	if info.Mode()&os.ModeNamedPipe != 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return named(path, "cannot write this file", err)
	}
	return f.Close()
}

// CheckFolder returns the error that writing files into a folder would meet, as far
// as that can be known beforehand. Neither the folder nor its parents need to exist.
func CheckFolder(dir string) error {
	existing := filepath.Clean(dir)
	for !Exists(existing) && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing)
	}
	return tryFolder(dir, existing)
}

// tryFolder makes a temporary file and writes a little, as Write does: permissions,
// read-only file systems, full ones and quotas show in no other way.
func tryFolder(path, dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s: %s is not a folder; give another name", path, dir)
	}
	f, err := createTemp(dir)
	if err != nil {
		return named(path, "cannot write into the folder "+dir, err)
	}
	_, err = f.Write(make([]byte, 4096))
	// Locked until it is gone: RemoveStale of another process does not get at it.
	err = errors.Join(err, removeOpen(f))
	return named(path, "cannot write into the folder "+dir, err)
}

// named returns an error with the name of the file in front, in place of the operation
// and the names in an error of package os; nil for nil.
func named(path, what string, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok { // of a rename
		err = le.Err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", path, what, err)
}

// Exists reports whether there is a file or folder of this name.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Same reports whether two names stand for one file, which need not exist.
func Same(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}
