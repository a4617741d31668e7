package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
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

// checkWritable returns the error that writing the file of a flag in one step
// would meet, as far as that can be known beforehand. An empty name is in order.
func checkWritable(flag, path string) error {
	if path == "" {
		return nil
	}
	if err := picture.CheckWritable(path); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// checkStream is checkWritable for a file that grows line by line, which may be
// a pipe or a terminal.
func checkStream(flag, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return checkWritable(flag, path)
	}
	if info.Mode()&os.ModeNamedPipe != 0 {
		return nil // who reads it would take the end of the check for the end
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%s: cannot write this file: %w", flag, err)
	}
	return f.Close()
}

// checkFolder returns the error that writing files into the folder of a flag
// would meet, as far as that can be known beforehand. It need not exist, nor the
// one it is in. An empty name is in order.
func checkFolder(flag, dir string) error {
	if dir == "" {
		return nil
	}
	existing := filepath.Clean(dir)
	info, err := os.Stat(existing)
	for err != nil && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing)
		info, err = os.Stat(existing)
	}
	if err != nil || !info.IsDir() {
		return fmt.Errorf("%s: %s is not a folder; give another name", flag, existing)
	}
	f, err := os.CreateTemp(existing, ".brushgrad-*") // only trying tells
	if err != nil {
		return fmt.Errorf("%s: cannot write into the folder %s; give one that can be written to", flag, existing)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
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
