package vgg

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
)

// maxAlloc bounds what a hostile file may cost, in bytes: no more than a real
// network's largest layers.
const maxAlloc = 24 << 20

// expectRefusal checks that loading path ends in an error that is one short line
// without control characters, and that it costs little memory.
func expectRefusal(t *testing.T, what, path string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w, err := Load(path)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Errorf("%s: loaded %v, want an error", what, w.Layers())
		return
	}
	checkMessage(t, what, strings.TrimPrefix(err.Error(), path))
	if cost := after.TotalAlloc - before.TotalAlloc; cost > maxAlloc {
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

// escapes is text that moves the cursor, sets a window's title and ends lines.
const escapes = "\x1b[2J\x1b]0;title\x07\r\n\u009b31m\u202e"

// npyText returns a .npy file with a header of these parts, and the given body.
func npyText(descr, shape, body string) string {
	return npyHeader(fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }\n", descr, shape)) + body
}

func npyHeader(text string) string {
	return "\x93NUMPY\x02\x00" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(text)))) + text
}

// deflated returns text, followed by zeros, compressed.
func deflated(text string, zeros int) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(w, text)
	for block := make([]byte, 1<<20); zeros > 0; zeros -= len(block) {
		w.Write(block[:min(zeros, len(block))])
	}
	w.Close()
	return b.String()
}

// A lie is a member of an archive whose directory says what the fields say.
type lie struct {
	name                     string
	method                   uint16
	data                     string // as it is stored
	compressed, uncompressed uint64
	crc                      uint32
}

// bomb is a member of text and zeros that tells the truth about itself.
func bomb(name, text string, zeros int) lie {
	data := deflated(text, zeros)
	crc := crc32.ChecksumIEEE([]byte(text))
	for left, block := zeros, make([]byte, 1<<20); left > 0; left -= len(block) {
		crc = crc32.Update(crc, crc32.IEEETable, block[:min(left, len(block))])
	}
	return lie{name, zip.Deflate, data, uint64(len(data)), uint64(len(text) + zeros), crc}
}

// liar returns an archive of such members.
func liar(t testing.TB, members ...lie) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: m.method, CRC32: m.crc, CompressedSize64: m.compressed, UncompressedSize64: m.uncompressed}
		w, err := z.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, m.data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// change returns a member with a change.
func (l lie) change(f func(l *lie)) lie {
	f(&l)
	return l
}

