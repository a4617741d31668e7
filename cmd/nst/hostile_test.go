package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
)

// hostileFolder has files that once cost memory, time or a stack trace. It lies beside
// the repository and is not part of it.
const hostileFolder = "../../../shared/trials/hostile"

// most is the memory, in MiB, that a run with a hostile file may take.
const most = 1024

// behaves runs the program and checks that it ends, in a way that can be shown to a
// person, and within the memory: no line is long or has control characters, and no stack
// trace is among them. How many lines there may be on stderr is up to the caller.
func behaves(t *testing.T, program string, args ...string) (code int, stderr string) {
	t.Helper()
	const endless = 3 * time.Minute // far beyond what the slowest machine takes
	ctx, cancel := context.WithTimeout(t.Context(), endless)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	var text bytes.Buffer
	command.Stdout, command.Stderr = &text, &text
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	if code != 0 && code != 1 && code != 2 {
		t.Errorf("%v: exit %d", args, code)
	}
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
		if len(line) > 600 || strings.ContainsFunc(line, unprintable) || strings.Contains(line, "goroutine") || strings.Contains(line, ".go:") {
			t.Errorf("%v: %d bytes: %.1000q", args, len(line), line)
		}
	}
	if peak := peakMiB(command.ProcessState); peak > most {
		t.Errorf("%v: %d MiB", args, peak)
	}
	return code, text.String()
}

// TestHostile runs the program with files that are made to do harm.
func TestHostile(t *testing.T) {
	program := builtProgram(t)
	t.Run("files", func(t *testing.T) { testHostileFiles(t, program) })
	t.Run("pictures", func(t *testing.T) { testHostilePictures(t, program) })
	t.Run("names", func(t *testing.T) { testHostileNames(t, program) })
	t.Run("weights", func(t *testing.T) { testHostileWeights(t, program) })
}

// goodPictures writes four contents and a style for them.
func goodPictures(t *testing.T, dir string) (contents []string, style string) {
	t.Helper()
	for i := range 4 {
		contents = append(contents, filepath.Join(dir, fmt.Sprintf("good%d.png", i)))
		drawPNG(t, contents[i], 48, 36, 5+i)
	}
	style = filepath.Join(dir, "goodstyle.png")
	drawPNG(t, style, 40, 40, 3)
	return contents, style
}

var quick = []string{"-q", "--size", "64", "--iterations", "1", "--scales", "1"}

