package picture

import (
	"bytes"
	"encoding/binary"
	"testing"

	library "github.com/kovidgoyal/imaging/prism/meta/icc"

	"github.com/brushgrad/brushgrad/cmd/internal/picture/icc"
)

const (
	profileHeader = 128
	profileTag    = 12
)

func profileOfSRGB() []byte { return bytes.Clone(library.Srgb_xyz_profile_data) }

// iccProfile returns a profile with tags.
func iccProfile(space, pcs string, tags map[string][]byte) []byte {
	header := profileOfSRGB()[:profileHeader]
	copy(header[16:], space)
	copy(header[20:], pcs)
	out := binary.BigEndian.AppendUint32(header, uint32(len(tags)))
	offset := len(out) + profileTag*len(tags)
	var body []byte
	for name, tag := range tags {
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, uint32(offset+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tag)))
		body = append(body, tag...)
	}
	return append(out, body...)
}

// zigzag is a curve that goes up and down.
func zigzag(n int) []byte {
	out := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(n))
	for i := range n {
		out = binary.BigEndian.AppendUint16(out, uint16(i*7919))
	}
	return out
}

// texts is a list of n texts that are all as long as the tag.
func texts(n int) []byte {
	out := binary.BigEndian.AppendUint32([]byte("mluc\x00\x00\x00\x00"), uint32(n))
	out = binary.BigEndian.AppendUint32(out, 12)
	for range n {
		out = append(out, "enUS"...)
		out = binary.BigEndian.AppendUint32(out, uint32(16+12*n)&^1)
		out = binary.BigEndian.AppendUint32(out, 0)
	}
	return out
}

// modular is a lutAToBType with a table of 255 points in each direction, in values of
// width bytes, or with long curves.
func modular(in, out, width byte, curve []byte) []byte {
	tag := append([]byte("mAB \x00\x00\x00\x00"), in, out, 0, 0)
	for _, offset := range []uint32{32 + 20, 0, 0, 32, 0} { // B curves, matrix, M curves, table, A curves
		tag = binary.BigEndian.AppendUint32(tag, offset)
	}
	tag = append(tag, bytes.Repeat([]byte{255}, 16)...)
	tag = append(tag, width, 0, 0, 0)
	return append(tag, bytes.Repeat(curve, int(in))...)
}

// lut16 is a lut16Type.
func lut16(in, out, points byte, entries uint16, size int) []byte {
	tag := append([]byte("mft2\x00\x00\x00\x00"), in, out, points, 0)
	tag = append(tag, make([]byte, 36)...)
	tag = binary.BigEndian.AppendUint16(tag, entries)
	tag = binary.BigEndian.AppendUint16(tag, entries)
	for i := range size / 2 {
		tag = binary.BigEndian.AppendUint16(tag, uint16(i*7919))
	}
	return tag
}

func hostileProfiles() map[string][]byte {
	xyz := append([]byte("XYZ \x00\x00\x00\x00"), make([]byte, 12)...)
	matrix := func(curve []byte) map[string][]byte {
		return map[string][]byte{"rTRC": curve, "gTRC": curve, "bTRC": append(curve, 0), "rXYZ": xyz, "gXYZ": xyz, "bXYZ": xyz}
	}
	out := map[string][]byte{
		"empty":                nil,
		"header alone":         profileOfSRGB()[:profileHeader],
		"texts for a table":    iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": texts(20000), "A2B1": texts(20000)}),
		"texts for a curve":    iccProfile("RGB ", "XYZ ", matrix(texts(20000))),
		"texts for white":      iccProfile("RGB ", "XYZ ", map[string][]byte{"wtpt": texts(20000), "chad": texts(20000)}),
		"curve of a million":   iccProfile("RGB ", "XYZ ", matrix(zigzag(300000))),
		"curve of 4096":        iccProfile("RGB ", "XYZ ", matrix(zigzag(4096))),
		"curve of 4097":        iccProfile("RGB ", "XYZ ", matrix(zigzag(4097))),
		"curve without points": iccProfile("RGB ", "XYZ ", matrix([]byte("curv\x00\x00\x00\x00\xff\xff\xff\xff"))),
		"grey of a million":    iccProfile("GRAY", "XYZ ", map[string][]byte{"kTRC": zigzag(1000000)}),
		"table without width":  iccProfile("CMYK", "Lab ", map[string][]byte{"A2B0": modular(4, 3, 0, zigzag(2))}),
		"table of 2 bytes":     iccProfile("CMYK", "Lab ", map[string][]byte{"A2B0": modular(4, 3, 2, zigzag(2))}),
		"table of 255 bytes":   iccProfile("CMYK", "Lab ", map[string][]byte{"A2B0": modular(4, 3, 255, zigzag(2))}),
		"255 inputs":           iccProfile("CMYK", "Lab ", map[string][]byte{"A2B0": modular(255, 3, 1, zigzag(4000))}),
		"255 outputs":          iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": modular(3, 255, 1, zigzag(4000))}),
		"long tables":          iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": lut16(3, 3, 2, 65535, 1<<20)}),
		"many long tables":     iccProfile("CMYK", "Lab ", map[string][]byte{"A2B0": lut16(255, 3, 2, 65535, 3<<20)}),
		"tables of nothing":    iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": lut16(3, 3, 2, 0, 1<<10)}),
		"tables of one":        iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": lut16(3, 3, 2, 1, 1<<10)}),
		"one grid point":       iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": lut16(3, 3, 1, 2, 1<<10)}),
		"no inputs":            iccProfile("RGB ", "Lab ", map[string][]byte{"A2B0": lut16(0, 3, 9, 2, 1<<10)}),
		"matrix of zeros":      iccProfile("RGB ", "XYZ ", matrix([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x00"))),
		"too large":            append(profileOfSRGB(), make([]byte, maxProfile)...),
	}
	counted := profileOfSRGB()
	binary.BigEndian.PutUint32(counted[profileHeader:], 1<<32-1)
	out["2^32 tags"] = counted
	return out
}

// What is made of a profile is bounded in memory and time.
func TestHostileProfiles(t *testing.T) {
	for name, profile := range hostileProfiles() {
		n := allocated(func() { icc.Parse(profile) })
		if limit := int64(1<<20 + 20*len(profile)); n > limit {
			t.Errorf("%s: %d MiB were allocated", name, n>>20)
		}
		checkHostile(t, hostileFile{name, pngWithChunks(t, pngChunk("iCCP", append([]byte("n\x00\x00"), packed(profile)...))), 0})
		checkHostile(t, hostileFile{name, webpWithChunks(t, riffChunk("ICCP", profile)), 0})
	}
}
