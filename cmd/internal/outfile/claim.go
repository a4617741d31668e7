package outfile

import (
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strconv"
)

// ErrClaimed is the error of Claim for a file that another run is about to write.
var ErrClaimed = errors.New("another run is making this file")

// Claim keeps other runs that claim the same file from making it too, until release is
// called: to them, Claim returns ErrClaimed. The system takes the claim away when the
// process ends, however it ends. The folder of the file must exist. Where the file system
// has no locks, every claim is granted.
//
// A claim is a locked file beside the one claimed. It is called like a temporary file,
// with a number that follows from the name of the other, so that RemoveStale removes what
// a killed process has left.
func Claim(path string) (release func() error, err error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(filepath.Base(path))) // which takes everything without an error
	name := filepath.Join(filepath.Dir(path), tempPrefix+strconv.FormatUint(h.Sum64(), 10)+tempSuffix)
	release, err = lockFile(name, path)
	if errors.Is(err, errLocked) {
		err = fmt.Errorf("%s: %w", path, ErrClaimed)
	}
	return release, err
}

// Unused returns the first of path, path-2, path-3 and so on, with the number in front of
// the extension, that is free and that no other run has claimed, and claims it. Whether a
// name is free is for the caller to say.
func Unused(path string, free func(path string) bool) (unused string, release func() error, err error) {
	ext := filepath.Ext(path)
	for i := 1; ; i++ {
		unused = path
		if i > 1 {
			unused = path[:len(path)-len(ext)] + "-" + strconv.Itoa(i) + ext
		}
		if !free(unused) {
			continue
		}
		release, err = Claim(unused)
		if errors.Is(err, ErrClaimed) {
			continue
		}
		if err == nil && !free(unused) { // the run that had claimed it has just ended
			_ = release()
			continue
		}
		return unused, release, err
	}
}
