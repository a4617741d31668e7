package picture

import (
	"errors"
	"strings"
	"testing"
)

func TestForeign(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 `""`,
		"unexpected EOF":                   `"unexpected EOF"`,
		"Füße ☼ 漢字":                        `"Füße ☼ 漢字"`,
		"panic: x\ngoroutine 1 [running]:": `"panic: x"`,
		"\n\nsecond\r\nthird":              `"second\r"`,
		"\x1b[31mred\x00\x07":              `"\x1b[31mred\x00\a"`,
		`say "no"`:                         `"say \"no\""`,
		"\xff\xfe\ufffd":                   `"\xff\xfe` + "\ufffd" + `"`,
		"left\u202eright":                  `"left\u202eright"`,
	} {
		if got := foreign(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{strings.Repeat("x", 1<<20), strings.Repeat("\x00", 1<<20), strings.Repeat("漢", 1<<20)} {
		if got := foreign(text); len(got) > maxForeign+20 || !strings.HasSuffix(got, `..."`) {
			t.Errorf("a long text has become %s", got)
		}
	}
}

func TestShown(t *testing.T) {
	for path, want := range map[string]string{
		"photo.jpg":           "photo.jpg",
		"a b/Füße ☼ 漢字.png":   "a b/Füße ☼ 漢字.png",
		`C:\pictures\"x".png`: `C:\pictures\"x".png`,
		"two\nlines.png":      `"two\nlines.png"`,
		"\x1b[2J.png":         `"\x1b[2J.png"`,
		"latin\xe9.png":       `"latin\xe9.png"`,
	} {
		if got := shown(path); got != want {
			t.Errorf("%q is shown as %s, want %s", path, got, want)
		}
	}
}

func TestRecoverDecoder(t *testing.T) {
	for _, value := range []any{"a\ngoroutine 7 [running]:\nmain.go:3", errors.New("runtime error"), 7} {
		err := func() (err error) {
			defer recoverDecoder(&err)
			panic(value)
		}()
		checkOneLine(t, "a panic", err)
	}
}
