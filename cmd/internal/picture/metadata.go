package picture

import (
	"bytes"
	"regexp"

	"github.com/brushgrad/brushgrad/cmd/internal/picture/icc"
)

// maxProfile is the most bytes that an ICC profile may have to be applied. Those of
// printing presses, which are the largest in use, have 0.5 to 3 million. It bounds what
// a compressed profile of a PNG is unpacked to, and the time and memory to prepare it: up
// to 20 bytes for each of the profile's, which are not counted for a Limit.
const maxProfile = 1 << 22

// metadata is what a file says about its pixels.
type metadata struct {
	orientation int            // EXIF tag 0x0112: 1 to 8, 1 is upright
	colours     *icc.Transform // from the space of the pixels; nil for sRGB, and for inks of no known colour
}

// A description is what a file says about its pixels, as it is stored. A part that is
// missing is nil or 0.
type description struct {
	exif, xmp, profile []byte
	channels           int // 1 for grey, 3 for colours, 4 for inks

	// Of a PNG only.
	points    *icc.CodePoints // cICP
	srgb      bool            // sRGB
	gamma     float64         // gAMA: from light to values
	primaries *icc.Primaries  // cHRM
}

// readMetadata returns the metadata of a picture. What is damaged or unknown
// is ignored: a picture whose pixels are sound is not refused for it.
//
// It takes time that grows with the length of data, and memory for one profile.
func readMetadata(format string, data []byte) metadata {
	var d description
	switch format {
	case "png":
		d = describePNG(data)
	case "jpeg":
		d = describeJPEG(data)
	case "webp":
		d = describeWebP(data)
	case "tiff":
		d = describeTIFF(data)
	}
	m := metadata{orientation: orientationOf(d.exif), colours: d.colours()}
	if m.orientation == 0 {
		m.orientation = max(1, xmpOrientation(d.xmp))
	}
	return m
}

// colours returns the conversion to sRGB, nil if there is none to be done. Code points
// take precedence over a profile, that over the statement that colours are those of sRGB,
// and that over a gamma (PNG, third edition, section 4.3). What is damaged, unknown, or of
// other colours than the pixels is passed over.
func (d description) colours() *icc.Transform {
	var t *icc.Transform
	if d.points != nil && d.channels != 4 {
		t, _ = icc.Coded(*d.points)
	}
	if t == nil {
		t = d.fromProfile()
	}
	if t == nil && !d.srgb && d.gamma > 0 && d.channels != 4 {
		t = d.calibrated()
	}
	if t == nil || t.IsSRGB() {
		return nil
	}
	return t
}

// fromProfile returns the conversion of the profile. Grey pixels may have one of colours,
// in which they are neutral, as browsers take it.
func (d description) fromProfile() *icc.Transform {
	if len(d.profile) > maxProfile {
		return nil
	}
	t, err := icc.Parse(d.profile)
	if err != nil || t.Channels() != d.channels && !(t.Channels() == 3 && d.channels == 1) {
		return nil
	}
	return t
}

// calibrated returns the conversion of a gamma and of primaries, which are those of sRGB
// without some. Near those of sRGB they stand for sRGB, for which PNG (section 13.15) lets
// 1/2.2 be written; the tolerances are those of libpng.
func (d description) calibrated() *icc.Transform {
	const nearGamma, nearPlace = 0.05, 0.01
	p := icc.SRGB
	if d.primaries != nil {
		p = *d.primaries
	}
	near := func(a, b, tolerance float64) bool { return a-b < tolerance && b-a < tolerance }
	same := near(d.gamma*2.2, 1, nearGamma)
	for i, c := range p {
		same = same && near(c.X, icc.SRGB[i].X, nearPlace) && near(c.Y, icc.SRGB[i].Y, nearPlace)
	}
	if same {
		return nil
	}
	t, err := icc.Calibrated(p, 1/d.gamma)
	if err != nil {
		return nil
	}
	return t
}

// describeWebP describes a WebP. Of several chunks of a kind the first counts.
func describeWebP(data []byte) description {
	d := description{channels: 3}
	for kind, chunk := range riffChunks(data) {
		switch {
		case kind == "EXIF" && d.exif == nil && isEXIF(chunk):
			d.exif = chunk
		case kind == "XMP " && d.xmp == nil:
			d.xmp = chunk
		case kind == "ICCP" && d.profile == nil:
			d.profile = chunk
		}
	}
	return d
}

// describeTIFF describes a TIFF, which is EXIF data itself, with an ICC profile
// (ICC.1:2022, annex B.3) and XMP.
func describeTIFF(data []byte) description {
	d := description{exif: data, channels: 3}
	directory, err := readTIFFDirectory(data)
	if err != nil {
		return description{}
	}
	switch directory.uint(tagPhotometric, 0) {
	case photoWhiteIsZero, photoBlackIsZero:
		d.channels = 1
	case photoInks:
		d.channels = 4
	}
	d.xmp, d.profile = directory.field(tagXMP).data, directory.field(tagProfile).data
	return d
}

// xmpOrientations finds the orientation in XMP, which is an attribute or an element
// (XMP, part 2, section 3.2 of 2016). Other prefixes than tiff are not in use.
var xmpOrientations = regexp.MustCompile(`tiff:Orientation(?:\s*=\s*["']|>)\s*([1-8])\s*["'<]`)

// xmpOrientation returns the orientation in XMP, 1 to 8, or 0 without one.
//
// It counts only where EXIF has none. Programs that turn pixels set the tag of EXIF and may
// leave XMP as it was, so EXIF is right where they differ. Where it is missing, Pillow, and
// with it scripts for PyTorch, takes XMP's.
func xmpOrientation(xmp []byte) int {
	if found := xmpOrientations.FindSubmatch(xmp); found != nil {
		return int(found[1][0] - '0')
	}
	return 0
}

// rawProfile returns the name and the bytes of what ImageMagick has stored as a text of a
// PNG: a line end, the name, the number of bytes, and those in hexadecimal digits.
// What is cut short is returned as far as it goes.
func rawProfile(text []byte) (name string, data []byte) {
	line, rest, _ := bytes.Cut(bytes.TrimLeft(text, "\n"), []byte{'\n'})
	_, rest, _ = bytes.Cut(rest, []byte{'\n'}) // the number of bytes
	data = make([]byte, 0, len(rest)/2)
	half, high := false, byte(0)
	for _, c := range rest {
		var digit byte
		switch {
		case c >= '0' && c <= '9':
			digit = c - '0'
		case c >= 'a' && c <= 'f':
			digit = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			digit = c - 'A' + 10
		case c == '\n' || c == '\r' || c == ' ':
			continue
		default:
			return string(line), data
		}
		if half {
			data = append(data, high<<4|digit)
		}
		half, high = !half, digit
	}
	return string(line), data
}
