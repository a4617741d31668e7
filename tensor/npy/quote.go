package npy

import "strconv"

// quote returns text of a file in quotes, with escapes for what a terminal
// would obey, and only its beginning if it is long: an error stays a short line
// whatever the file says.
func quote(s string) string {
	const most = 40 // bytes, each of which takes up to four characters
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// brief returns the beginning of a shape that is written out.
func brief(shape string) string {
	const most = 100
	if len(shape) > most {
		return shape[:most] + "..."
	}
	return shape
}
