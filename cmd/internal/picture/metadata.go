package picture

import (
	"bytes"
	"encoding/binary"
	"image"

	"github.com/kovidgoyal/imaging"
	"github.com/kovidgoyal/imaging/prism/meta"
	"github.com/kovidgoyal/imaging/prism/meta/autometa"
)

// applyMetadata returns the picture upright and in sRGB. Metadata that is
// damaged or unknown is ignored: a picture whose pixels are sound is not
// refused for it.
//
// It runs after the pixels have been decoded. By then it is known that the
// chunks of a PNG are as long as they claim, which the reader of metadata
// would believe, and allocate; of WebP it has to be checked.
func applyMetadata(img image.Image, format string, data []byte) (out image.Image) {
	if format == "webp" && !chunksFit(data) {
		return img
	}
	defer func() {
		if recover() != nil {
			out = img
		}
	}()
	md, _, err := autometa.Load(bytes.NewReader(data))
	if err != nil || md == nil {
		return img
	}
	out = img
	if profile, err := md.ICCProfile(); err == nil && profile != nil {
		// Relative intent with black point compensation is what browsers and
		// ImageMagick use.
		converted, err := imaging.ConvertToSRGB(profile, imaging.Relative, true, img)
		if err == nil {
			out = converted
		}
	}
	return turnUpright(out, orientation(md))
}

// orientation returns the EXIF tag 0x0112, or 1 (upright) without one.
func orientation(md *meta.Data) int {
	e, err := md.Exif()
	if err != nil || e == nil {
		return 1
	}
	tag, err := e.Get("Orientation")
	if err != nil {
		return 1
	}
	o, err := tag.Int(0)
	if err != nil {
		return 1
	}
	return o
}

// turnUpright undoes an orientation of the EXIF standard (JEITA CP-3451,
// section 4.6.4): it names the side of the scene that row 0 and column 0 show.
// Rotations of the library are counter-clockwise.
func turnUpright(img image.Image, orientation int) image.Image {
	switch orientation {
	case 2: // top, right
		return imaging.FlipH(img)
	case 3: // bottom, right
		return imaging.Rotate180(img)
	case 4: // bottom, left
		return imaging.FlipV(img)
	case 5: // left, top
		return imaging.Transpose(img)
	case 6: // right, top
		return imaging.Rotate270(img)
	case 7: // right, bottom
		return imaging.Transverse(img)
	case 8: // left, bottom
		return imaging.Rotate90(img)
	}
	return img
}

// chunksFit reports whether every chunk of a RIFF file ends before the file
// does.
func chunksFit(data []byte) bool {
	for i := 12; i+8 <= len(data); {
		n := uint64(binary.LittleEndian.Uint32(data[i+4:]))
		n += n & 1 // chunks are padded to an even length
		if n > uint64(len(data)-i-8) {
			return false
		}
		i += 8 + int(n)
	}
	return true
}
