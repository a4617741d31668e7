package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// Files that are made to cost memory or time, or to end in a stack trace. All must give
// an error of one line or a picture, within the memory of a limit. The time is bounded by
// that of the test.

const testLimit Limit = 64 << 20

// A hostileFile may have an orientation or a profile that must not be lost.
type hostileFile struct {
	name        string
	data        []byte
	orientation int // which must be found, 0 for any
}

// allocated returns the bytes that f allocates, released or not.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if underRace {
		return 0
	}
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// checkHostile decodes a file in several ways.
func checkHostile(t *testing.T, file hostileFile) {
	t.Helper()
	for _, longest := range []int{0, 16} {
		n := allocated(func() {
			got, _, err := testLimit.Decode(file.data, longest)
			if err != nil {
				checkOneLine(t, file.name, err)
			} else if longest > 0 && max(got.Dim(1), got.Dim(2)) != longest {
				t.Errorf("%s: shape %v, want a longest side of %d", file.name, got.Shape(), longest)
			}
			if file.orientation != 0 && err != nil {
				t.Errorf("%s: %v, want a picture", file.name, err)
			}
		})
		// Buffers that grow are allocated several times.
		if n > 3*int64(testLimit) {
			t.Errorf("%s, longest side %d: %d MiB were allocated, the limit is %d", file.name, longest, n>>20, testLimit>>20)
		}
	}
	if file.orientation != 0 {
		format := map[byte]string{0x89: "png", 0xff: "jpeg", 'R': "webp"}[file.data[0]]
		if format == "" {
			format = "tiff"
		}
		if o := readMetadata(format, file.data).orientation; o != file.orientation {
			t.Errorf("%s: orientation %d, want %d", file.name, o, file.orientation)
		}
	}
}

// checkOneLine checks that a message is one that can be shown.
func checkOneLine(t *testing.T, name string, err error) {
	t.Helper()
	s := err.Error()
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) || len(s) > 600 || s == "" ||
		strings.Contains(s, "goroutine") || strings.Contains(s, ".go:") {
		t.Errorf("%s: the message %q is not one short line", name, s)
	}
}

// entry is one of a TIFF directory; value holds four bytes or an offset.
type entry struct {
	tag, kind uint16
	count     uint32
	value     uint32
}

// tiffBlock returns EXIF data with one directory. A SHORT is put where it belongs.
func tiffBlock(order binary.AppendByteOrder, entries []entry, next uint32, tail ...byte) []byte {
	head := map[bool]string{true: "MM\x00*", false: "II*\x00"}[order == binary.AppendByteOrder(binary.BigEndian)]
	out := order.AppendUint32([]byte(head), 8)
	out = order.AppendUint16(out, uint16(len(entries)))
	for _, e := range entries {
		out = order.AppendUint16(out, e.tag)
		out = order.AppendUint16(out, e.kind)
		out = order.AppendUint32(out, e.count)
		if e.kind == 3 && e.count == 1 {
			out = order.AppendUint16(out, uint16(e.value))
			out = order.AppendUint16(out, 0)
		} else {
			out = order.AppendUint32(out, e.value)
		}
	}
	return append(order.AppendUint32(out, next), tail...)
}

// hostileEntries are entries that stand behind a sound orientation.
func hostileEntries() map[string][]entry {
	many := make([]entry, 5000)
	for i := range many {
		many[i] = entry{tagOrientation, 3, 1, 3}
	}
	return map[string][]entry{
		"nothing":                 nil,
		"exif points at itself":   {{34665, 4, 1, 8}},
		"gps points at itself":    {{34853, 4, 1, 8}},
		"exif points into itself": {{34665, 4, 1, 10}},
		"interop":                 {{40965, 4, 1, 8}},
		"exif past the end":       {{34665, 4, 1, 0xffffff00}},
		"gps cut short":           {{34853, 4, 1, 30}},
		"sub-directories":         {{330, 4, 1 << 30, 8}},
		"count of 2^32-1":         {{305, 2, 0xffffffff, 8}},
		"doubles of 2^32-1":       {{305, 12, 0xffffffff, 0xffffffff}},
		"offset past the end":     {{305, 2, 100, 0xfffffff0}},
		"offset into the header":  {{305, 2, 100, 0}},
		"maker's note":            {{37500, 7, 1 << 20, 0x7fffffff}},
		"type 0":                  {{305, 0, 1, 0}},
		"type 13":                 {{305, 13, 1, 0}},
		"type 65535":              {{305, 65535, 0xffffffff, 0xffffffff}},
		"length 0":                {{305, 2, 0, 0}},
		"thumbnail":               {{513, 4, 1, 0xffffffff}, {514, 4, 1, 0xffffffff}},
		"5000 more":               many,
		"profile past the end":    {{tagProfile, 7, 0x7fffffff, 0x7fffffff}},
		"profile of the header":   {{tagProfile, 7, 100, 0}},
		"profile of one byte":     {{tagProfile, 7, 1, 0}},
	}
}

