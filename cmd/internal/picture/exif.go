package picture

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// EXIF data (EXIF 2.32, section 4.5) are a TIFF file (TIFF 6.0, section 2). Only its
// first directory is read. Pointers to other directories are not followed, so that
// directories that point at each other are of no harm.

// Tags of TIFF 6.0, section 8, and of its supplement for profiles.
const (
	tagWidth          = 256
	tagLength         = 257
	tagBitsPerSample  = 258
	tagCompression    = 259
	tagOrientation    = 274
	tagRowsPerStrip   = 278
	tagXResolution    = 282
	tagYResolution    = 283
	tagResolutionUnit = 296
	tagTileWidth      = 322
	tagTileLength     = 323
	tagProfile        = 34675

	tiffEntry = 12 // tag, type, count and value or offset
)

// tiffTypeSizes are the bytes of a value of each type: BYTE, ASCII, SHORT, LONG,
// RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE (TIFF 6.0,
// section 2). A type without a size is unknown.
var tiffTypeSizes = [...]uint64{1: 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}

// A tiffField is an entry of a directory.
type tiffField struct {
	kind  uint16
	count uint32
	data  []byte // of all values
	order binary.ByteOrder
}

// uint returns value i, 0 if there is none or it is no unsigned integer.
func (f tiffField) uint(i int) uint32 {
	switch size := tiffTypeSizes[f.kind]; {
	case uint64(i+1)*size > uint64(len(f.data)):
		return 0
	case f.kind == 1:
		return uint32(f.data[i])
	case f.kind == 3:
		return uint32(f.order.Uint16(f.data[i*2:]))
	case f.kind == 4:
		return f.order.Uint32(f.data[i*4:])
	}
	return 0
}

// tiffFields yields the tags and fields of the first directory, in the order of the
// file. An entry of an unknown type, or with values beyond the end of data, is left
// out; a directory that is cut short ends where data ends. Each entry takes twelve
// bytes of data, and values are not copied, so the effort is bounded by len(data).
func tiffFields(data []byte) iter.Seq2[uint16, tiffField] {
	return func(yield func(uint16, tiffField) bool) {
		var order binary.ByteOrder = binary.LittleEndian
		switch {
		case bytes.HasPrefix(data, []byte("MM\x00*")):
			order = binary.BigEndian
		case !bytes.HasPrefix(data, []byte("II*\x00")):
			return
		}
		if len(data) < 8 {
			return
		}
		start := uint64(order.Uint32(data[4:]))
		if start+2 > uint64(len(data)) {
			return
		}
		directory := data[start+2:]
		for range order.Uint16(data[start:]) {
			if len(directory) < tiffEntry {
				return
			}
			entry := directory[:tiffEntry]
			directory = directory[tiffEntry:]
			f := tiffField{kind: order.Uint16(entry[2:]), count: order.Uint32(entry[4:]), order: order}
			if int(f.kind) >= len(tiffTypeSizes) || f.kind == 0 {
				continue
			}
			if n := uint64(f.count) * tiffTypeSizes[f.kind]; n <= 4 {
				f.data = entry[8:][:n]
			} else {
				offset := uint64(order.Uint32(entry[8:]))
				if offset+n > uint64(len(data)) {
					continue
				}
				f.data = data[offset:][:n]
			}
			if !yield(order.Uint16(entry), f) {
				return
			}
		}
	}
}

// exifHeader stands before the EXIF data in a JPEG (EXIF 2.32, section 4.7.2), and in
// other formats where a program has copied it along.
const exifHeader = "Exif\x00\x00"

// isEXIF reports whether data begin as EXIF data do.
func isEXIF(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte(exifHeader))
	return bytes.HasPrefix(data, []byte("MM\x00*")) || bytes.HasPrefix(data, []byte("II*\x00"))
}

// orientationOf returns the tag 0x0112 of EXIF data, 1 to 8, or 1, which is upright,
// without one.
func orientationOf(exif []byte) int {
	for tag, f := range tiffFields(bytes.TrimPrefix(exif, []byte(exifHeader))) {
		if tag == tagOrientation {
			if o := f.uint(0); o >= 1 && o <= 8 {
				return int(o)
			}
		}
	}
	return 1
}
