package npy

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/brushgrad/brushgrad/tensor"
)

// expectRefusal checks that reading the file at path ends in an error that names
// it, is one short line without control characters, and costs at most 20 MiB.
func expectRefusal(t *testing.T, what, path string, read func(path string) error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := read(path)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("%s: error %v, want one that names the file", what, err)
		return
	}
	checkMessage(t, what, err.Error()[len(path):])
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 20<<20 {
		t.Errorf("%s: %d MiB were allocated before the error %v", what, cost>>20, err)
	}
}

// checkMessage checks that a message is one short line without control characters.
func checkMessage(t *testing.T, what, message string) {
	t.Helper()
	if len(message) > 400 || strings.ContainsFunc(message, unicode.IsControl) {
		t.Errorf("%s: error of %d bytes: %.500q", what, len(message), message)
	}
}

// A lie is a member of an archive whose directory says what the fields say.
type lie struct {
	name                     string
	method                   uint16
	data                     string // as it is stored
	compressed, uncompressed uint64
	crc                      uint32
}

// bomb is a member of text and zeros, compressed, that tells the truth about itself.
func bomb(t testing.TB, name, text string, zeros int) lie {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	plain := append([]byte(text), make([]byte, zeros)...)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return lie{name, zip.Deflate, b.String(), uint64(b.Len()), uint64(len(plain)), crc32.ChecksumIEEE(plain)}
}

func (l lie) change(f func(l *lie)) lie {
	f(&l)
	return l
}

// liar returns an archive of such members.
func liar(t testing.TB, members ...lie) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: m.name, Method: m.method, CRC32: m.crc, CompressedSize64: m.compressed, UncompressedSize64: m.uncompressed,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const escapes = "\x1b[2J\x1b]0;title\x07\r\u009b31m\u202e"

// lies are .npy files by what is wrong with them. Zeros may follow.
func lies() map[string]string {
	f4 := func(shape string) string { return header(dict("'<f4'", "False", shape)) }
	long := func(text string) string { // headers of version 2 can be longer
		return magic + "\x02\x00" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))) + text
	}
	return map[string]string{
		"5 GB of u1":              header(dict("'|u1'", "False", "(5000000000,)")),
		"a terabyte":              f4("(1000, 1000, 1000, 250)"),
		"nearly 2^63 bytes":       f4("(2305843009213693951,)"),
		"negative":                f4("(-1,)"),
		"overflow":                f4("(4294967296, 4294967296)"),
		"overflow to 0":           f4("(9223372036854775807, 9223372036854775807, 0)"),
		"beyond int":              f4("(" + strings.Repeat("9", 60) + ",)"),
		"a dimension of digits":   long(dict("'<f4'", "False", "("+strings.Repeat("9", 60000)+",)")),
		"64 dimensions":           long(dict("'<f4'", "False", "("+strings.Repeat("9223372036854775807,", 64)+")")),
		"64 dimensions of 1":      f4("(" + strings.Repeat("1,", 64) + ")"),
		"thousands of dimensions": long(dict("'<f4'", "False", "("+strings.Repeat("1,", 20000)+")")),
		"Fortran order":           header(dict("'<f8'", "True", "(1000000, 1000000)")),
		"objects":                 header(dict("'|O'", "False", "(1000000,)")),
		"texts":                   header(dict("'<U1000000000'", "False", "(1000000,)")),
		"void":                    header(dict("'|V9223372036854775807'", "False", "(1000000,)")),
		"structure":               long(dict("["+strings.Repeat("('a', '<f4'),", 4000)+"]", "False", "(1,)")),
		"type with escapes":       header(dict("'"+escapes+"'", "False", "(1,)")),
		"long type":               long(dict("'"+strings.Repeat("\x1b", 60000)+"'", "False", "(1,)")),
		"key with escapes":        header("{'" + escapes + "': 1}"),
		"long key":                long("{'" + strings.Repeat("\u202e", 20000) + "': 1}"),
		"text with escapes":       header(escapes),
		"deep tuples":             long("{'shape': " + strings.Repeat("(", 60000)),
		"spaces":                  long(strings.Repeat(" ", 65535)),
		"header of 4 GiB":         magic + "\x02\x00\xff\xff\xff\xff{",
		"half a header":           magic + "\x01\x00\xff\xff{'descr'",
		"version with a bell":     magic + "\x1b\x07",
		"another file":            escapes + escapes,
	}
}

func TestHostileFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	read := func(path string) error {
		_, err := ReadFile(path)
		return err
	}
	for what, text := range lies() {
		for _, zeros := range []int{0, 100} {
			if err := os.WriteFile(path, append([]byte(text), make([]byte, zeros)...), 0o644); err != nil {
				t.Fatal(err)
			}
			expectRefusal(t, what, path, read)
		}
	}
}

