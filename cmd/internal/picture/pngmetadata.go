package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/picture/icc"
)

// describePNG describes a PNG (PNG, third edition, section 11.3). Of several chunks of a
// kind the first counts. What is about colours must stand before the pixels; the rest may
// also stand after them. Profiles that older ImageMagick has stored as texts count where
// the chunk for them is missing.
func describePNG(data []byte) description {
	d := description{channels: 3}
	bits := 8
	if header := len(pngSignature) + 8; len(data) > header+9 {
		bits = max(8, int(data[header+8]))
		if data[header+9]&2 == 0 {
			d.channels = 1
		}
	}
	var raw description
	seen := make(map[string]bool)
	first := func(name string) bool { // whether it is the first; others would be unpacked for nothing
		known := seen[name]
		seen[name] = true
		return !known
	}
	pixels := false
	for kind, chunk := range pngChunks(data) {
		switch kind {
		case "IDAT":
			pixels = true
		case "eXIf":
			if d.exif == nil && isEXIF(chunk) {
				d.exif = chunk
			}
		case "tEXt", "zTXt", "iTXt":
			const longest = 79
			keyword, _, ok := bytes.Cut(chunk[:min(len(chunk), longest+1)], []byte{0})
			if k := string(keyword); ok && isMetadataKeyword(k) && first(k) {
				raw.addText(kind, k, chunk[len(k)+1:])
			}
		}
		if pixels {
			continue
		}
		switch {
		case kind == "iCCP" && first(kind):
			d.profile = unpackProfile(chunk)
		case kind == "cICP" && len(chunk) >= 4 && first(kind):
			if chunk[2] == 0 && chunk[3] <= 1 { // red, green and blue
				d.points = &icc.CodePoints{Primaries: chunk[0], Transfer: chunk[1], Narrow: chunk[3] == 0, Bits: bits}
			}
		case kind == "sRGB":
			d.srgb = true
		case kind == "gAMA" && len(chunk) >= 4 && first(kind):
			d.gamma = float64(binary.BigEndian.Uint32(chunk)) / 100000
		case kind == "cHRM" && len(chunk) >= 32 && first(kind):
			var v [8]float64 // x and y of white, red, green and blue
			for i := range v {
				v[i] = float64(binary.BigEndian.Uint32(chunk[4*i:])) / 100000
			}
			d.primaries = &icc.Primaries{{X: v[2], Y: v[3]}, {X: v[4], Y: v[5]}, {X: v[6], Y: v[7]}, {X: v[0], Y: v[1]}}
		}
	}
	if d.exif == nil {
		d.exif = raw.exif
	}
	if d.profile == nil {
		d.profile = raw.profile
	}
	d.xmp = raw.xmp
	return d
}

const (
	xmpKeyword        = "XML:com.adobe.xmp"
	rawProfileKeyword = "Raw profile type "
)

// isMetadataKeyword reports whether a text with the keyword may say something about the
// pixels.
func isMetadataKeyword(keyword string) bool {
	kind, raw := strings.CutPrefix(keyword, rawProfileKeyword)
	switch {
	case !raw:
		return keyword == xmpKeyword
	case kind == "exif", kind == "APP1", kind == "icc", kind == "icm", kind == "xmp":
		return true
	}
	return false
}

// addText adds what a text chunk holds after its keyword.
func (d *description) addText(kind, keyword string, chunk []byte) {
	text := textOf(kind, chunk)
	if keyword == xmpKeyword {
		d.xmp = text
		return
	}
	_, data := rawProfile(text)
	switch packet, isXMP := bytes.CutPrefix(data, []byte(xmpHeader)); {
	case isEXIF(data):
		if d.exif == nil {
			d.exif = data
		}
	case isXMP:
		d.xmp = packet
	case strings.HasSuffix(keyword, "xmp"):
		d.xmp = data
	case d.profile == nil:
		d.profile = data
	}
}

// textOf returns the text of a chunk after its keyword, nil if it is damaged or longer
// than maxText.
func textOf(kind string, chunk []byte) []byte {
	switch {
	case kind == "tEXt" && len(chunk) <= maxText:
		return chunk
	case kind == "zTXt" && len(chunk) > 0:
		if text, err := inflate(chunk[0], chunk[1:]); err == nil {
			return text
		}
	case kind == "iTXt":
		if text, err := internationalText(chunk); err == nil {
			return []byte(text)
		}
	}
	return nil
}

// unpackProfile returns the profile of an iCCP chunk, which is a name of at most 79
// bytes, a 0, the method, 0, and the profile packed by zlib (PNG, section 11.3.2.3).
// It is nil if it is damaged or has more than maxProfile bytes.
func unpackProfile(chunk []byte) []byte {
	name, packed, ok := bytes.Cut(chunk[:min(len(chunk), 82)], []byte{0})
	if !ok || len(packed) == 0 || packed[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(chunk[len(name)+2:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil || len(profile) > maxProfile {
		return nil
	}
	return profile
}
