package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Fuzz tests of the readers of pixels in this package. They call the readers directly, so
// that an index out of range is a failure and not the message that Decode makes of it.

// addFiles adds the files of testdata and the trials with an extension.
func addFiles(f *testing.F, extensions ...string) {
	for _, ext := range extensions {
		for _, pattern := range []string{"testdata/*", "../../../../shared/trials/*"} {
			files, err := filepath.Glob(pattern + ext)
			if err != nil {
				f.Fatal(err)
			}
			for _, name := range files {
				f.Add(mustRead(f, name))
			}
		}
	}
}

// fuzzed reports whether a fuzz test should decode a picture: it fails if a cost is
// negative, and leaves out what takes long.
func fuzzed(t *testing.T, data []byte, want string) bool {
	t.Helper()
	format := sniff(data)
	if format == "" {
		return false
	}
	h, err := readHeader(data)
	if err != nil {
		if strings.Contains(err.Error(), "gave up") && format != "gif" {
			t.Fatal(err)
		}
		return false
	}
	if h.decoding < h.image || h.image < 0 {
		t.Fatalf("costs %d, %d", h.decoding, h.image)
	}
	if h.netpbm() {
		format = "netpbm"
	}
	return format == want && h.decoding < 1<<22
}

// checkSizeOf checks an image, if there is one.
func checkSizeOf(t *testing.T, img image.Image, err error, w, h int) {
	t.Helper()
	if err == nil && img.Bounds() != image.Rect(0, 0, w, h) {
		t.Errorf("bounds %v, want %d x %d", img.Bounds(), w, h)
	}
	if err != nil {
		checkOneLine(t, "fuzzed", err)
	}
}

func FuzzNetpbm(f *testing.F) {
	addFiles(f, ".ppm", ".pbm")
	for _, s := range []string{"P1 4 2 01101010", "P2\n2 2\n7\n1 2 3 4", "P3\n1 1\n65535\n1 2 3", "P4\n10 1\n\xa0\x40", "P5#x\n2 1 300\nabcd", "P6\n1 1\n255\nabc",
		"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd", "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 999\nENDHDR\nabcd"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !fuzzed(t, data, "netpbm") {
			return
		}
		p, err := parseNetpbm(data)
		if err != nil {
			t.Fatal(err)
		}
		img, err := p.decode()
		checkSizeOf(t, img, err, p.w, p.h)
	})
}

func FuzzBMP(f *testing.F) {
	addFiles(f, ".bmp")
	for _, depth := range []uint16{1, 4, 8, 16, 24, 32} {
		for compression := range uint32(4) {
			f.Add(bmpFile(40, 3, depth, compression, make([]byte, 64), []byte("\x04\x12\x00\x00\x00\x03\x34\x50\x00\x02\x01\x00\x02\x66\x00\x01"+string(make([]byte, 64)))))
		}
	}
	f.Add(bmpFile(124, -3, 32, 3, nil, make([]byte, 64), 0xff, 0xff00, 0xff0000, 0xff000000))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !fuzzed(t, data, "bmp") {
			return
		}
		b, err := parseBMP(data)
		if err != nil {
			t.Fatal(err)
		}
		img, err := b.decode()
		checkSizeOf(t, img, err, b.w, b.h)
	})
}

func FuzzTIFF(f *testing.F) {
	addFiles(f, ".tif", ".tiff")
	for _, compression := range []uint32{1, 2, 3, 4, 5, 7, 8, 32773} {
		for photometric := range uint32(7) {
			for _, depth := range []uint32{1, 8, 16} {
				for planar := range uint32(2) {
					f.Add(tiffBlock(binary.BigEndian, []entry{{tagWidth, 4, 1, 3}, {tagLength, 4, 1, 2}, {tagBitsPerSample, 3, 1, depth}, {tagCompression, 3, 1, compression},
						{tagPhotometric, 3, 1, photometric}, {tagStripOffsets, 4, 1, 8}, {tagSamples, 3, 1, 3 * planar}, {tagStripCounts, 4, 1, 60},
						{tagPlanar, 3, 1, planar + 1}, {tagPredictor, 3, 1, 2}, {tagExtraSamples, 3, 1, 2}}, 0, make([]byte, 60)...))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !fuzzed(t, data, "tiff") {
			return
		}
		p, err := parseTIFF(data)
		if err != nil {
			t.Fatal(err)
		}
		img, err := p.decode()
		checkSizeOf(t, img, err, p.w, p.h)
	})
}

func FuzzJPEG(f *testing.F) {
	addFiles(f, ".jpg")
	for _, sof := range []byte{jpegSOF0, jpegSOF1, jpegSOF2} {
		for _, factors := range [][]byte{{0x11}, {0x22, 0x11, 0x12}, {0x11, 0x22, 0x11, 0x11}} {
			f.Add(tinyJPEG(sof, 17, 9, factors, 2))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !fuzzed(t, data, "jpeg") {
			return
		}
		j, err := parseJPEG(data)
		if err != nil {
			return
		}
		if decoding, _ := j.cost(); decoding > 1<<20 {
			return
		}
		img, err := j.decode()
		checkSizeOf(t, img, err, j.w, j.h)
	})
}

// FuzzCleaned feeds what is done to a PNG and a WebP before their decoders.
func FuzzCleaned(f *testing.F) {
	addFiles(f, ".png", ".webp")
	f.Fuzz(func(t *testing.T, data []byte) {
		switch {
		case fuzzed(t, data, "png"):
			_, _ = decodePNG(data)
			_, _ = fromPNG(data)
		case fuzzed(t, data, "webp"):
			_, _ = decodeWebP(data)
		}
	})
}

// fromPNG reads a PNG as if its pixels had to be repacked.
func fromPNG(data []byte) (image.Image, error) {
	return decodeRepacked(data, bytes.NewReader(slices.Repeat([]byte{0}, 1<<16)))
}
