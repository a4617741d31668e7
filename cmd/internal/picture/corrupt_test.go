package picture

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

var corruptions = flag.Int("corruptions", 0, "damages that TestCorrupted does to each picture; 0 stands for 60, and 20 with -short")

// TestCorrupted damages sound pictures of all formats: bytes, runs of bytes, lengths and
// offsets, chunks left out, doubled and exchanged. Each must give an error of one line or
// a picture, within a limit.
func TestCorrupted(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	rounds := *corruptions
	switch {
	case rounds == 0 && testing.Short():
		rounds = 20
	case rounds == 0:
		rounds = 60
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range files {
		if !HasExtension(name) {
			continue
		}
		data := mustRead(t, name)
		for i := range rounds {
			damaged := data
			for range 1 + r.IntN(3) {
				damaged = corrupted(r, damaged)
			}
			checkHostile(t, hostileFile{fmt.Sprint(name, ", damage ", i), damaged, 0})
		}
	}
}

// corrupted returns data with a damage, mostly near the beginning, where the structure
// is.
func corrupted(r *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	if len(data) < 8 {
		return data
	}
	at := r.IntN(len(data))
	if r.IntN(3) > 0 {
		at = r.IntN(min(len(data), 200))
	}
	values := []uint32{0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 1 << 24, 0x7fffffff, 1 << 31, 0xffffffff, uint32(len(data)), r.Uint32()}
	value := values[r.IntN(len(values))]
	rest := data[at:]
	switch kind := r.IntN(8); {
	case kind == 0:
		data[at] = byte(value)
	case kind == 1:
		data[at] ^= 1 << r.IntN(8)
	case kind == 2 && len(rest) >= 2:
		binary.BigEndian.PutUint16(rest, uint16(value))
	case kind == 3 && len(rest) >= 4:
		binary.BigEndian.PutUint32(rest, value)
	case kind == 4 && len(rest) >= 4:
		binary.LittleEndian.PutUint32(rest, value)
	case kind == 5:
		return data[:at]
	case kind == 6: // a piece left out or doubled
		n := r.IntN(min(len(rest), 64) + 1)
		if r.IntN(2) == 0 {
			return append(data[:at], rest[n:]...)
		}
		return append(append(bytes.Clone(data[:at+n]), rest[:n]...), rest[n:]...)
	default:
		return corruptedChunks(r, data)
	}
	return data
}

// corruptedChunks returns a PNG with two chunks exchanged, one doubled or one left out,
// and checksums that are right, so that the damage is not noticed by them; other formats
// with two pieces exchanged.
func corruptedChunks(r *rand.Rand, data []byte) []byte {
	var pieces [][]byte
	head := []byte{}
	if bytes.HasPrefix(data, []byte(pngSignature)) {
		head = []byte(pngSignature)
		for kind, chunk := range pngChunks(data) {
			chunk = bytes.Clone(chunk)
			if len(chunk) > 0 && r.IntN(3) == 0 {
				chunk[r.IntN(len(chunk))] ^= byte(1 + r.IntN(255))
			}
			pieces = append(pieces, pngChunk(kind, chunk))
		}
	} else {
		const n = 6
		for i := range n {
			pieces = append(pieces, data[len(data)*i/n:len(data)*(i+1)/n])
		}
	}
	if len(pieces) < 2 {
		return data
	}
	i, j := r.IntN(len(pieces)), r.IntN(len(pieces))
	switch r.IntN(3) {
	case 0:
		pieces[i], pieces[j] = pieces[j], pieces[i]
	case 1:
		pieces[i] = append(bytes.Clone(pieces[i]), pieces[i]...)
	default:
		pieces[i] = nil
	}
	return append(head, bytes.Join(pieces, nil)...)
}
