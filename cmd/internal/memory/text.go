package memory

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxText bounds what is read of a file of the system; they have a few kilobytes, and
// the list of mounts of a machine full of containers some hundred.
const maxText = 1 << 20

// read returns the text of a file, as far as it can be read; "" if it cannot.
func read(root fs.FS, name string) string {
	f, err := root.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, maxText))
	return string(text)
}

// field returns the number behind a name at the beginning of a line.
func field(text, name string) (int64, bool) {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == name {
			return number(words[1])
		}
	}
	return 0, false
}

// number parses a number that is not negative. One beyond what an int64 holds is the
// largest that it does.
func number(text string) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 64) // with ErrRange, n is the largest
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return int64(min(n, math.MaxInt64)), true
}

// times multiplies two numbers that are not negative; the result is at most the largest
// int64.
func times(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// hasWord reports whether a list with commas has a word.
func hasWord(list, word string) bool { return slices.Contains(strings.Split(list, ","), word) }