// arrayLies are arrays that are not conv1_1.weight, by what is wrong with them: the
// text and how many zeros follow it. A zero is a number of any type.
func arrayLies() map[string]struct {
	text  string
	zeros int
} {
	f4 := func(shape string) string { return npyText("'<f4'", shape, "") }
	return map[string]struct {
		text  string
		zeros int
	}{
		"5 GB of u1":              {npyText("'|u1'", "(5000000000,)", ""), 32 << 20},
		"32 MiB of u1":            {npyText("'|u1'", "(33554432,)", ""), 32 << 20},
		"millions of filters":     {f4("(1000000, 3, 3, 3)"), 32 << 20},
		"too many filters":        {f4("(129, 3, 3, 3)"), 129 * 27 * 4},
		"filters of f8":           {npyText("'<f8'", "(5000000, 3, 3, 3)", ""), 32 << 20},
		"longer than its shape":   {f4("(64, 3, 3, 3)"), 32 << 20},
		"shorter than its shape":  {f4("(64, 3, 3, 3)"), 64*27*4 - 1},
		"negative":                {f4("(-64, 3, 3, 3)"), 64},
		"overflow":                {f4("(4294967296, 4294967296, 3, 3)"), 64},
		"overflow to 0":           {f4("(0, 9223372036854775807, 9223372036854775807, 3)"), 0},
		"overflow times 0":        {f4("(9223372036854775807, 9223372036854775807, 0, 3)"), 0},
		"beyond int":              {f4("(999999999999999999999999999999999999999999, 3, 3, 3)"), 64},
		"a dimension of digits":   {f4("(" + strings.Repeat("9", 60000) + ", 3, 3, 3)"), 64},
		"64 dimensions":           {f4("(" + strings.Repeat("9223372036854775807,", 64) + ")"), 64},
		"64 small dimensions":     {f4("(" + strings.Repeat("1,", 64) + ")"), 4},
		"thousands of dimensions": {f4("(" + strings.Repeat("1,", 20000) + ")"), 4},
		"wrong order of axes":     {f4("(3, 3, 3, 64)"), 64 * 27 * 4},
		"nothing":                 {f4("(0, 3, 3, 3)"), 0},
		"objects":                 {npyText("'|O'", "(64, 3, 3, 3)", ""), 64},
		"complex numbers":         {npyText("'<c16'", "(64, 3, 3, 3)", ""), 64 * 27 * 16},
		"long texts":              {npyText("'<U1000000000'", "(64, 3, 3, 3)", ""), 64},
		"void":                    {npyText("'|V9223372036854775807'", "(64, 3, 3, 3)", ""), 64},
		"structure":               {npyText("["+strings.Repeat("('a', '<f4'),", 4000)+"]", "(64, 3, 3, 3)", ""), 64},
		"a type with escapes":     {npyText("'"+strings.ReplaceAll(escapes, "\n", "")+"'", "(64, 3, 3, 3)", ""), 64},
		"a long type":             {npyText("'"+strings.Repeat("\x01", 60000)+"'", "(64, 3, 3, 3)", ""), 64},
		"a key with escapes":      {npyHeader("{'" + strings.ReplaceAll(escapes, "\n", "") + "': 1}"), 64},
		"a long key":              {npyHeader("{'" + strings.Repeat("\u202e", 20000) + "': 1}"), 64},
		"no dictionary":           {npyHeader(escapes), 64},
		"spaces":                  {npyHeader(strings.Repeat(" ", 65535)), 64},
		"deep tuples":             {npyHeader("{'shape': " + strings.Repeat("(", 60000)), 64},
		"a header of 4 GiB":       {"\x93NUMPY\x02\x00\xff\xff\xff\xff{", 32 << 20},
		"no header":               {"", 32 << 20},
		"half a header":           {"\x93NUMPY\x01\x00\xff\xff{'descr': '<f4'", 0},
		"another file":            {escapes, 0},
	}
}