// hostileEXIF are EXIF data with orientation 6 where the result says so.
func hostileEXIF() map[string]hostileFile {
	out := make(map[string]hostileFile)
	six := entry{tagOrientation, 3, 1, 6}
	add := func(name string, data []byte, orientation int) { out[name] = hostileFile{name, data, orientation} }
	for name, entries := range hostileEntries() {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			all := slices.Concat([]entry{six}, entries)
			add(fmt.Sprint(name, " ", order), tiffBlock(order, all, 0), 6)
			add(fmt.Sprint(name, " and next is itself ", order), tiffBlock(order, all, 8), 6)
			add(fmt.Sprint(name, " first ", order), tiffBlock(order, slices.Concat(entries, []entry{six}), 0xffffffff), map[bool]int{true: 3, false: 6}[len(entries) > 100])
		}
	}
	second := []byte{1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0} // its next is the first
	add("two that point at each other", tiffBlock(binary.LittleEndian, []entry{six}, 26, second...), 6)
	for value, want := range map[uint32]int{0: 1, 9: 1, 65535: 1, 8: 8} {
		add(fmt.Sprint("orientation ", value), tiffBlock(binary.BigEndian, []entry{{tagOrientation, 3, 1, value}}, 0), want)
	}
	for kind, want := range map[uint16]int{0: 1, 2: 1, 4: 6, 7: 6, 12: 1, 99: 1} {
		add(fmt.Sprint("orientation of type ", kind), tiffBlock(binary.LittleEndian, []entry{{tagOrientation, kind, 1, 6}}, 0), want)
	}
	add("orientation without a value", tiffBlock(binary.LittleEndian, []entry{{tagOrientation, 3, 0, 6}}, 0), 1)
	block := tiffBlock(binary.LittleEndian, []entry{six, {305, 2, 4, 0}}, 0)
	for n := range block {
		add(fmt.Sprint("cut to ", n), block[:n], map[bool]int{true: 6, false: 1}[n >= 22])
	}
	for _, offset := range []uint32{0, 1, 4, uint32(len(block)) - 1, uint32(len(block)), 1 << 31, 1<<32 - 1} {
		moved := bytes.Clone(block)
		binary.LittleEndian.PutUint32(moved[4:], offset)
		add(fmt.Sprint("directory at ", offset), moved, 1)
	}
	counted := bytes.Clone(block)
	binary.LittleEndian.PutUint16(counted[8:], 65535)
	add("65535 entries", counted, 6)
	return out
}

// pngChunk returns a chunk with its checksum.
func pngChunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngWithChunks returns a PNG of 23 x 16 pixels with chunks after its header.
func pngWithChunks(t testing.TB, chunks ...[]byte) []byte {
	data := mustRead(t, "testdata/rgb.want.png")
	return slices.Concat(data[:33], slices.Concat(chunks...), data[33:])
}