func TestHostileArchives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	try := func(what string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		expectRefusal(t, what, path, func(path string) error {
			_, err := ReadZip(path)
			return err
		})
	}
	for what, text := range lies() {
		try(what, liar(t, bomb(t, "a.npy", text, 1000)))
	}
	const size = 100 << 20
	u1 := bomb(t, "a.npy", header(dict("'|u1'", "False", fmt.Sprintf("(%d,)", size))), size)
	small := bomb(t, "a.npy", header(dict("'|u1'", "False", "(2,)")), 2)
	longer := u1.change(func(l *lie) { l.data = bomb(t, "a.npy", header(dict("'|u1'", "False", "(2,)")), 32<<20).data })
	for what, l := range map[string]lie{
		"bomb":                u1,
		"bomb that lies":      u1.change(func(l *lie) { l.uncompressed = 5_000_000_000 }),
		"longer":              longer,
		"longer, says less":   longer.change(func(l *lie) { l.uncompressed = small.uncompressed }),
		"says 2^64-1":         small.change(func(l *lie) { l.uncompressed = 1<<64 - 1 }),
		"says nothing":        small.change(func(l *lie) { l.uncompressed = 0 }),
		"wrong sum":           small.change(func(l *lie) { l.crc++ }),
		"stored, it says":     small.change(func(l *lie) { l.method = zip.Store }),
		"unknown method":      small.change(func(l *lie) { l.method = 99 }),
		"no deflate":          small.change(func(l *lie) { l.data = strings.Repeat("\xff", len(l.data)) }),
		"cut":                 small.change(func(l *lie) { l.compressed -= 3 }),
		"name with escapes":   u1.change(func(l *lie) { l.name = escapes + ".npy" }),
		"long name":           u1.change(func(l *lie) { l.name = strings.Repeat("a/", 30000) + ".npy" }),
		"name of 255 escapes": u1.change(func(l *lie) { l.name = strings.Repeat("\x9b", 251) + ".npy" }),
	} {
		try(what, liar(t, l))
	}
	try("twice", liar(t, small, small))
	try("twice, with escapes", liar(t, small.change(func(l *lie) { l.name = escapes + ".npy" }), small.change(func(l *lie) { l.name = escapes + ".npy" })))
	// Many that are each small enough.
	var members []lie
	part := bomb(t, "", header(dict("'|u1'", "False", "(1048576,)")), 1<<20)
	for i := range 100 {
		members = append(members, part.change(func(l *lie) { l.name = fmt.Sprint(i, ".npy") }))
	}
	if err := os.WriteFile(path, liar(t, members...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadZip(path); err == nil || !strings.Contains(err.Error(), "more memory than 64 MiB plus 16 times") {
		t.Errorf("100 MiB of zeros in a small archive: error %v", err)
	}
	members = nil
	for i := range 70000 {
		members = append(members, lie{name: fmt.Sprint(i)})
	}
	try("70000 members", liar(t, members...))
	try("5000 members", liar(t, members[:5000]...))
	long := members[:0]
	for i := range 3000 {
		long = append(long, lie{name: strings.Repeat("n", 400) + fmt.Sprint(i)})
	}
	try("a directory of 1.3 MB", liar(t, long...))
}

// An archive of as many numbers as a real one has is not taken for a bomb.
func TestReadZipCompressed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	member := bomb(t, "a.npy", header(dict("'<f4'", "False", "(4, 1048576)")), 16<<20)
	if err := os.WriteFile(path, liar(t, member), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadZip(path); err != nil || !tensor.SameShape(got["a"], tensor.New(4, 1<<20)) {
		t.Error(got, err)
	}
}

// ReadZipFunc asks before it reads, and returns the error that it gets.
func TestReadZipFunc(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	bad := bomb(t, "b.npy", header(dict("'|u1'", "False", "(500000000,)")), 100)
	good := bomb(t, "a.npy", header(dict("'|u1'", "False", "(2,)")), 2)
	if err := os.WriteFile(path, liar(t, good, bad), 0o644); err != nil {
		t.Fatal(err)
	}
	var asked []string
	_, err := ReadZipFunc(path, func(name string, h Header) error {
		asked = append(asked, fmt.Sprint(name, h.Shape))
		if name == "b" {
			return fmt.Errorf("no")
		}
		return nil
	})
	if err == nil || err.Error() != path+`: "b.npy": no` || fmt.Sprint(asked) != "[a[2] b[500000000]]" {
		t.Errorf("error %v, asked for %v", err, asked)
	}
}
