package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// reference reads a golden with the standard library alone.
func reference(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewNRGBA(img.Bounds())
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			m.Set(x, y, img.At(x, y))
		}
	}
	return m
}

// difference returns the largest and the mean absolute difference in levels.
func difference(t *testing.T, got *tensor.Tensor, want *image.NRGBA) (largest, mean float64) {
	t.Helper()
	h, w := want.Rect.Dy(), want.Rect.Dx()
	if s := got.Shape(); len(s) != 4 || s[0] != 1 || s[1] != h || s[2] != w || s[3] != 3 {
		t.Fatalf("shape %v, want [1 %d %d 3]", s, h, w)
	}
	for i, v := range got.Data() {
		d := math.Abs(float64(v) - float64(want.Pix[i/3*4+i%3]))
		largest = max(largest, d)
		mean += d / float64(got.Len())
	}
	return largest, mean
}

func mustLoad(t *testing.T, name string, longest int) *tensor.Tensor {
	t.Helper()
	got, err := Load(filepath.Join("testdata", name), longest)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLoadAgreesWithPillow(t *testing.T) {
	for _, c := range []struct {
		file, want string
		longest    int
		tolerance  float64 // levels, any pixel
	}{
		{"detail.png", "detail.png", 0, 0},
		{"detail.png", "detail.png", 61, 0},
		{"detail.png", "detail_20.png", 20, 0.55}, // the golden is rounded, the tensor is not
		{"detail.png", "detail_50.png", 50, 0.55},
		{"detail.png", "detail_97.png", 97, 0.55},
		{"grey.png", "grey.want.png", 0, 0},
		{"palette.png", "palette.want.png", 0, 0},
		{"bilevel.png", "bilevel.want.png", 0, 0},
		{"rgb.bmp", "rgb.want.png", 0, 0},
		{"rgb.tiff", "rgb.want.png", 0, 0},
		{"rgb.webp", "rgb.want.png", 0, 0},
		{"rgb.ppm", "rgb.want.png", 0, 0},
		{"frame.gif", "frame.want.png", 0, 0},
		{"colour.jpg", "colour.want.png", 0, 3},
		{"progressive.jpg", "progressive.want.png", 0, 3},
		{"cmyk.jpg", "cmyk.want.png", 0, 2},
		{"profile.png", "profile.want.png", 0, 3},
	} {
		t.Run(c.file, func(t *testing.T) {
			largest, mean := difference(t, mustLoad(t, c.file, c.longest), reference(t, c.want))
			if largest > c.tolerance {
				t.Errorf("differs by up to %.2f levels (mean %.3f), tolerance %v", largest, mean, c.tolerance)
			}
		})
	}
}

func TestDecodeTo(t *testing.T) {
	data, err := Read("testdata/detail.png")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := DecodeTo(data, 50, 35)
	if err != nil {
		t.Fatal(err)
	}
	if largest, _ := difference(t, got, reference(t, "detail_50.png")); largest > 0.55 {
		t.Errorf("differs by up to %.2f levels from the same picture with a longest side of 50", largest)
	}
	if got, _, err = DecodeTo(data, 7, 90); err != nil || got.Dim(1) != 90 || got.Dim(2) != 7 {
		t.Errorf("DecodeTo(7, 90) gives %v, %v", got, err)
	}
	_, err = Read("testdata/make.py")
	checkMessage(t, err, "testdata/make.py", "not a picture")
	defer func() {
		if recover() == nil {
			t.Error("a width of 0 was accepted")
		}
	}()
	_, _, _ = DecodeTo(data, 0, 90)
}

func TestLoadOrientation(t *testing.T) {
	want := reference(t, "orientation.want.png")
	for tag := 1; tag <= 8; tag++ {
		name := "orientation_" + string(rune('0'+tag)) + ".jpg"
		if largest, _ := difference(t, mustLoad(t, name, 0), want); largest > 12 {
			t.Errorf("%s: differs by %.1f levels, so it is not upright", name, largest)
		}
	}
}

// Of the files of testdata those have the extension of a picture that are one.
func TestHasExtension(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, path := range files {
		if _, err := Load(path, 4); HasExtension(path) != (err == nil) {
			t.Errorf("%s: %v, but loading it gives %v", path, HasExtension(path), err)
		}
	}
	for name, want := range map[string]bool{"a.JPG": true, "b.pgm": true, "a.jfif": true, "a.MPO": true, "a.pbm": true, "a.ppm": true, "a.pnm": true, "png": false, ".png.txt": false, "": false} {
		if HasExtension(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// Sizes that load_image of the reference script gives, with Python's rounding.
func TestFit(t *testing.T) {
	for _, c := range []struct{ w, h, longest, wantW, wantH int }{
		{640, 480, 0, 640, 480},
		{640, 480, 320, 320, 240},
		{480, 640, 320, 240, 320},
		{10, 10, 512, 512, 512},
		{1000, 1, 512, 512, 1}, // never 0
		{8, 5, 4, 4, 2},        // 2.5 rounds to even
		{8, 7, 4, 4, 4},        // 3.5 rounds to even
		{1024, 683, 512, 512, 342},
	} {
		w, h, err := fit(c.w, c.h, c.longest)
		if err != nil || w != c.wantW || h != c.wantH {
			t.Errorf("fit(%d, %d, %d) = %d, %d, %v; want %d, %d", c.w, c.h, c.longest, w, h, err, c.wantW, c.wantH)
		}
	}
	if _, _, err := fit(10, 10, 1<<20); err == nil {
		t.Error("a longest side of a million pixels was accepted")
	}
}

func Test16BitKeepsFractions(t *testing.T) {
	m := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	m.SetNRGBA64(0, 0, color.NRGBA64{R: 257 * 10, G: 257*10 + 128, B: 65535, A: 65535})
	m.SetNRGBA64(1, 0, color.NRGBA64{A: 65535})
	got, _, err := Decode(pngOf(t, m), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{10, (257*10 + 128) / 257.0, 255, 0, 0, 0}
	for i, v := range got.Data() {
		if v != want[i] {
			t.Errorf("value %d is %v, want %v", i, v, want[i])
		}
	}
}

// A picture whose metadata is damaged is still a picture.
func TestBrokenMetadataIsIgnored(t *testing.T) {
	jpg, err := os.ReadFile("testdata/colour.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, payload := range map[string]string{
		"EXIF":    "Exif\x00\x00II*\x00\xff\xff\xff\xff garbage",
		"profile": "ICC_PROFILE\x00\x01\x01 this is no profile",
	} {
		marker := []byte{0xff, 0xe1}
		if name == "profile" {
			marker[1] = 0xe2
		}
		segment := binary.BigEndian.AppendUint16(marker, uint16(len(payload)+2))
		segment = append(segment, payload...)
		data := append(append(bytes.Clone(jpg[:2]), segment...), jpg[2:]...)
		got, _, err := Decode(data, 0)
		if err != nil {
			t.Errorf("damaged %s: %v", name, err)
			continue
		}
		if largest, _ := difference(t, got, reference(t, "colour.want.png")); largest > 3 {
			t.Errorf("damaged %s: the pixels differ by %.1f levels", name, largest)
		}
	}
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pngHeader returns a PNG whose header claims w x h pixels and holds none.
func pngHeader(t *testing.T, w, h uint32) []byte {
	data := pngOf(t, image.NewNRGBA(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestLoadBadInput(t *testing.T) {
	dir := t.TempDir()
	detail, err := os.ReadFile("testdata/detail.png")
	if err != nil {
		t.Fatal(err)
	}
	jpg, err := os.ReadFile("testdata/colour.jpg")
	if err != nil {
		t.Fatal(err)
	}
	webp, err := os.ReadFile("testdata/rgb.webp")
	if err != nil {
		t.Fatal(err)
	}
	hugeMessage := "100000 x 100000"
	if strconv.IntSize == 32 {
		hugeMessage = "dimension overflow" // the decoder of the library notices first
	}
	for _, c := range []struct {
		name string
		data []byte
		want string // a part of the message
	}{
		{"empty.png", nil, "the file is empty"},
		{"notes.jpg", []byte("dear diary"), "not a picture in a known format (PNG, JPEG"},
		{"cut.png", detail[:len(detail)/2], "cut short"},
		{"cut.jpg", jpg[:len(jpg)/2], "cut short"},
		{"cut.webp", webp[:len(webp)/2], "cut short"},
		{"header.png", detail[:20], "cut short"},
		{"flipped.png", append(bytes.Clone(detail[:200]), append([]byte{detail[200] ^ 0xff}, detail[201:]...)...), "damaged"},
		{"huge.png", pngHeader(t, 100000, 100000), hugeMessage},
		{"large.png", pngHeader(t, 10000, 10000), "cannot hold 10000 x 10000"},
		{"negative.png", pngHeader(t, 1<<31, 4), ""},
		{"nothing.png", pngHeader(t, 0, 5), ""},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, 64)
		checkMessage(t, err, path, c.want)
	}
	_, err = Load(filepath.Join(dir, "none.png"), 0)
	checkMessage(t, err, filepath.Join(dir, "none.png"), "no such file")
	_, err = Load(dir, 0)
	checkMessage(t, err, dir, "folder")
}

// checkMessage checks that an error is one line that starts with the file's
// name, once, and holds a given part.
func checkMessage(t *testing.T, err error, path, part string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", path)
		return
	}
	s := err.Error()
	if !strings.HasPrefix(s, path+": ") || strings.Count(s, path) != 1 || strings.Contains(s, "\n") || !strings.Contains(s, part) {
		t.Errorf("message %q should be one line, start with %q and hold %q", s, path+": ", part)
	}
}

// The limit must be checked before the decoder allocates what a header claims.
func TestHugeHeaderAllocatesNothing(t *testing.T) {
	data := pngHeader(t, 100000, 100000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := Decode(data, 64); err == nil {
		t.Fatal("accepted")
	}
	runtime.ReadMemStats(&after)
	n := after.TotalAlloc - before.TotalAlloc
	if n > 1<<16 {
		t.Errorf("refusing a huge picture allocates %d bytes", n)
	}
}
