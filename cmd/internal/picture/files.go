package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files returns the files that the values of a flag stand for: files, the pictures of
// folders, but not of folders in them, and the files of patterns. Hidden files, whose names
// begin with a dot, must be named. They are sorted, and each comes once. It also returns
// the files of folders that have not the name of a picture. Errors name the flag.
func Files(flag string, values []string) (files, others []string, err error) {
	for _, v := range values {
		matches := []string{v}
		info, err := os.Stat(v)
		switch {
		case err != nil: // no file of that name: a pattern
			if matches, err = filepath.Glob(v); err != nil {
				return nil, nil, fmt.Errorf("%s: the pattern %s is malformed", flag, shown(v))
			}
			if !isHidden(v) {
				matches = slices.DeleteFunc(matches, isHidden)
			}
		case info.IsDir():
			entries, err := os.ReadDir(v)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", flag, err)
			}
			matches = nil
			for _, e := range entries {
				path := filepath.Join(v, e.Name())
				switch {
				case isHidden(path):
				case HasExtension(path):
					matches = append(matches, path)
				case !e.IsDir():
					others = append(others, path)
				}
			}
		}
		matches = slices.DeleteFunc(matches, func(file string) bool {
			info, err := os.Stat(file)
			return err == nil && info.IsDir()
		})
		if len(matches) == 0 {
			return nil, nil, fmt.Errorf("%s: there are no pictures in %s", flag, shown(v))
		}
		for _, m := range matches {
			files = append(files, filepath.Clean(m))
		}
	}
	slices.Sort(files)
	return slices.Compact(files), others, nil
}

func isHidden(path string) bool { return strings.HasPrefix(filepath.Base(path), ".") }

// HasExtension reports whether the extension of a file name is that of a format
// that Load knows, in capitals or not. It does not look at the file: it is for
// choosing among those of a folder.
func HasExtension(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif",
		".pbm", ".pgm", ".ppm", ".pnm", ".pam":
		return true
	}
	return false
}
