package layers_test

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
)

var corruptions = flag.Int("corruptions", 300, "damaged files that TestCorruption makes")

// readCheaply reads a file into a network. Whatever is in the file, that costs
// little memory, and an error is one short line, after which the network is as
// it was.
func readCheaply(t *testing.T, what, path string) error {
	t.Helper()
	net := tied(2)
	want := bits(net)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := layers.Read(path, net)
	runtime.ReadMemStats(&after)
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 8<<20 {
		t.Errorf("%s: %d MiB were allocated before the error %v", what, cost>>20, err)
	}
	if err == nil {
		return nil
	}
	message := strings.TrimPrefix(err.Error(), path)
	if len(message) > 400 || strings.ContainsFunc(message, unicode.IsControl) {
		t.Errorf("%s: error of %d bytes: %.500q", what, len(message), message)
	}
	if !reflect.DeepEqual(bits(net), want) {
		t.Errorf("%s: error %v, and yet the network is changed", what, err)
	}
	return err
}

// npyText returns a .npy file with a header of these parts, and zeros.
func npyText(descr, shape string, zeros int) string {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
	return "\x93NUMPY\x02\x00" + string([]byte{byte(len(text)), byte(len(text) >> 8), 0, 0}) + text + strings.Repeat("\x00", zeros)
}

func TestHostileCheckpoints(t *testing.T) {
	const escapes = "\x1b[2J\x1b]0;title\x07\r\n\u009b31m"
	type member struct{ name, text string }
	good := []member{ // tied(2), with an optimiser
		{"in.weight", npyText("<f4", "(2, 3)", 24)}, {"in.bias", npyText("<f4", "(3,)", 12)},
		{"a.weight", npyText("<f4", "(3, 3)", 36)}, {"a.bias", npyText("<f4", "(3,)", 12)},
	}
	path := filepath.Join(t.TempDir(), "net.npz")
	save := func(lie func(h *zip.FileHeader), members ...member) {
		t.Helper()
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i, m := range members {
			h := &zip.FileHeader{Name: m.name + ".npy", Method: zip.Deflate}
			w, err := z.CreateHeader(h)
			if lie != nil && i == 0 {
				h = &zip.FileHeader{
					Name: m.name + ".npy", CRC32: crc32.ChecksumIEEE([]byte(m.text)),
					CompressedSize64: uint64(len(m.text)), UncompressedSize64: uint64(len(m.text)),
				}
				lie(h)
				w, err = z.CreateRaw(h)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(m.text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save(nil, good...)
	if err := readCheaply(t, "good", path); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"32 MiB of u1":           npyText("|u1", "(33554432,)", 32<<20),
		"5 GB of u1":             npyText("|u1", "(5000000000,)", 100),
		"a terabyte":             npyText("<f4", "(1000, 1000, 1000, 250)", 100),
		"longer than its shape":  npyText("<f4", "(2, 3)", 32<<20),
		"shorter than its shape": npyText("<f4", "(2, 3)", 23),
		"another order":          npyText("<f4", "(3, 2)", 24),
		"6 numbers":              npyText("<f4", "(6,)", 24),
		"negative":               npyText("<f4", "(-3, -2)", 24),
		"overflow":               npyText("<f4", "(4294967296, 4294967296)", 24),
		"no numbers":             npyText("<f4", "(0, 9223372036854775807)", 0),
		"64 dimensions":          npyText("<f4", "("+strings.Repeat("9223372036854775807,", 64)+")", 24),
		"64 dimensions of 1":     npyText("<f4", "("+strings.Repeat("1,", 64)+")", 4),
		"objects":                npyText("|O", "(2, 3)", 24),
		"texts":                  npyText("<U100000000", "(2, 3)", 24),
		"type with escapes":      npyText(strings.ReplaceAll(escapes, "\n", ""), "(2, 3)", 24),
		"long type":              npyText(strings.Repeat("\x1b", 60000), "(2, 3)", 24),
		"another file":           escapes,
		"nothing":                "",
	} {
		save(nil, append([]member{{"in.weight", text}}, good[1:]...)...)
		if readCheaply(t, what, path) == nil {
			t.Errorf("%s: no error", what)
		}
	}
	bulk := npyText("|u1", "(33554432,)", 32<<20)
	for what, name := range map[string]string{
		"name with escapes": escapes, "long name": strings.Repeat("n", 60000), "name of 255 escapes": strings.Repeat("\x9b", 251),
		"optimiser with escapes": "optimizer." + escapes, "moment with escapes": "optimizer.0." + escapes,
		"moment 8": "optimizer.8.a.bias", "moment 2^40": "optimizer.1099511627776.a.bias", "moment -1": "optimizer.-1.a.bias",
		"moment 00": "optimizer.00.a.bias", "unknown": "b.weight", "path": "../../in.weight", "steps": "optimizer.steps",
		"moment 0": "optimizer.0.a.bias", "twice": "a.bias",
	} {
		save(nil, append(good[:4:4], member{name, bulk})...)
		if readCheaply(t, what, path) == nil {
			t.Errorf("%s: no error", what)
		}
	}
	for what, lie := range map[string]func(h *zip.FileHeader){
		"says 5 GB":      func(h *zip.FileHeader) { h.UncompressedSize64 = 5_000_000_000 },
		"says 2^64-1":    func(h *zip.FileHeader) { h.UncompressedSize64 = 1<<64 - 1 },
		"says nothing":   func(h *zip.FileHeader) { h.UncompressedSize64 = 0 },
		"cut":            func(h *zip.FileHeader) { h.CompressedSize64 -= 4 },
		"wrong sum":      func(h *zip.FileHeader) { h.CRC32++ },
		"deflated":       func(h *zip.FileHeader) { h.Method = zip.Deflate },
		"unknown method": func(h *zip.FileHeader) { h.Method = 99 },
	} {
		save(lie, good...)
		if readCheaply(t, what, path) == nil {
			t.Errorf("%s: no error", what)
		}
	}
	var many []member
	for i := range 5000 {
		many = append(many, member{fmt.Sprint(i), ""})
	}
	save(nil, many...)
	if readCheaply(t, "5000 members", path) == nil {
		t.Error("5000 members: no error")
	}
}

// TestCorruption damages a sound checkpoint, in lengths and offsets above all.
func TestCorruption(t *testing.T) {
	source, adam := tied(1), &optim.Adam{}
	trainTied(source, adam, 0, 2)
	path := write(t, source, adam.State())
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range *corruptions {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		b := bytes.Clone(sound)
		for range 1 + rng.IntN(3) {
			at := rng.IntN(len(b))
			value := []byte{0, 1, '9', 0x1b, 0x7f, 0x80, 0xff}[rng.IntN(7)]
			for i := range min(1<<rng.IntN(4), len(b)-at) {
				b[at+i] = value
			}
			if rng.IntN(8) == 0 {
				b = b[:at+1]
			}
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if readCheaply(t, "corruption", path); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
