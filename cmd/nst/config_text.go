package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkTOML returns an error unless a text is as flat as a list of flags: keys
// without dots, no tables, no lists in lists, and texts of one line. Everything
// else cannot be a flag, and costs the parser memory by the square of its depth.
// Whether the text is TOML at all is for the parser to say.
func checkTOML(text string) error {
	var (
		line    = 1
		value   bool // behind a =
		depth   int  // of lists
		comment bool
		quote   byte // that the present text began with, or 0
	)
	wrong := func(what string) error { return fmt.Errorf("line %d: %s", line, what) }
	if !utf8.ValidString(text) {
		return errors.New("the text is not UTF-8")
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			if quote != 0 {
				return wrong("a text without its closing quote")
			}
			line, comment = line+1, false
			value = value && depth > 0
		case c == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case c < ' ' && c != '\t' || c == 0x7f:
			return wrong("a control character")
		case comment:
		case c == '\\' && quote == '"':
			if i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
				i++
			}
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.HasPrefix(text[i:], `"""`) || strings.HasPrefix(text[i:], "'''"):
			return wrong("a text in three quotes; texts of one line are read, in one quote")
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			comment = true
		case c == '{' || c == '[' && !value:
			return wrong("a table; a list of flags has none")
		case c == '[':
			if depth++; depth > 1 {
				return wrong("a list in a list; no flag takes one")
			}
		case c == ']':
			depth = max(0, depth-1)
		case c == '=':
			value = true
		case c == '.' && !value:
			return wrong("a key with a dot; keys are the names of flags, which have none")
		}
	}
	return nil
}

// checkJSON returns an error if the objects and lists of a JSON text are deeper in
// each other than an object of lists.
func checkJSON(text string) error {
	depth, inText := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > 2 {
				return errors.New("objects or lists in a list or object; no flag takes them")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// quote returns text of a file in quotes, with escapes for what a terminal would
// obey, and only its beginning if it is long.
func quote(s string) string {
	const most = 40 // bytes, each of which takes up to four characters
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// oneLine returns a message that may hold text of a file as a short line: with
// escapes for what a terminal would obey, and only its beginning if it is long.
func oneLine(message string) string {
	const most = 250
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
