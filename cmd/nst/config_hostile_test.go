package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/alecthomas/kong"
)

// configLies are TOML and JSON files by what is wrong with them.
func configLies() (tomls, jsons map[string]string) {
	const escapes = "\x1b[2J\x1b]0;title\x07\u009b31m"
	const escaped = `\u001b[2J\u001b]0;title\u0007\r\n\u009b31m`
	dots := strings.Repeat("a.", 20000) + "a"
	long := strings.Repeat("x", 60000)
	tomls = map[string]string{
		"dots":                        dots + " = 1",
		"dots and spaces":             strings.Repeat("a . ", 10000) + "a = 1",
		"quoted dots":                 strings.Repeat(`"a".`, 10000) + "a = 1",
		"single quotes and dots":      strings.Repeat(`'a'.`, 10000) + "a = 1",
		"dots behind a value":         "beta = 1\n" + dots + " = 1",
		"dots behind a comment":       "# \"\n" + dots + " = 1",
		"dots behind a list":          "style-layers = [\n'conv1_1', # ]\n]\n" + dots + " = 1",
		"dots behind a text":          `init = "\\"` + "\n" + dots + " = 1",
		"dots behind a quote":         `init = "\""` + "\n" + dots + " = 1",
		"dots behind an open quote":   "init = \"\n" + dots + " = 1",
		"dots behind three quotes":    "init = \"\"\"\n\"\"\"\n" + dots + " = 1",
		"dots behind three singles":   "init = '''\n'''\n" + dots + " = 1",
		"dots behind a return":        "beta = 1\r" + dots + " = 1",
		"dots behind a commented one": "# x\r" + dots + " = 1",
		"dots on a line with a value": "beta = 1 " + dots + " = 1",
		"dots in a list":              "style-layers = [" + dots + " = 1]",
		"dots behind a byte order":    "\ufeff" + dots + " = 1",
		"dots behind UTF-16":          "\xff\xfe" + dots + " = 1",
		"table":                       "[" + dots + "]\nb = 1",
		"tables":                      strings.Repeat("[a]\n", 10000),
		"list of tables":              "[[" + dots + "]]\nb = 1",
		"inline table":                "init = {" + dots + " = 1}",
		"inline tables":               "init = " + strings.Repeat("{a=", 15000) + "1" + strings.Repeat("}", 15000),
		"inline table in a list":      "style-layers = [{" + dots + " = 1}]",
		"deep lists":                  "style-layers = " + strings.Repeat("[", 30000) + strings.Repeat("]", 30000),
		"deep lists, open":            "style-layers = " + strings.Repeat("[", 60000),
		"thousands of keys":           strings.Repeat("k = 1\n", 10000),
		"long list":                   "iterations = [" + strings.Repeat("1,", 30000) + "]",
		"long key":                    long + " = 1",
		"long text":                   "init = '" + long + "'",
		"long text in a list":         "style-layers = ['" + long + "']",
		"long number":                 "beta = " + strings.Repeat("9", 60000),
		"long word":                   "beta = " + long,
		"key with escapes":            `"` + escaped + `" = 1`,
		"raw key with escapes":        `"` + escapes + `" = 1`,
		"C1 in a key":                 "\"\u009b31m\" = 1",
		"text with escapes":           `init = "` + escaped + `"`,
		"raw text with escapes":       `init = '` + escapes + `'`,
		"C1 in a text":                "init = '\u009b31m'",
		"text that turns round":       "init = 'a\u202eb'",
		"choice with escapes":         `color = "` + escaped + `"`,
		"number with escapes":         `beta = "` + escaped + `"`,
		"list with escapes":           `style-layers = ["` + escaped + `=2"]`,
		"word with escapes":           "beta = " + escapes,
		"comment with escapes":        "# " + escapes + "\nbetta = 1",
		"bad escape":                  `init = "\` + escapes + `"`,
		"zeros":                       strings.Repeat("\x00", 1000),
		"not UTF-8":                   "init = '\xff\x9b'",
		"too large":                   strings.Repeat("#", maxConfigBytes+1),
	}
	jsons = map[string]string{
		"deep lists":          `{"style-layers": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}",
		"deep lists, open":    strings.Repeat("[", 60000),
		"deep objects":        strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000),
		"deep objects, open":  strings.Repeat(`{"a":`, 12000),
		"deep behind a quote": `{"init": "\"", "a": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}",
		"long key":            `{"` + long + `": 1}`,
		"long text":           `{"init": "` + long + `"}`,
		"long number":         `{"beta": ` + strings.Repeat("9", 60000) + "}",
		"long list":           `{"iterations": [` + strings.Repeat("1,", 30000) + "1]}",
		"key with escapes":    `{"` + escaped + `": 1}`,
		"text with escapes":   `{"init": "` + escaped + `"}`,
		"choice with escapes": `{"color": "` + escaped + `"}`,
		"number with escapes": `{"beta": "` + escaped + `"}`,
		"list with escapes":   `{"style-layers": ["` + escaped + `=2"]}`,
		"raw escapes":         `{"init": "` + escapes + `"}`,
		"word with escapes":   `{"beta": ` + escapes + `}`,
		"C1 in a key":         "{\"\u009b31m\": 1}",
		"no object":           escapes,
		"more text":           `{"beta": 1}` + escapes,
		"null":                `{"beta": null}`,
		"another object":      `{"beta": {"` + escaped + `": 1}}`,
		"half":                `{"beta": "`,
		"nothing":             "",
		"not UTF-8":           "{\"\xff\x9b\": 1}",
		"too large":           strings.Repeat(" ", maxConfigBytes+1),
	}
	return tomls, jsons
}

// dotsTrial is a file of the trials, beside the repository.
const dotsTrial = "../../../shared/trials/hostile/dots40k.toml"

// TestHostileConfigs: whatever a file holds, it costs little memory, and the error
// is one short line that names it.
func TestHostileConfigs(t *testing.T) {
	flags := make(map[string]*kong.Flag)
	for _, flag := range commandNamed(t, "paint").Flags {
		flags[flag.Name] = flag
	}
	tomls, jsons := configLies()
	dir := t.TempDir()
	for name, texts := range map[string]map[string]string{"x.toml": tomls, "x.json": jsons} {
		path := filepath.Join(dir, name)
		for what, text := range texts {
			writeTestFile(t, path, []byte(text))
			expectConfigRefusal(t, what, path, flags)
		}
	}
	if _, err := readConfig(dir+"/none.toml", flags); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
	folder := filepath.Join(dir, "folder.toml")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	expectConfigRefusal(t, "folder", folder, flags)

	if _, err := os.Stat(dotsTrial); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("%s is not here", dotsTrial)
	}
	expectConfigRefusal(t, "trial", dotsTrial, flags)
}

