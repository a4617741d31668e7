package picture

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestTIFFOffsetsAreEven: whatever the length of the compressed pixels, every offset in
// the file is even and leads into it, and libtiff's tool has nothing to remark.
func TestTIFFOffsetsAreEven(t *testing.T) {
	dump, toolErr := exec.LookPath("tiffdump")
	if toolErr != nil && os.Getenv("CI") == "true" {
		t.Error("there is no tiffdump of libtiff to try the files with")
	}
	odd := 0
	for i := range 24 {
		h, w := 1+i%5, 1+i
		opt := Options{Bits: 8 + 8*(i%2), DPI: 100 * (i % 3)}
		if i%4 == 3 {
			opt.Alpha = tensor.New(1, h, w, 1)
		}
		data, err := Encode("x.tif", nst.Noise(h, w, uint64(i)), opt)
		if err != nil {
			t.Fatal(err)
		}
		order := binary.LittleEndian
		at := order.Uint32(data[4:])
		offsets := map[string]uint32{"directory": at}
		for entry := data[at+2:]; len(entry) >= 12+4; entry = entry[12:] {
			size := order.Uint32(entry[4:]) * map[uint16]uint32{2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[order.Uint16(entry[2:])]
			tag := order.Uint16(entry)
			if value := order.Uint32(entry[8:]); size > 4 || tag == 273 { // StripOffsets
				offsets[string(rune('0'+tag%1000))] = value
			} else if tag == 279 && value%2 == 1 { // StripByteCounts
				odd++
			}
		}
		for name, offset := range offsets {
			if offset%2 == 1 || int(offset) >= len(data) {
				t.Errorf("picture %d: an offset (%s) is %d in a file of %d bytes", i, name, offset, len(data))
			}
		}
		if toolErr == nil {
			path := filepath.Join(t.TempDir(), "x.tif")
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(dump, path).CombinedOutput()
			if err != nil || strings.Contains(strings.ToLower(string(out)), "warning") {
				t.Errorf("picture %d: tiffdump: %v: %s", i, err, out)
			}
		}
	}
	if odd == 0 {
		t.Error("no picture has an odd number of bytes: the test is blind")
	}
	if toolErr != nil {
		t.Skip("the offsets are even, but there is no tiffdump of libtiff to try the files with")
	}
}
