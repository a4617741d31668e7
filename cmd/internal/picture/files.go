package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files returns the files that the values of a flag stand for: files, the pictures of
// folders, but not of folders in them, and the files of patterns. They are sorted, and
// each comes once. Errors name the flag.
func Files(flag string, values []string) ([]string, error) {
	var files []string
	for _, v := range values {
		matches := []string{v}
		info, err := os.Stat(v)
		switch {
		case err != nil: // no file of that name: a pattern
			if matches, err = filepath.Glob(v); err != nil {
				return nil, fmt.Errorf("%s: the pattern %s is malformed", flag, shown(v))
			}
		case info.IsDir():
			entries, err := os.ReadDir(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", flag, err)
			}
			matches = nil
			for _, e := range entries {
				if HasExtension(e.Name()) {
					matches = append(matches, filepath.Join(v, e.Name()))
				}
			}
		}
		matches = slices.DeleteFunc(matches, func(file string) bool {
			info, err := os.Stat(file)
			return err == nil && info.IsDir()
		})
		if len(matches) == 0 {
			return nil, fmt.Errorf("%s: there are no pictures in %s", flag, shown(v))
		}
		for _, m := range matches {
			files = append(files, filepath.Clean(m))
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// HasExtension reports whether the extension of a file name is that of a format
// that Load knows, in capitals or not. It does not look at the file: it is for
// choosing among those of a folder.
func HasExtension(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm":
		return true
	}
	return false
}
