package picture

import (
	"path/filepath"
	"strings"
	"testing"
)

// addTrials adds pictures of testdata, and of ../shared if it is there, as seeds.
func addTrials(f *testing.F, extension string) {
	for _, pattern := range []string{"testdata/*", "../../../../shared/trials/*", "../../../../shared/trials/hostile/*"} {
		files, err := filepath.Glob(pattern + extension)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			if data := mustRead(f, name); len(data) < 1<<16 {
				f.Add(data)
			}
		}
	}
}

// checkSize checks that part, which is a piece of data, is not longer.
func checkSize(t *testing.T, data, part []byte) {
	if len(part) > len(data) {
		t.Errorf("%d bytes out of %d", len(part), len(data))
	}
}

// FuzzEXIF checks that the reader of directories stays within its data.
func FuzzEXIF(f *testing.F) {
	for _, file := range hostileEXIF() {
		if len(file.data) < 1000 {
			f.Add(file.data)
		}
	}
	addTrials(f, ".tif*")
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := readTIFFDirectory(data); err == nil {
			if len(d.fields)*tiffEntry > len(data) {
				t.Errorf("%d fields in %d bytes", len(d.fields), len(data))
			}
			for tag, field := range d.fields {
				checkSize(t, data, field.data)
				for _, i := range []int{0, 1, len(data)} {
					d.uint(tag, i)
				}
			}
		}
		if o := orientationOf(data); o < 0 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		d := describeTIFF(data)
		checkSize(t, data, d.profile)
		checkSize(t, data, d.xmp)
		if p, err := parseTIFF(data); err == nil && p.w > 0 && p.h > 0 && p.decodingCost() < 0 {
			t.Errorf("a cost of %d", p.decodingCost())
		}
	})
}

// FuzzJPEGSegments checks that the reader of segments stays within its data, and that
// costs are not negative.
func FuzzJPEGSegments(f *testing.F) {
	for _, scans := range []int{1, 3, maxScans + 1} {
		f.Add(tinyJPEG(jpegSOF2, 17, 9, []byte{0x22, 0x11, 0x11}, scans))
	}
	addTrials(f, ".jpg")
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := 0
		for _, segment := range jpegSegments(data) {
			sum += 4 + len(segment)
		}
		if sum > len(data) {
			t.Errorf("segments of %d bytes in %d", sum, len(data))
		}
		d := describeJPEG(data)
		checkSize(t, data, d.exif)
		checkSize(t, data, d.xmp)
		checkSize(t, data, d.profile)
		decoding, image, err := jpegCost(data)
		if decoding < 0 || image < 0 {
			t.Errorf("costs %d, %d", decoding, image)
		}
		if err != nil {
			checkOneLine(t, "scans", err)
		}
	})
}

// FuzzChunks checks that the readers of a PNG's and a WebP's chunks stay within their
// data.
func FuzzChunks(f *testing.F) {
	for name, file := range orientedFiles(f) {
		if strings.Contains(name, "-6.") {
			f.Add(file.data)
		}
	}
	f.Add(colourful(f, true, 8, gammaChunk(0.5), adobePlaces, pngChunk("cICP", []byte{9, 18, 0, 0})))
	addTrials(f, ".png")
	addTrials(f, ".webp")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, chunk := range pngChunks(data) {
			checkSize(t, data, chunk)
		}
		d := describePNG(data)
		for name, part := range map[string][]byte{"EXIF": d.exif, "XMP": d.xmp, "profile": d.profile} {
			if len(part) > len(data)+max(maxProfile, maxText) {
				t.Errorf("%s of %d bytes", name, len(part))
			}
		}
		d.profile = nil // which FuzzParse of icc is for
		d.colours()
		if o := xmpOrientation(d.xmp); o < 0 || o > 8 {
			t.Errorf("orientation %d in XMP", o)
		}
		for _, chunk := range riffChunks(data) {
			checkSize(t, data, chunk)
		}
		d = describeWebP(data)
		checkSize(t, data, d.exif)
		checkSize(t, data, d.xmp)
		checkSize(t, data, d.profile)
	})
}

// FuzzHeader checks that no header makes its reader panic, allocate what it claims, or
// say what is not one line.
func FuzzHeader(f *testing.F) {
	for _, size := range [][2]uint32{{3, 2}, {1 << 27, 1}, {65535, 65535}} {
		for _, data := range headersOf(size[0], size[1]) {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeader(data)
		if err != nil {
			checkOneLine(t, "header", err)
			return
		}
		if h.w < 1 || h.h < 1 || h.w > maxSide || h.h > maxSide || h.image < 0 || h.decoding < h.image/4 {
			t.Errorf("%+v", h)
		}
	})
}
