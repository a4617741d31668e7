package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

const (
	profileHeader = 128
	profileTag    = 12 // signature, offset and size

	// maxProfileTags is the most tags of a profile. ICC.1:2022 defines 62.
	maxProfileTags = 256

	// maxCurve is the most entries of a curve, those that ICC.1:2022, section 10.10,
	// allows, if it does not rise throughout: the library takes their square in steps to
	// invert one.
	maxCurve = 4096
)

// profileFits reports whether a profile can be handed to the library, which believes
// what a profile says of itself, and allocates and loops accordingly. Every tag must lie
// within data, and those that a conversion uses must be of a type that has to do with
// colours and be as long as they claim. A profile of text where a table should be, or with
// a curve of a million steps up and down, would take hours.
func profileFits(data []byte) bool {
	if len(data) < profileHeader+4 || len(data) > maxProfile {
		return false
	}
	tags := binary.BigEndian.Uint32(data[profileHeader:])
	if tags > maxProfileTags || int(tags)*profileTag > len(data)-profileHeader-4 {
		return false
	}
	for i := range int(tags) {
		entry := data[profileHeader+4+i*profileTag:]
		offset, size := binary.BigEndian.Uint32(entry[4:]), binary.BigEndian.Uint32(entry[8:])
		if uint64(offset)+uint64(size) > uint64(len(data)) {
			return false
		}
		if !profileTagFits(string(entry[:4]), data[offset:][:size]) {
			return false
		}
	}
	return curvesFit(data)
}

// profileTagFits reports whether a tag is of a type that its signature may have, and
// its tables are as large as they claim.
func profileTagFits(signature string, tag []byte) bool {
	var types []string
	switch signature {
	case "A2B0", "A2B1", "A2B2", "A2B3", "B2A0", "B2A1", "B2A2", "B2A3":
		types = []string{"mft1", "mft2", "mAB ", "mBA "}
	case "rTRC", "gTRC", "bTRC", "kTRC":
		types = []string{"curv", "para"}
	case "rXYZ", "gXYZ", "bXYZ":
		types = []string{"XYZ "}
	default:
		// The conversion depends on no other tag, but these two may be read. A list of
		// texts is the one type that takes the square of its length.
		return signature != "wtpt" && signature != "chad" || !bytes.HasPrefix(tag, []byte("mluc"))
	}
	if len(tag) < 8 || !slices.Contains(types, string(tag[:4])) {
		return false
	}
	switch string(tag[:4]) {
	case "mft1", "mft2":
		return lutFits(tag)
	case "mAB ", "mBA ":
		return modularFits(tag)
	}
	return true
}

// lutFits checks a lut8Type or lut16Type (ICC.1:2022, sections 10.11 and 10.10).
func lutFits(tag []byte) bool {
	if len(tag) < 52 {
		return false
	}
	in, out := tag[8], tag[9]
	if !channelsFit(in, out) {
		return false
	}
	return string(tag[:4]) == "mft1" ||
		binary.BigEndian.Uint16(tag[48:]) <= maxCurve && binary.BigEndian.Uint16(tag[50:]) <= maxCurve
}

// modularFits checks a lutAToBType or lutBToAType (ICC.1:2022, sections 10.12 and
// 10.13).
func modularFits(tag []byte) bool {
	const tableHeader = 20
	if len(tag) < 32 || !channelsFit(tag[8], tag[9]) {
		return false
	}
	table := uint64(binary.BigEndian.Uint32(tag[24:]))
	if table == 0 {
		return true
	}
	if table+tableHeader > uint64(len(tag)) {
		return false
	}
	header := tag[table:]
	values := uint64(tag[9])
	for _, points := range header[:tag[8]] {
		values *= uint64(points) // at most 4 factors of 255
	}
	width := uint64(header[16])
	return (width == 1 || width == 2) && values*width <= uint64(len(header)-tableHeader)
}

// channelsFit reports whether a table is one between colours of 3 or 4 channels.
func channelsFit(in, out byte) bool {
	return (in == 3 || in == 4) && (out == 3 || out == 4)
}

// curvesFit reports whether all curves in a profile, wherever they are, are as long as
// they claim, and those of more than maxCurve entries rise throughout.
func curvesFit(data []byte) bool {
	total := 0
	for rest := data; ; {
		i := bytes.Index(rest, []byte("curv"))
		if i < 0 || i+12 > len(rest) {
			return true
		}
		rest = rest[i:]
		count := uint64(binary.BigEndian.Uint32(rest[8:]))
		if count*2 > uint64(len(rest)-12) {
			return false
		}
		if count > maxCurve {
			// Overlapping ones would take the square of the length of data to check.
			if total += int(count); total*2 > len(data) || !rises(rest[12:][:count*2]) {
				return false
			}
		}
		rest = rest[4:]
	}
}

// rises reports whether no value of 16 bits is less than the one before it.
func rises(values []byte) bool {
	for i := 2; i < len(values); i += 2 {
		if binary.BigEndian.Uint16(values[i:]) < binary.BigEndian.Uint16(values[i-2:]) {
			return false
		}
	}
	return true
}
