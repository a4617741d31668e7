package picture

import (
	"bytes"
	"compress/zlib"
	"io"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// maxProfile is the most bytes that an ICC profile may have to be applied. Those of
// printing presses, which are the largest in use, have 0.5 to 3 million. It bounds what
// a compressed profile of a PNG is unpacked to, and the time and memory to prepare it: up
// to 40 bytes for each of the profile's, which are not counted for a Limit.
const maxProfile = 1 << 22

// metadata is what a file says about its pixels.
type metadata struct {
	orientation int           // EXIF tag 0x0112: 1 to 8, 1 is upright
	profile     *icc.Profile  // nil for sRGB
	pipeline    *icc.Pipeline // instead of a profile: from code points to sRGB; else nil
}

// readMetadata returns the metadata of a picture. What is damaged or unknown
// is ignored: a picture whose pixels are sound is not refused for it.
//
// It takes time that grows with the length of data, and memory for one profile.
func readMetadata(format string, data []byte) (m metadata) {
	var exif, profile []byte
	var points *codePoints
	switch format {
	case "png":
		exif, profile, points = pngMetadata(data)
	case "jpeg":
		exif, profile = jpegMetadata(data)
	case "webp":
		exif, profile = webpMetadata(data)
	case "tiff":
		exif, profile = data, tiffProfile(data)
	}
	m.orientation = orientationOf(exif)
	if format == "tiff" && isBigTIFF(data) {
		m.orientation, profile = bigTIFFMetadata(data)
	}
	if points != nil { // code points take precedence over a profile
		m.pipeline = points.pipeline()
		return m
	}
	m.profile = parseProfile(profile)
	return m
}

// pngMetadata returns the EXIF data (eXIf), the ICC profile (iCCP) and the code points
// (cICP) of a PNG, nil for each that is missing (PNG, third edition, section 11.3). Of
// several chunks of a kind the first counts. Profiles and code points must stand before
// the pixels; EXIF may also stand after them.
func pngMetadata(data []byte) (exif, profile []byte, points *codePoints) {
	pixels, profiles := false, 0
	for kind, chunk := range pngChunks(data) {
		switch {
		case kind == "IDAT":
			pixels = true
		case kind == "eXIf" && exif == nil && isEXIF(chunk):
			exif = chunk
		case kind == "iCCP" && !pixels:
			if profiles++; profiles == 1 { // or each would be unpacked
				profile = unpackProfile(chunk)
			}
		case kind == "cICP" && !pixels && points == nil && len(chunk) >= 4:
			points = &codePoints{chunk[0], chunk[1], chunk[2], chunk[3]}
		}
	}
	return exif, profile, points
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

// webpMetadata returns the EXIF data and the ICC profile of a WebP, nil for each that is
// missing. Of several chunks of a kind the first counts.
func webpMetadata(data []byte) (exif, profile []byte) {
	for kind, chunk := range riffChunks(data) {
		switch {
		case kind == "EXIF" && exif == nil && isEXIF(chunk):
			exif = chunk
		case kind == "ICCP" && profile == nil:
			profile = chunk
		}
	}
	return exif, profile
}

// tiffProfile returns the ICC profile of a TIFF, tag 34675, nil if there is none
// (ICC.1:2022, annex B.3).
func tiffProfile(data []byte) []byte {
	for tag, f := range tiffFields(data) {
		if tag == tagProfile {
			return f.data
		}
	}
	return nil
}
