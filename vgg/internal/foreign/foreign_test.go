package foreign

import (
	"strings"
	"testing"
	"unicode"
)

// TestForeign: whatever a file holds, a message of it is short, one line, and nothing in
// it is obeyed by a terminal; what is short and plain stays as it is.
func TestForeign(t *testing.T) {
	for text, want := range map[string][2]string{ // Quote, Message
		"conv1_1":       {`"conv1_1"`, "conv1_1"},
		"größer":        {`"größer"`, "größer"},
		"":              {`""`, ""},
		"a\x1b[31mb\n":  {`"a\x1b[31mb\n"`, `a\x1b[31mb\n`},
		"\u202egnp.exe": {`"\u202egnp.exe"`, `\u202egnp.exe`},
	} {
		if got := [2]string{Quote(text), Message(text)}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, unit := range []string{"x", "\x00", "\xff", "\U0010ffff", "é"} {
		text := strings.Repeat(unit, 1000)
		for _, got := range []string{Quote(text), Message(text)} {
			if len(got) > 400 || !strings.HasSuffix(got, "...") || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q: %d bytes, %q", unit, len(got), got)
			}
		}
	}
}