func jpegSegment(marker byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

func jpegWithSegments(t testing.TB, segments ...[]byte) []byte {
	data := mustRead(t, "testdata/colour.jpg")
	return slices.Concat(data[:2], slices.Concat(segments...), data[2:])
}

func riffChunk(kind string, data []byte) []byte {
	out := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	return append(out, make([]byte, len(data)%2)...)
}

func webpWithChunks(t testing.TB, chunks ...[]byte) []byte {
	data := slices.Concat(mustRead(t, "testdata/rgb.webp"), slices.Concat(chunks...))
	binary.LittleEndian.PutUint32(data[4:], uint32(len(data)-8))
	return data
}

// tiffPicture returns a grey TIFF of 3 x 2 pixels with more entries.
func tiffPicture(order binary.AppendByteOrder, w, h uint32, more ...entry) []byte {
	entries := append([]entry{
		{tagWidth, 4, 1, w}, {tagLength, 4, 1, h}, {tagBitsPerSample, 3, 1, 8}, {tagCompression, 3, 1, 1},
		{262, 3, 1, 1}, {273, 4, 1, 0}, {277, 3, 1, 1}, {279, 4, 1, 6},
	}, more...)
	slices.SortStableFunc(entries, func(a, b entry) int { return int(a.tag) - int(b.tag) })
	entries = slices.CompactFunc(entries, func(a, b entry) bool { return a.tag == b.tag })
	return tiffBlock(order, entries, 8, 1, 2, 3, 4, 5, 6) // the pixels are those of the header
}

func mustRead(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHostileEXIF(t *testing.T) {
	for name, block := range hostileEXIF() {
		exif := append([]byte(exifHeader), block.data...)
		o := block.orientation
		checkHostile(t, hostileFile{"png: " + name, pngWithChunks(t, pngChunk("eXIf", block.data)), o})
		checkHostile(t, hostileFile{"png with a header: " + name, pngWithChunks(t, pngChunk("eXIf", exif)), o})
		checkHostile(t, hostileFile{"webp: " + name, webpWithChunks(t, riffChunk("EXIF", block.data)), o})
		if len(exif) <= 65533 {
			checkHostile(t, hostileFile{"jpeg: " + name, jpegWithSegments(t, jpegSegment(jpegAPP1, exif)), o})
		}
	}
	for name, entries := range hostileEntries() {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := tiffPicture(order, 3, 2, append([]entry{{tagOrientation, 3, 1, 6}}, entries...)...)
			checkHostile(t, hostileFile{"tiff: " + name, data, 6})
		}
	}
}

// Of two blocks the first counts, unless it is none.
func TestFirstEXIFCounts(t *testing.T) {
	block := func(o uint32) []byte {
		return tiffBlock(binary.BigEndian, []entry{{tagOrientation, 3, 1, o}}, 0)
	}
	none, six, three := []byte("garbage, not a directory"), block(6), block(3)
	for _, blocks := range [][][]byte{{six, three}, {none, six, three}} {
		var png, jpeg, webp [][]byte
		for _, b := range blocks {
			png = append(png, pngChunk("eXIf", b))
			jpeg = append(jpeg, jpegSegment(jpegAPP1, append([]byte(exifHeader), b...)))
			webp = append(webp, riffChunk("EXIF", b))
		}
		checkHostile(t, hostileFile{"png", pngWithChunks(t, png...), 6})
		checkHostile(t, hostileFile{"jpeg", jpegWithSegments(t, jpeg...), 6})
		checkHostile(t, hostileFile{"webp", webpWithChunks(t, webp...), 6})
	}
}

// packed returns data packed by zlib.
func packed(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data)
	_ = z.Close()
	return b.Bytes()
}

