package picture

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// The standard library's JPEG encoder and x/image's TIFF encoder say nothing
// about colours, and nothing true about the size in print.

// insertJPEGSegments adds to an encoded JPEG a JFIF header (version 1.2) with
// the pixels per inch, unless they are 0, and the profile of sRGB (ICC.1:2022,
// annex B.4).
func insertJPEGSegments(encoded []byte, dpi int) []byte {
	out := bytes.Clone(encoded[:2]) // start of image
	add := func(marker byte, data []byte) {
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(data)))
		out = append(out, data...)
	}
	unit, density := byte(1), uint16(dpi) // per inch
	if dpi == 0 {
		unit, density = 0, 1 // square pixels, of no said size
	}
	jfif := append([]byte("JFIF\x00\x01\x02"), unit)
	jfif = binary.BigEndian.AppendUint16(jfif, density)
	jfif = binary.BigEndian.AppendUint16(jfif, density)
	add(0xe0, append(jfif, 0, 0)) // no thumbnail
	add(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), icc.Srgb_xyz_profile_data...))
	return append(out, encoded[2:]...)
}

// addTIFFTags puts the profile of sRGB and the pixels per inch, unless they are
// 0, into a file of x/image's encoder: little-endian, with one directory, whose
// largest tag is less than that of a profile. The directory is written anew at
// the end, with one entry more.
func addTIFFTags(encoded []byte, dpi int) []byte {
	order := binary.LittleEndian
	start := order.Uint32(encoded[4:])
	entries := int(order.Uint16(encoded[start:]))
	old := encoded[start+2:][:entries*tiffEntry]

	out := bytes.Clone(encoded)
	if len(out)%2 == 1 {
		out = append(out, 0) // offsets must be even
	}
	profile := uint32(len(out))
	out = append(out, icc.Srgb_xyz_profile_data...)
	order.PutUint32(out[4:], uint32(len(out)))
	out = order.AppendUint16(out, uint16(entries+1))
	for entry := range slices.Chunk(old, tiffEntry) {
		at := len(out)
		out = append(out, entry...)
		switch order.Uint16(entry) {
		case tagXResolution, tagYResolution: // the encoder has written 72 / 1 to its offset
			order.PutUint32(out[order.Uint32(entry[8:]):], uint32(max(dpi, 1)))
		case tagResolutionUnit:
			if dpi == 0 {
				order.PutUint32(out[at+8:], 1) // square pixels, of no said size
			}
		}
	}
	const bytesOfNoType = 7
	out = order.AppendUint16(out, tagProfile)
	out = order.AppendUint16(out, bytesOfNoType)
	out = order.AppendUint32(out, uint32(len(icc.Srgb_xyz_profile_data)))
	out = order.AppendUint32(out, profile)
	return order.AppendUint32(out, 0) // no further directory
}
