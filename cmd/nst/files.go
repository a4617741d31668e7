package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// distinctFiles returns an error if one of the files to be written is also to
// be read, or written twice. Empty names are left out.
func distinctFiles(outputs, inputs []string) error {
	for i, out := range outputs {
		if out == "" {
			continue
		}
		for _, in := range inputs {
			if in != "" && sameFile(out, in) {
				return fmt.Errorf("%s would overwrite a picture that is read; give the output another name", out)
			}
		}
		for _, other := range outputs[:i] {
			if other != "" && sameFile(out, other) {
				return fmt.Errorf("%s would be written twice; give each output a name of its own", out)
			}
		}
	}
	return nil
}

// checkWritable returns the error that writing the file would meet, as far as
// that can be known beforehand. An empty name is in order.
func checkWritable(path string) error {
	if path == "" {
		return nil
	}
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("cannot write this file: %w", err)
	}
	err = f.Close()
	if isNew {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// sameFile reports whether two names stand for one file, which need not exist.
func sameFile(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}
