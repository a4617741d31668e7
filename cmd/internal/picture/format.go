package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/webp"
)

// formats are those that are read, for the error message.
const formats = "PNG, JPEG, WebP, TIFF, BMP, GIF, PBM, PGM, PPM, PAM"

// sniff returns the name of the format that data begin as, "" unless it is one that
// is read.
func sniff(data []byte) string {
	begins := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case begins(pngSignature):
		return "png"
	case begins("\xff\xd8"):
		return "jpeg"
	case begins("GIF87a"), begins("GIF89a"):
		return "gif"
	case begins("II*\x00"), begins("MM\x00*"), begins("II+\x00"), begins("MM\x00+"):
		return "tiff"
	case begins("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return "webp"
	case isBMP(data):
		return "bmp"
	case isNetpbm(data):
		return map[byte]string{'1': "pbm", '4': "pbm", '2': "pgm", '5': "pgm", '3': "ppm", '6': "ppm", '7': "pam"}[data[1]]
	}
	return ""
}

// decodeConfig returns the size of a picture and the model of its colours.
func decodeConfig(format string, data []byte) (image.Config, error) {
	switch r := bytes.NewReader(data); format {
	case "png":
		return png.DecodeConfig(pngReader(data, nil))
	case "jpeg":
		j, err := parseJPEG(data)
		if err != nil {
			return image.Config{}, err
		}
		return image.Config{Width: j.w, Height: j.h, ColorModel: color.YCbCrModel}, nil
	case "gif":
		return gif.DecodeConfig(gifReader(data))
	case "webp":
		return webp.DecodeConfig(r)
	}
	return image.Config{}, errUnknownFormat
}

// decodePixels returns the pixels of a picture.
func decodePixels(format string, data []byte) (image.Image, error) {
	switch format {
	case "png":
		return decodePNG(data)
	case "jpeg":
		return decodeJPEG(data)
	case "gif":
		return gif.Decode(gifReader(data))
	case "webp":
		return decodeWebP(data)
	case "bmp":
		b, err := parseBMP(data)
		if err != nil {
			return nil, err
		}
		return b.decode()
	case "tiff":
		p, err := parseTIFF(data)
		if err != nil {
			return nil, err
		}
		return p.decode()
	}
	p, err := parseNetpbm(data)
	if err != nil {
		return nil, err
	}
	return p.decode()
}

// A refusal is the error for a picture that is sound, but of a kind that is not read. It
// says what is right.
type refusal string

func (r refusal) Error() string { return string(r) }

// errUnknownFormat is the error for bytes that are nothing known.
var errUnknownFormat = errors.New("not a picture in a known format (" + formats + ")")

// foreignFormat returns the error for a file that is no picture, or one that is not read:
// it says what the file is and what would be right, if that is known.
func foreignFormat(data []byte) error {
	what, advice := foreignKind(data)
	switch {
	case what == "":
		return errUnknownFormat
	case advice == "":
		return fmt.Errorf("%w but %s", errUnknownFormat, what)
	}
	return fmt.Errorf("this is %s, which is not supported: %s", what, advice)
}

const (
	exportAsJPEG = "export it as JPEG or PNG"
	developRaw   = "develop it, or export it as JPEG or TIFF"
	takeStill    = "save a frame of it as JPEG or PNG"
	unpackFirst  = "unpack it first"
)

// foreignMagic are what files begin with, and what they are.
var foreignMagic = []struct{ magic, what, advice string }{
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL picture", exportAsJPEG},
	{"\xff\x0a", "a JPEG XL picture", exportAsJPEG},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", exportAsJPEG},
	{"\xff\x4f\xff\x51", "a JPEG 2000 picture", exportAsJPEG},
	{"II\xbc", "a JPEG XR picture", exportAsJPEG},
	{"8BPS", "a Photoshop document (PSD)", exportAsJPEG},
	{"gimp xcf", "a GIMP document (XCF)", exportAsJPEG},
	{"v/1\x01", "an OpenEXR picture", exportAsJPEG},
	{"#?RADIANCE", "a Radiance picture (HDR)", exportAsJPEG},
	{"#?RGBE", "a Radiance picture (HDR)", exportAsJPEG},
	{"PF\n", "a PFM picture, of floating-point numbers", exportAsJPEG},
	{"Pf\n", "a PFM picture, of floating-point numbers", exportAsJPEG},
	{"qoif", "a QOI picture", exportAsJPEG},
	{"farbfeld", "a farbfeld picture", exportAsJPEG},
	{"DDS ", "a DirectDraw texture (DDS)", exportAsJPEG},
	{"\x00\x00\x01\x00", "an icon (ICO)", exportAsJPEG},
	{"icns", "an icon (ICNS)", exportAsJPEG},
	{"\x8aMNG\r\n\x1a\n", "an MNG animation", exportAsJPEG},
	{"\x8bJNG\r\n\x1a\n", "a JNG picture", exportAsJPEG},
	{"BPG\xfb", "a BPG picture", exportAsJPEG},
	{"AT&TFORM", "a DjVu document", exportAsJPEG},
	{"SIMPLE  =", "a FITS picture", exportAsJPEG},
	{"FUJIFILMCCD-RAW", "a camera's raw picture (RAF)", developRaw},
	{"IIRO", "a camera's raw picture (ORF)", developRaw},
	{"IIRS", "a camera's raw picture (ORF)", developRaw},
	{"MMOR", "a camera's raw picture (ORF)", developRaw},
	{"IIU\x00", "a camera's raw picture (RW2)", developRaw},
	{"FOVb", "a camera's raw picture (X3F)", developRaw},
	{"%PDF", "a PDF document", exportAsJPEG},
	{"%!PS", "a PostScript document", exportAsJPEG},
	{"\xc5\xd0\xd3\xc6", "a PostScript document (EPS)", exportAsJPEG},
	{"version https://git-lfs.github.com/spec/", "a Git LFS pointer", "fetch the file that it stands for with git lfs pull"},
	{"PK\x03\x04", "a ZIP archive", unpackFirst},
	{"Rar!", "a RAR archive", unpackFirst},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpackFirst},
	{"\x1f\x8b", "a file packed by gzip", unpackFirst},
	{"\x28\xb5\x2f\xfd", "a file packed by Zstandard", unpackFirst},
	{"\xfd7zXZ\x00", "a file packed by xz", unpackFirst},
	{"BZh", "a file packed by bzip2", unpackFirst},
	{"\x1aE\xdf\xa3", "a video (Matroska or WebM)", takeStill},
	{"FLV\x01", "a video (FLV)", takeStill},
	{"\x00\x00\x01\xba", "a video (MPEG)", takeStill},
	{"\x00\x00\x01\xb3", "a video (MPEG)", takeStill},
	{"\x30\x26\xb2\x75", "a video (Windows Media)", takeStill},
	{"OggS", "a sound or video file (Ogg)", ""},
	{"ID3", "a sound file (MP3)", ""},
	{"\x93NUMPY", "a NumPy array", ""},
	{"\x7fELF", "a program", ""},
	{"MZ", "a program", ""},
	{"SQLite format 3\x00", "a database", ""},
	{"\xd0\xcf\x11\xe0", "an Office document", ""},
}

