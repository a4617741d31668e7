// Package foreign makes text out of a file that is not to be trusted safe to be shown in
// an error: it stays a short line, and no terminal obeys it.
package foreign

import (
	"strconv"
	"strings"
)

// Quote returns text of a file in quotes, with escapes for what a terminal
// would obey, and only its beginning if it is long.
func Quote(s string) string {
	const most = 40 // bytes, each of which takes up to four characters
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// Message returns a message that may hold text of a file as one short line: with
// escapes for what a terminal would obey, and only its beginning if it is long.
func Message(message string) string {
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
