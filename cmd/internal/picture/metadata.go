package picture

import (
	"bytes"
	"encoding/binary"
	"iter"

	"github.com/kovidgoyal/imaging/prism/meta"
	"github.com/kovidgoyal/imaging/prism/meta/autometa"
	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// metadata is what a file says about its pixels.
type metadata struct {
	orientation int           // EXIF tag 0x0112: 1 to 8, 1 is upright
	profile     *icc.Profile  // nil for sRGB
	pipeline    *icc.Pipeline // instead of a profile: from code points to sRGB; else nil
}

// readMetadata returns the metadata of a picture. What is damaged or unknown
// is ignored: a picture whose pixels are sound is not refused for it.
//
// It is called after the pixels have been decoded. By then it is known that the
// chunks of a PNG are as long as they claim, which the library would believe,
// and allocate.
func readMetadata(format string, data []byte) (m metadata) {
	m.orientation = 1
	defer func() {
		if recover() != nil {
			m = metadata{orientation: 1}
		}
	}()
	md, err := loadMetadata(format, data)
	if err != nil || md == nil {
		return m
	}
	m.orientation = orientation(md)
	if md.CICP.IsSet { // code points take precedence over a profile
		if !md.CICP.IsSRGB() {
			m.pipeline = md.CICP.PipelineToSRGB()
		}
		return m
	}
	m.profile = parseProfile(profileOf(md))
	return m
}

// loadMetadata has the library find the metadata, but where it would not.
func loadMetadata(format string, data []byte) (*meta.Data, error) {
	if format == "webp" { // the library loses its way behind a chunk of odd length
		md := &meta.Data{}
		for kind, chunk := range riffChunks(data) {
			switch kind {
			case "EXIF":
				md.SetExifData(chunk)
			case "ICCP":
				md.SetICCProfileData(chunk)
			}
		}
		return md, nil
	}
	md, _, err := autometa.Load(bytes.NewReader(data))
	if err == nil && md != nil && format == "png" && len(md.ExifData()) == 0 {
		// The library stops at the pixels; EXIF may also stand behind them.
		for kind, chunk := range pngChunks(data) {
			if kind == "eXIf" {
				md.SetExifData(chunk)
			}
		}
	}
	return md, err
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
	if err != nil || o < 1 || o > 8 {
		return 1
	}
	return o
}

// profileOf returns the bytes of the ICC profile, nil if there is none. In a
// TIFF it is tag 34675 of the first directory, which the library does not look
// for but reads along with EXIF.
func profileOf(md *meta.Data) []byte {
	if data, err := md.ICCProfileData(); err == nil && len(data) > 0 {
		return data
	}
	e, err := md.Exif()
	if err != nil || e == nil || e.Tiff == nil || len(e.Tiff.Dirs) == 0 {
		return nil
	}
	for _, tag := range e.Tiff.Dirs[0].Tags {
		if tag.Id == 34675 {
			return tag.Val
		}
	}
	return nil
}

// riffChunks yields the type and the data of the chunks of a RIFF file, as far
// as they are whole.
func riffChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := 12; i+8 <= len(data); {
			n := uint64(binary.LittleEndian.Uint32(data[i+4:]))
			start := i + 8
			if n > uint64(len(data)-start) || !yield(string(data[i:i+4]), data[start:start+int(n)]) {
				return
			}
			i = start + int(n+n&1) // chunks are padded to an even length
		}
	}
}
