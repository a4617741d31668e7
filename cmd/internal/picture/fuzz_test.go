package picture

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecode checks that no bytes make Decode panic, return a value outside
// 0..255 or a message of several lines.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, err := Decode(data, 16)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the message has several lines: %q", err)
			}
			return
		}
		if max(got.Dim(1), got.Dim(2)) != 16 {
			t.Errorf("shape %v, want a longest side of 16", got.Shape())
		}
		for _, v := range got.Data() {
			if !(v >= 0 && v <= 255) {
				t.Fatalf("a value of %v", v)
			}
		}
	})
}

// FuzzText checks that no bytes make the reader of a PNG's text panic, return
// something that is no text, or a message of several lines.
func FuzzText(f *testing.F) {
	data, err := os.ReadFile("testdata/detail.png")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"ascii", "Füße"} {
		f.Add(insertPNGChunks(data, Options{Text: text, DPI: 300}))
	}
	f.Add(data)
	f.Add([]byte(pngSignature + "\x00\x00\x00\x14zTXtbrushgrad\x00\x00\x78\x9c\x03\x00\x00\x00\x00\x01sum."))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := decodeText(data)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("the message has several lines: %q", err)
		}
		if !utf8.ValidString(text) {
			t.Errorf("the text %q is not UTF-8", text)
		}
	})
}

// FuzzMetadata checks that metadata which has been damaged is of no harm, with
// profiles in every format that holds one; bytes are changed at one place, as
// the fuzzer would otherwise damage the pixels.
func FuzzMetadata(f *testing.F) {
	var files [][]byte
	for _, name := range []string{"p3.png", "adobe.tiff", "adobe_jpeg.jpg", "grey_profile.png", "p3.webp", "cmyk_profile.jpg"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, data)
	}
	f.Add(uint8(0), uint16(100), []byte{0xff, 0xff})
	f.Add(uint8(2), uint16(300), []byte("curv\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file uint8, at uint16, change []byte) {
		data := bytes.Clone(files[int(file)%len(files)])
		copy(data[int(at)%len(data):], change)
		got, _, err := Decode(data, 0)
		if err != nil {
			return
		}
		for _, v := range got.Data() {
			if !(v >= 0 && v <= 255) {
				t.Fatalf("a value of %v", v)
			}
		}
	})
}
