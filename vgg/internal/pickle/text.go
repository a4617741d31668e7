package pickle

import (
	"strconv"
	"strings"
)

// quote returns text of a file in quotes, with escapes for what a terminal
// would obey, and only its beginning if it is long.
func quote(s string) string {
	const most = 40 // bytes, each of which takes up to four characters
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// plain returns a message that may hold text of a file as one short line: with
// escapes for what a terminal would obey, and only its beginning if it is long.
func plain(message string) string {
	const most = 200
	var b strings.Builder
	for _, r := range message[:min(len(message), most)] {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		if b.Len() > most {
			break
		}
	}
	if len(message) > most {
		b.WriteString("...")
	}
	return b.String()
}