func TestHostileChunks(t *testing.T) {
	zeros := packed(make([]byte, 64<<20))
	profile := profileOfSRGB()
	begun := packed(append(bytes.Clone(profile), make([]byte, 64<<20)...))
	named := func(data []byte) []byte { return append([]byte("name\x00\x00"), data...) }
	for name, chunk := range map[string][]byte{
		"bomb":            named(zeros),
		"begins well":     named(begun),
		"cut":             named(zeros[:100]),
		"not packed":      named(profile),
		"no name":         zeros,
		"long name":       append(bytes.Repeat([]byte("n"), 1000), named(zeros)...),
		"method 1":        append([]byte("name\x00\x01"), zeros...),
		"empty":           nil,
		"name alone":      []byte("name\x00"),
		"name and method": []byte("name\x00\x00"),
		"wrong checksum":  append(named(packed(profile)[:len(packed(profile))-4]), 1, 2, 3, 4),
		"tiny":            named(packed([]byte("x"))),
	} {
		n := allocated(func() { describePNG(pngWithChunks(t, pngChunk("iCCP", chunk))) })
		if n > 4*maxProfile {
			t.Errorf("iCCP, %s: %d MiB were allocated", name, n>>20)
		}
		checkHostile(t, hostileFile{"iCCP, " + name, pngWithChunks(t, pngChunk("iCCP", chunk)), 1})
		checkHostile(t, hostileFile{"500 of iCCP, " + name, pngWithChunks(t, bytes.Repeat(pngChunk("iCCP", chunk), 500)), 1})
	}
	for name, chunk := range map[string][]byte{
		"zTXt bomb":       append([]byte(textKeyword+"\x00\x00"), zeros...),
		"zTXt cut":        append([]byte(textKeyword+"\x00\x00"), zeros[:50]...),
		"zTXt method":     append([]byte(textKeyword+"\x00\x09"), zeros...),
		"zTXt empty":      []byte(textKeyword + "\x00"),
		"iTXt bomb":       append([]byte(textKeyword+"\x00\x01\x00\x00\x00"), zeros...),
		"iTXt long":       append([]byte(textKeyword+"\x00\x00\x00\x00\x00"), make([]byte, maxText+1)...),
		"iTXt no end":     []byte(textKeyword + "\x00\x01\x00no end"),
		"tEXt long":       append([]byte(textKeyword+"\x00"), make([]byte, maxText+1)...),
		"tEXt no keyword": make([]byte, 100),
	} {
		n := allocated(func() {
			if _, err := decodeText(pngWithChunks(t, pngChunk(name[:4], chunk))); err == nil {
				t.Errorf("%s: no error", name)
			} else {
				checkOneLine(t, name, err)
			}
		})
		if n > 40<<20 {
			t.Errorf("%s: %d MiB were allocated", name, n>>20)
		}
	}
}

// TestHostileParts checks profiles of a JPEG in parts.
func TestHostileParts(t *testing.T) {
	part := func(n, total byte, size int) []byte {
		return jpegSegment(jpegAPP2, append([]byte(iccHeader+string([]byte{n, total})), make([]byte, size)...))
	}
	all := func(total byte, size int) (parts [][]byte) {
		for n := range total {
			parts = append(parts, part(n+1, total, size))
		}
		return parts
	}
	for name, parts := range map[string][][]byte{
		"number 0":    {part(0, 1, 10)},
		"number 9":    {part(9, 2, 10)},
		"total 0":     {part(1, 0, 10)},
		"one missing": {part(1, 3, 10), part(3, 3, 10)},
		"twice":       {part(1, 2, 10), part(1, 2, 10)},
		"two totals":  {part(1, 2, 10), part(2, 3, 10)},
		"16 MB":       all(255, 65000),
		"empty":       all(255, 0),
		"no number":   {jpegSegment(jpegAPP2, []byte(iccHeader))},
		"many":        slices.Repeat([][]byte{part(1, 255, 60000)}, 300),
	} {
		if d := describeJPEG(jpegWithSegments(t, parts...)); len(d.profile) > maxProfile {
			t.Errorf("%s: a profile of %d bytes", name, len(d.profile))
		}
		checkHostile(t, hostileFile{name, jpegWithSegments(t, parts...), 1})
	}
	profile := profileOfSRGB()
	sound := func(n byte, from, to int) []byte {
		return jpegSegment(jpegAPP2, append([]byte(iccHeader+string([]byte{n, 3})), profile[from:to]...))
	}
	data := jpegWithSegments(t, sound(3, 300, len(profile)), part(1, 9, 30), sound(1, 0, 100), sound(2, 100, 300), sound(2, 0, 5))
	if got := describeJPEG(data).profile; !bytes.Equal(got, profile) {
		t.Error("a profile in three parts, not in order, is not found")
	}
}

// Every file cut at several places.
func TestHostileCuts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, name := range files {
		data := mustRead(t, name)
		for i := range 21 {
			checkHostile(t, hostileFile{fmt.Sprint(name, " cut ", i), data[:len(data)*i/21], 0})
		}
		for n := range min(40, len(data)) {
			checkHostile(t, hostileFile{fmt.Sprint(name, " cut to ", n), data[:n], 0})
		}
	}
}