// foreignKind returns what a file is that is not read, in words, and what to do with it;
// "" for what is not known.
func foreignKind(data []byte) (what, advice string) {
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		return mediaKind(data)
	}
	for _, f := range foreignMagic {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return f.what, f.advice
		}
	}
	switch {
	case bytes.HasPrefix(data, []byte("RIFF")) && len(data) >= 12 && string(data[8:12]) == "AVI ":
		return "a video (AVI)", takeStill
	case len(data) >= 132 && string(data[128:132]) == "DICM":
		return "a DICOM picture", exportAsJPEG
	case len(data) >= 262 && string(data[257:262]) == "ustar":
		return "a tar archive", unpackFirst
	case len(data) >= 64 && len(bytes.Trim(data, "\x00")) == 0:
		return "a file of zeros alone, as a copy leaves that was interrupted", ""
	}
	return textKind(data)
}

// mediaKind tells apart what begins with an ftyp box (ISO/IEC 14496-12, section 4.3): its
// brand, a version, and the brands that it is compatible with.
func mediaKind(data []byte) (what, advice string) {
	size := min(uint64(binary.BigEndian.Uint32(data)), uint64(len(data)))
	has := func(brands ...string) bool {
		for i := 8; i+4 <= int(size); i += 4 {
			for _, b := range brands {
				if i != 12 && string(data[i:i+4]) == b {
					return true
				}
			}
		}
		return false
	}
	switch {
	case has("avif", "avis"):
		return "an AVIF picture", exportAsJPEG
	case has("heic", "heix", "heim", "heis", "hevc", "hevx"):
		return "a HEIC picture, as iPhones write it", "export it as JPEG"
	case has("mif1", "msf1"):
		return "a HEIF picture", "export it as JPEG"
	case has("crx "):
		return "a camera's raw picture (CR3)", developRaw
	case has("jp2 ", "jpx "):
		return "a JPEG 2000 picture", exportAsJPEG
	case has("M4A ", "M4B "):
		return "a sound file (MPEG-4)", ""
	}
	return "a video (MPEG-4 or QuickTime)", takeStill
}

// textKind tells apart files of text, by their first bytes.
func textKind(data []byte) (what, advice string) {
	start := data[:min(len(data), 4096)]
	start = bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	lower := bytes.ToLower(bytes.TrimSpace(start))
	begins := func(s string) bool { return bytes.HasPrefix(lower, []byte(s)) }
	for _, b := range start {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b || b == 0x7f {
			return "", ""
		}
	}
	switch {
	case begins("<svg"), begins("<?xml") && bytes.Contains(lower, []byte("<svg")), begins("<!doctype svg"):
		return "an SVG drawing", exportAsJPEG
	case begins("<!doctype html"), begins("<html"), begins("<head"), begins("<body"), begins("<script"), begins("<?xml") && bytes.Contains(lower, []byte("<html")):
		return "a web page (HTML)", "download the picture itself"
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return "a text", ""
	case len(lower) == 0:
		return "a file of white space alone", ""
	}
	high := 0 // bytes beyond ASCII, of which text has few
	for _, b := range start {
		if b >= 0x80 {
			high++
		}
	}
	if high*3 < len(start) || utf8.Valid(start) {
		return "a text", ""
	}
	return "", ""
}

// rawKind returns the name of a camera's raw format that is a TIFF, "" for none. Its
// first directory describes a preview, or samples of one colour each, so it is no picture
// to be read.
func rawKind(d tiffDirectory) string {
	const cfa, linearRaw = 32803, 34892
	maker := string(bytes.ToUpper(bytes.Trim(d.field(tagMake).data, "\x00 ")))
	photometric := d.uint(tagPhotometric, 0)
	switch preview := d.uint(tagSubfileType, 0)&1 != 0 && d.has(tagSubIFDs); {
	case d.has(tagDNGVersion):
		return "DNG"
	case !preview && photometric != cfa && photometric != linearRaw:
		return ""
	case strings.HasPrefix(maker, "NIKON"):
		return "NEF"
	case strings.HasPrefix(maker, "SONY"):
		return "ARW"
	case strings.HasPrefix(maker, "PENTAX"):
		return "PEF"
	case maker != "" || !preview:
		return "raw TIFF"
	}
	return ""
}
