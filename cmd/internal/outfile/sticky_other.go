//go:build !unix

package outfile

import "io/fs"

// mayReplace is true: there are no sticky folders.
func mayReplace(string, fs.FileInfo) bool { return true }