// testHostileFiles: each file alone, as a content, a style, a mask and a start, gives a
// picture or two lines at most; and the others of a batch are painted.
func testHostileFiles(t *testing.T, program string) {
	files, err := filepath.Glob(filepath.Join(hostileFolder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		const missing = "the folder ../shared/trials/hostile is not beside the repository"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	for _, file := range files {
		dir := t.TempDir()
		contents, style := goodPictures(t, dir)
		common := append(slices.Clone(quick), "-o", filepath.Join(dir, "out.png"))
		small := append(common, "--weights", smallWeights)
		var runs [][]string
		switch {
		case picture.HasExtension(file):
			runs = [][]string{
				append(small, file, style), append(small, contents[0], file), append(small, contents[0], style, "--mask", file),
				append(small, contents[0], style, "--init", file),
			}
		case filepath.Ext(file) == ".toml":
			runs = [][]string{append(small, contents[0], style, "--config", file)}
		default:
			runs = [][]string{append(common, contents[0], style, "--weights", file)}
		}
		for _, args := range runs {
			if code, text := behaves(t, program, args...); strings.Count(text, "\n") > 2 || code != 0 && text == "" {
				t.Errorf("%v: exit %d, %q", args, code, text)
			}
		}
		if picture.HasExtension(file) {
			batchPaintsTheOthers(t, program, dir, contents, style, file)
		}
	}
}

// batchPaintsTheOthers paints good contents together with hostile ones, and a good
// content in good and hostile styles.
func batchPaintsTheOthers(t *testing.T, program, dir string, contents []string, style string, hostile ...string) {
	t.Helper()
	check := func(out string, flags ...string) {
		t.Helper()
		args := append([]string{"batch", "--out-dir", out, "--weights", smallWeights}, append(flags, quick...)...)
		behaves(t, program, args...)
		for _, c := range contents {
			name := resultName(c, style)
			if strings.HasSuffix(out, "styles") {
				name = resultName(style, c)
			}
			if _, err := os.Stat(filepath.Join(out, name)); err != nil {
				t.Errorf("%v: %v", args[:3], err)
			}
		}
	}
	list := func(flag string, files ...string) (flags []string) {
		for _, f := range files {
			flags = append(flags, flag, f)
		}
		return flags
	}
	all := slices.Concat(contents, hostile)
	check(filepath.Join(dir, "out-contents"), append(list("--contents", all...), "--styles", style)...)
	check(filepath.Join(dir, "out-styles"), append(list("--styles", all...), "--contents", style)...)
}

// resultName returns the name that batch gives a result.
func resultName(content, style string) string {
	stem := func(path string) string { return strings.TrimSuffix(filepath.Base(path), ".png") }
	return stem(content) + "-" + stem(style) + ".png"
}

// testHostilePictures: of each kind, many pictures at once in a batch.
func testHostilePictures(t *testing.T, program string) {
	for kind, pictures := range hostilePictures() {
		t.Run(kind, func(t *testing.T) {
			if len(pictures) < 20 {
				t.Errorf("there are %d pictures only", len(pictures))
			}
			dir := t.TempDir()
			contents, style := goodPictures(t, dir)
			var names []string
			for name, data := range pictures {
				names = append(names, filepath.Join(dir, fmt.Sprint(len(names))+" "+strings.Map(plain, name)))
				writeTestFile(t, names[len(names)-1], data)
			}
			slices.Sort(names)
			batchPaintsTheOthers(t, program, dir, contents, style, names...)
		})
	}
}

// testHostileNames: what a terminal obeys does not come out of the names of files.
func testHostileNames(t *testing.T, program string) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "photos")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	_, style := goodPictures(t, dir)
	names := []string{"\x1b[2Ja.png", "b\nc.png", "d\r\u009b31m.png", "turned\u202eround.png", strings.Repeat("x", 150) + ".png"}
	for i, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), readTestFile(t, style), 0o666); err != nil {
			t.Skip("this file system takes no such names: ", err)
		}
		if i > 0 { // and in an error
			writeTestFile(t, filepath.Join(folder, "no picture "+name), []byte("text"))
		}
	}
	out := filepath.Join(dir, "out")
	rest := []string{"--weights", smallWeights, "--size", "64", "--iterations", "1", "--scales", "1"}
	for range 2 { // the second time, pictures are there already
		behaves(t, program, append([]string{"batch", "--contents", folder, "--styles", style, "--out-dir", out}, rest...)...)
	}
	for _, name := range names {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(filepath.Join(out, resultName(path, style))); err != nil {
			t.Error(err)
		}
		behaves(t, program, append([]string{path, style, "-o", filepath.Join(out, name)}, rest...)...)
		behaves(t, program, "again", filepath.Join(out, name), "-o", filepath.Join(out, "again "+name))
		behaves(t, program, append([]string{"sweep", path, style, "--init", path + "," + path, "-o", filepath.Join(out, "sweep "+name)}, rest...)...)
		behaves(t, program, path+"none", style)
	}
}

// plain replaces what a pattern of names would not take as it is.
func plain(r rune) rune {
	if strings.ContainsRune("[]*?", r) {
		return '_'
	}
	return r
}

