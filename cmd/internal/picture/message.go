package picture

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxForeign is about how many characters of foreign text a message holds.
const maxForeign = 200

// foreign returns a text that comes out of a file, or from a library that has read one,
// for a message: in quotes, with control characters escaped, and shortened. Of several
// lines it is the first; the others are mostly a stack trace.
func foreign(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	var out strings.Builder
	for i, r := range text {
		if out.Len() >= maxForeign {
			out.WriteString("...")
			break
		}
		char := strconv.Quote(text[i:][:runeLen(text[i:], r)])
		out.WriteString(char[1 : len(char)-1])
	}
	return `"` + out.String() + `"`
}

// runeLen returns the bytes of the rune r that s begins with, 1 where s is no UTF-8.
func runeLen(s string, r rune) int {
	if r == utf8.RuneError {
		_, n := utf8.DecodeRuneInString(s)
		return n
	}
	return utf8.RuneLen(r)
}

// shown returns a file name for a message: as it is, or in quotes if it has characters
// that are not printable, such as a line feed, or is not UTF-8.
func shown(path string) string {
	quoted := strconv.Quote(path)
	if utf8.ValidString(path) && len(quoted) == len(path)+2+strings.Count(path, `\`)+strings.Count(path, `"`) {
		return path
	}
	return quoted
}