func TestHostileArchives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.npz")
	try := func(what string, archive []byte) {
		t.Helper()
		writeFile(t, path, archive)
		expectRefusal(t, what, path)
	}
	const weight, bias = "conv1_1.weight.npy", "conv1_1.bias.npy"
	goodWeight := bomb(weight, npyText("'<f4'", "(64, 3, 3, 3)", ""), 64*27*4)
	goodBias := bomb(bias, npyText("'<f4'", "(64,)", ""), 64*4)
	writeFile(t, path, liar(t, goodWeight, goodBias))
	if _, err := Load(path); err != nil {
		t.Fatal(err) // what follows is about the lies alone
	}
	for what, l := range arrayLies() {
		m := bomb(weight, l.text, l.zeros)
		try(what, liar(t, m, goodBias))
		m.name = bias
		try("bias: "+what, liar(t, goodWeight, m))
	}
	huge := bomb(weight, npyText("'|u1'", "(5000000000,)", ""), 32<<20)
	long := bomb(weight, npyText("'<f4'", "(64, 3, 3, 3)", ""), 32<<20)
	for what, l := range map[string]lie{
		"says 5 GB":                   huge.change(func(l *lie) { l.uncompressed = 5_000_000_000 + 128 }),
		"says the right size":         long.change(func(l *lie) { l.uncompressed = goodWeight.uncompressed }),
		"says nothing":                long.change(func(l *lie) { l.uncompressed = 0 }),
		"says 2^62":                   goodWeight.change(func(l *lie) { l.uncompressed = 1 << 62 }),
		"says 2^64-1":                 goodWeight.change(func(l *lie) { l.uncompressed = 1<<64 - 1 }),
		"compressed to nothing":       goodWeight.change(func(l *lie) { l.compressed = 0 }),
		"compressed to less":          goodWeight.change(func(l *lie) { l.compressed -= 9 }),
		"wrong sum":                   goodWeight.change(func(l *lie) { l.crc++ }),
		"stored, it says":             goodWeight.change(func(l *lie) { l.method = zip.Store }),
		"unknown method":              goodWeight.change(func(l *lie) { l.method = 99 }),
		"no deflate":                  goodWeight.change(func(l *lie) { l.data = strings.Repeat("\xff", len(l.data)) }),
		"a folder":                    goodWeight.change(func(l *lie) { l.name += "/" }),
		"a manifest of spaces":        bomb(manifestName, strings.Repeat(" ", 1000), 32<<20),
		"a manifest that is too long": bomb(manifestName, strings.Repeat(" ", maxManifest+1), 0),
		"a manifest that lies":        bomb(manifestName, `{"network": "`, 32<<20).change(func(l *lie) { l.uncompressed = 100 }),
	} {
		try(what, liar(t, l, goodBias))
	}
	for what, text := range manifestLies() {
		try("manifest: "+what, liar(t, goodWeight, goodBias, bomb(manifestName, text, 0)))
	}

	// All layers lie at the place of the first: each has to be of its own shape.
	var members []lie
	for _, layer := range layerNames {
		for _, file := range files(layer) {
			members = append(members, goodWeight.change(func(l *lie) { l.name = file }))
		}
	}
	overlapping := liar(t, members...)
	for i := 0; ; i++ {
		next := bytes.Index(overlapping[i:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		i += next
		copy(overlapping[i+42:], "\x00\x00\x00\x00")
	}
	try("members in one place", overlapping)

	// Layers that are wide, each as the one before says, are too large together.
	members = nil
	in := 3
	for i, layer := range layerNames {
		out := 2 * widths()[i]
		members = append(members, bomb(layer+".weight.npy", npyText("'|u1'", fmt.Sprintf("(%d, %d, 3, 3)", out, in), ""), 9*out*in),
			bomb(layer+".bias.npy", npyText("'|u1'", fmt.Sprintf("(%d,)", out), ""), out))
		in = out
	}
	writeFile(t, path, liar(t, members...))
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "conv4_4.weight.npy: ") || !strings.Contains(err.Error(), "more than twice as many weights") {
		t.Errorf("wide layers: error %v", err)
	}

	// Directories.
	many := func(n int, name func(i int) string) []byte {
		var members []lie
		for i := range n {
			members = append(members, lie{name: name(i)})
		}
		return liar(t, members...)
	}
	number := func(i int) string { return fmt.Sprint(i, ".npy") }
	zip64 := many(70000, number)
	wrapped := bytes.Clone(zip64[:len(zip64)-22])
	end := bytes.Clone(zip64[len(zip64)-22:])
	binary.LittleEndian.PutUint16(end[8:], 70000&0xffff)
	binary.LittleEndian.PutUint16(end[10:], 70000&0xffff)
	directory := bytes.Index(zip64, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(end[16:], uint32(directory))
	announced := liar(t, goodWeight, goodBias)
	copy(announced[len(announced)-14:], "\xfe\xff\xfe\xff")
	for what, archive := range map[string][]byte{
		"70000 members":            zip64,
		"70000 members, says 4464": append(bytes.Replace(wrapped, []byte("PK\x06\x07"), []byte("PK\x06\x00"), 1), end...),
		"65534 members, it says":   announced,
		"5000 members":             many(5000, number),
		"long names":               many(10, func(i int) string { return strings.Repeat("a/", 30000) + number(i) }),
		"twice, with escapes":      many(2, func(int) string { return escapes }),
		"twice, a long name":       many(2, func(int) string { return strings.Repeat("\x1b", 255) }),
		"empty":                    many(0, number),
		"the end alone":            []byte("PK\x05\x06" + strings.Repeat("\xff", 18)),
		"half":                     liar(t, goodWeight, goodBias)[:150],
		"no members of a network":  many(20, func(i int) string { return escapes + number(i) }),
	} {
		try(what, archive)
	}
}

// manifestLies are manifests by what is wrong with them.
func manifestLies() map[string]string {
	good, err := os.ReadFile("testdata/folder/manifest.json")
	if err != nil {
		panic(err)
	}
	swap := func(old, with string) string {
		if !strings.Contains(string(good), old) {
			panic("the manifest has no " + old)
		}
		return strings.Replace(string(good), old, with, 1)
	}
	escaped := `\u001b[2J\u001b]0;title\u0007\r\n\u009b31m`
	long := strings.Repeat(`\u001b`, 9000)
	lists := strings.Repeat("[", 30000) + strings.Repeat("]", 30000)
	objects := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	return map[string]string{
		"network with escapes":    swap(`"vgg19"`, `"`+escaped+`"`),
		"long network":            swap(`"vgg19"`, `"`+long+`"`),
		"padding with escapes":    swap(`"reflect"`, `"`+escaped+`"`),
		"long padding":            swap(`"reflect"`, `"`+long+`"`),
		"channels with escapes":   swap(`"RGB"`, `"`+escaped+`"`),
		"long channels":           swap(`"RGB"`, `"`+long+`"`),
		"layer with escapes":      swap(`"conv1_1"`, `"`+escaped+`"`),
		"long layer":              swap(`"conv1_1"`, `"`+long+`"`),
		"thousands of layers":     swap(`"conv1_1"`, strings.Repeat(`"conv1_1",`, 5000)+`"conv1_1"`),
		"file with escapes":       swap(`"conv1_1.weight.npy"`, `"`+escaped+`"`),
		"sum with escapes":        swap(`"sha256": {`, `"sha256": {"conv5_1.bias.npy": "`+escaped+`", `),
		"long sum":                swap(`"sha256": {`, `"sha256": {"conv5_1.bias.npy": "`+long+`", `),
		"thousands of sums":       swap(`"sha256": {`, `"sha256": {`+strings.Repeat(`"x": "y", `, 5000)),
		"key with escapes":        swap(`"padding"`, `"`+escaped+`": 1, "padding"`),
		"long key":                swap(`"padding"`, `"`+long+`": 1, "padding"`),
		"name with escapes":       swap(`"tiny"`, `"`+escaped+`"`),
		"long name":               swap(`"tiny"`, `"`+strings.Repeat("n", 60000)+`"`),
		"thousands of deviations": swap(`"std": [`, `"std": [`+strings.Repeat("0,", 20000)),
		"thousands of means":      swap(`"mean": [`, `"mean": [`+strings.Repeat("0,", 20000)),
		"long number":             swap(`"mean": [`, `"mean": [1`+strings.Repeat("0", 50000)+","),
		"deep lists":              swap(`"reflect"`, lists),
		"deep lists, open":        strings.Repeat("[", 60000),
		"deep objects":            swap(`"reflect"`, objects),
		"deep objects, open":      strings.Repeat(`{"a":`, 12000),
		"deep unknown key":        swap(`"padding"`, `"x": `+objects+`, "padding"`),
		"deep in a training":      swap(`"padding"`, `"trained": {"held_out_errors": `+objects+`}, "padding"`),
		"control character":       swap(`"reflect"`, "\"\x1b[2J\""),
		"no JSON":                 escapes,
		"not UTF-8":               strings.Repeat("\xff\x9b", 30000),
		"more text":               string(good) + escapes,
		"nothing":                 "",
		"too long":                string(good) + strings.Repeat(" ", maxManifest),
	}
}

// The files of the trials are looked for beside the repository.
const trials = "../../shared/trials/hostile"

var trialFiles = []string{"npz_u1.npz", "pickle_bulk_message.npy", "pickle_escape.npy"}

// haveTrials reports whether the trials are here. In CI they have to be.
func haveTrials(t testing.TB) bool {
	_, err := os.Stat(trials)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed: %v", trials, err)
	}
	return err == nil
}

func TestHostileTrials(t *testing.T) {
	if !haveTrials(t) {
		t.Skipf("%s is not here", trials)
	}
	for _, name := range trialFiles {
		expectRefusal(t, name, filepath.Join(trials, name))
	}
}