// hostileWeights are files of weights, by kind and name.
func hostileWeights() map[string]map[string][]byte {
	kinds := map[string]map[string][]byte{"archives": {}, "bulk": {}, "escapes": {}}
	// Members that are short, and long once they are unpacked, under names that may be
	// looked for, of types and shapes that may be believed.
	member := func(name, header string, zeros int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err == nil {
			_, err = fmt.Fprintf(w, "\x93NUMPY\x01\x00%s%s", le16(nil, uint16(len(header))), header)
		}
		for block := make([]byte, 1<<20); zeros > 0 && err == nil; zeros -= len(block) {
			_, err = w.Write(block)
		}
		if err = errors.Join(err, z.Close()); err != nil {
			panic(err)
		}
		return b.Bytes()
	}
	for _, name := range []string{"conv1_1.weight.npy", "conv1_1.bias.npy", "conv1_1_W.npy", "other.npy"} {
		for _, kind := range []string{"|u1", "<f4", "<f8", "|O", "<U9"} {
			for _, shape := range []string{"(67108864,)", "(64, 3, 3, 3)", "(2485513, 3, 3, 3)"} {
				kinds["archives"][fmt.Sprint(len(kinds["archives"]), name, "z")[:3]+".npz"] = member(name, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", kind, shape), 64<<20)
			}
		}
	}
	const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
	object := func(program string) []byte {
		return fmt.Appendf(nil, "\x93NUMPY\x01\x00%s%s\x80\x04%s", le16(nil, uint16(len(header))), header, program)
	}
	bulk := "B" + string(le32(nil, 1<<20)) + strings.Repeat("\x1b", 1<<20)
	text := "X" + string(le32(nil, 1<<20)) + strings.Repeat("x", 1<<20)
	const escape = "\x1b[2J\x1b]0;owned\x07\x1b[31m"
	for i, end := range []string{")R.", "(tR.", "o.", ")\x81.", "}b.", "N}\x86b.", "\x93.", "N\x86R.", "}R.", "a.", "."} {
		for j, data := range []string{bulk, text, bulk + bulk, "(" + bulk + "d"} {
			kinds["bulk"][fmt.Sprint(i, j, ".npy")] = object(data + end)
		}
	}
	for i, module := range []string{escape, "os" + escape, strings.Repeat(escape, 1000), "\xff\x9b31m", "a\u202eb", "a\rb", "a\tb\x00"} {
		short := "\x8c" + string(rune(min(len(module), 127))) + module[:min(len(module), 127)]
		for j, program := range []string{"c" + module + "\nname\n.", "cos\n" + module + "\n.", short + short + "\x93.", "I" + module + "\n.", "S'" + module + "'\n)R.", "F" + module + "\n."} {
			kinds["escapes"][fmt.Sprint(i, j, ".npy")] = object(program)
		}
	}
	return kinds
}

// testHostileWeights: each file is refused in a line.
func testHostileWeights(t *testing.T, program string) {
	dir := t.TempDir()
	contents, style := goodPictures(t, dir)
	refused := func(t *testing.T, file, flag string) {
		t.Helper()
		code, text := behaves(t, program, append(slices.Clone(quick), contents[0], style, "-o", filepath.Join(dir, "out.png"), flag, file)...)
		if code == 0 || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: exit %d, %.500q", file, code, text)
		}
	}
	for kind, files := range hostileWeights() {
		t.Run(kind, func(t *testing.T) {
			if len(files) < 20 {
				t.Errorf("there are %d files only", len(files))
			}
			for name, data := range files {
				path := filepath.Join(dir, name)
				writeTestFile(t, path, data)
				refused(t, path, "--weights")
			}
		})
	}
	tomls, jsons := configLies()
	for extension, texts := range map[string]map[string]string{".toml": tomls, ".json": jsons} {
		t.Run("config"+extension, func(t *testing.T) {
			if len(texts) < 20 {
				t.Errorf("there are %d files only", len(texts))
			}
			for _, name := range slices.Sorted(maps.Keys(texts)) {
				path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+extension)
				writeTestFile(t, path, []byte(texts[name]))
				refused(t, path, "--config")
			}
		})
	}
}
