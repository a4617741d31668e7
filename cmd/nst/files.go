package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
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
	// Only a file that this call has made may be removed again: not one that another
	// program makes meanwhile, nor a link to a file that is still to come.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		return errors.Join(f.Close(), os.Remove(path))
	}
	if errors.Is(err, fs.ErrExist) {
		switch f, err = os.OpenFile(path, os.O_WRONLY, 0); {
		case err == nil:
			return f.Close()
		case errors.Is(err, fs.ErrNotExist): // the link
			return nil
		}
	}
	return fmt.Errorf("cannot write this file: %w", err)
}

// writeFile writes a file whole or not at all.
func writeFile(path string, data []byte) error {
	if err := maybe.WriteFile(path, data, 0o666); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
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
