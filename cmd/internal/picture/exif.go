package picture

import "bytes"

// EXIF data (EXIF 2.32, section 4.5) are a TIFF file (TIFF 6.0, section 2). Only its
// first directory is read. Pointers to other directories are not followed, so that
// directories that point at each other are of no harm.

// Tags of TIFF 6.0, section 8, and of its supplements for XMP and profiles.
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
	tagXMP            = 700
	tagProfile        = 34675

	tiffEntry = 12 // tag, type, count and value or offset
)

// tiffTypeSizes are the bytes of a value of each type: BYTE, ASCII, SHORT, LONG,
// RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE (TIFF 6.0,
// section 2). A type without a size is unknown.
var tiffTypeSizes = [...]uint64{1: 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}

// exifHeader stands before the EXIF data in a JPEG (EXIF 2.32, section 4.7.2), and in
// other formats where a program has copied it along.
const exifHeader = "Exif\x00\x00"

// tiffOf returns EXIF data without the header. Programs that copy blocks along may have
// written it twice, or with another byte at its end.
func tiffOf(exif []byte) []byte {
	for len(exif) > len(exifHeader) && string(exif[:5]) == exifHeader[:5] {
		exif = exif[len(exifHeader):]
	}
	return exif
}

// isEXIF reports whether data begin as EXIF data do.
func isEXIF(data []byte) bool {
	data = tiffOf(data)
	return bytes.HasPrefix(data, []byte("MM\x00*")) || bytes.HasPrefix(data, []byte("II*\x00"))
}

// orientationOf returns the tag 0x0112 of EXIF data, 1 to 8, or 0 without one.
func orientationOf(exif []byte) int {
	d, err := readTIFFDirectory(tiffOf(exif))
	if o := d.uint(tagOrientation, 0); err == nil && o >= 1 && o <= 8 {
		return int(o)
	}
	return 0
}
