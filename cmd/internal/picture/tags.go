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
// 0, into a file of x/image's encoder: little-endian, with one directory at the end,
// whose largest tag is less than that of a profile. The directory is written anew, with
// one entry more. Values that do not fit into their entry are moved to where an even
// offset leads, as TIFF 6.0 wants it (section 2): the encoder puts them behind a strip
// that may have any length.
func addTIFFTags(encoded []byte, dpi int) []byte {
	order := binary.LittleEndian
	start := order.Uint32(encoded[4:])
	entries := int(order.Uint16(encoded[start:]))
	old := encoded[start+2:][:entries*tiffEntry]

	out := bytes.Clone(encoded[:start]) // the header and the pixels
	store := func(value []byte) (offset uint32) {
		if len(out)%2 == 1 {
			out = append(out, 0)
		}
		offset = uint32(len(out))
		out = append(out, value...)
		return offset
	}
	directory := order.AppendUint16(nil, uint16(entries+1))
	for entry := range slices.Chunk(old, tiffEntry) {
		entry = bytes.Clone(entry)
		value := entry[8:]
		if size := order.Uint32(entry[4:]) * tiffSize[order.Uint16(entry[2:])]; size > 4 {
			value = bytes.Clone(encoded[order.Uint32(value):][:size])
		}
		switch order.Uint16(entry) {
		case tagXResolution, tagYResolution: // the encoder has written 72 / 1
			order.PutUint32(value, uint32(max(dpi, 1)))
		case tagResolutionUnit:
			if dpi == 0 {
				order.PutUint32(value, 1) // square pixels, of no said size
			}
		}
		if len(value) > 4 {
			order.PutUint32(entry[8:], store(value))
		}
		directory = append(directory, entry...)
	}
	const bytesOfNoType = 7
	profile := store(icc.Srgb_xyz_profile_data)
	directory = order.AppendUint16(directory, tagProfile)
	directory = order.AppendUint16(directory, bytesOfNoType)
	directory = order.AppendUint32(directory, uint32(len(icc.Srgb_xyz_profile_data)))
	directory = order.AppendUint32(directory, profile)
	directory = order.AppendUint32(directory, 0) // no further directory
	at := store(directory)
	order.PutUint32(out[4:], at)
	return out
}

// tiffSize is the size in bytes of a value of the types that the encoder uses.
var tiffSize = map[uint16]uint32{2: 1, 3: 2, 4: 4, 5: 8} // ASCII, SHORT, LONG, RATIONAL