func expectConfigRefusal(t *testing.T, what, path string, flags map[string]*kong.Flag) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	values, err := readConfig(path, flags)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Errorf("%s: %s: %v, want an error", path, what, values)
		return
	}
	prefix := fmt.Sprintf("--config: %s: ", path)
	message := strings.TrimPrefix(err.Error(), prefix)
	if message == err.Error() || len(message) > 400 || strings.ContainsFunc(message, unicode.IsControl) {
		t.Errorf("%s: %s: error of %d bytes: %.500q", path, what, len(message), err)
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 16<<20 {
		t.Errorf("%s: %s: %d MiB were allocated before the error %v", path, what, cost>>20, err)
	}
}

// What checkTOML refuses are lists that no command takes; all else is read as before.
func TestTOMLThatIsRead(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeffbeta = 2.5\r\nalpha = 1e-3":                      "map[alpha:0.001 beta:2.5]",
		"# a.b.c = [[{ \"\nbeta = 1 # [[":                       "map[beta:1]",
		"init = \"a.b.c [[{ # \\\" ''' \\\\\"":                  `map[init:a.b.c [[{ # " ''' \]`,
		"init = 'a.b.c [[{ # \" \\'":                            `map[init:a.b.c [[{ # " \]`,
		"init = ''\nx = \"\"":                                   "map[init: x:]",
		"\"beta\" = 1\n'x.y' = 2":                               "map[beta:1 x.y:2]",
		"style-layers = [ # [\n'a.b', \"]\", # ]\n\t1.5 ]\nb=1": "map[b:1 style-layers:[a.b ] 1.5]]",
		"date = 1979-05-27T07:32:00.5Z":                         "map[date:1979-05-27 07:32:00.5 +0000 UTC]",
	} {
		raw, err := parseText("x.toml", []byte(text))
		if got := fmt.Sprint(raw); err != nil || got != want {
			t.Errorf("%q is %s, error %v, want %s", text, got, err, want)
		}
	}
}
