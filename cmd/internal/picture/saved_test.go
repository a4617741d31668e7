package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
	"golang.org/x/image/tiff"

	"github.com/brushgrad/brushgrad/tensor"
)

// painted is a picture 30 x 20 with values between whole levels and beyond the
// range, and its alpha plane.
func painted() (t, alpha *tensor.Tensor) {
	t, alpha = tensor.New(1, 20, 30, 3), tensor.New(1, 20, 30, 1)
	for i := range alpha.Data() {
		x, y := float32(i%30), float32(i/30)
		copy(t.Data()[i*3:], []float32{x*9.37 - 3, y * 12.71, 255 - x*4.13 - y*5.9})
		alpha.Data()[i] = 255 - x*y*0.31
	}
	return t, alpha
}

// saved writes painted's picture with options, and returns the file's name and what
// is in it.
func saved(t *testing.T, name string, opt Options) (path string, data []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	picture, _ := painted()
	if err := SaveAs(path, picture, opt); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data
}

// wanted is the value that should be in a file for v, in 16 bits.
func wanted(v float32, bits int) uint16 {
	c := math.Min(255, math.Max(0, float64(v)))
	if bits == 8 {
		return 257 * uint16(math.Floor(c+0.5))
	}
	return uint16(math.Floor(c*257 + 0.5))
}

var outputs = []struct {
	name string
	opt  Options
}{
	{"plain.png", Options{}},
	{"eight.png", Options{Bits: 8, DPI: 300}},
	{"sixteen.png", Options{Bits: 16, DPI: 72, Text: "Füße"}},
	{"plain.tiff", Options{}},
	{"eight.tif", Options{Bits: 8, DPI: 600}},
	{"sixteen.tiff", Options{Bits: 16, DPI: 240}},
	{"plain.jpg", Options{}},
	{"fine.jpeg", Options{Quality: 100, DPI: 150}},
	{"coarse.jpg", Options{Quality: 20, DPI: 65535}},
}

func bitsOf(name string, opt Options) int {
	if opt.Bits == 0 && strings.HasSuffix(name, ".tiff") {
		return 16
	}
	return max(opt.Bits, 8)
}

// The decoders of the standard library and x/image find what was to be saved.
func TestSavedPixels(t *testing.T) {
	picture, alpha := painted()
	for _, plane := range []*tensor.Tensor{nil, alpha} {
		for _, c := range outputs {
			if strings.Contains(c.name, ".jp") {
				continue
			}
			c.opt.Alpha = plane
			_, data := saved(t, c.name, c.opt)
			decode := png.Decode
			if !strings.HasSuffix(c.name, "png") {
				decode = tiff.Decode
			}
			img, err := decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			bits := bitsOf(c.name, c.opt)
			for i := range alpha.Data() {
				want := color.NRGBA64{A: 0xffff}
				for k, v := range []*uint16{&want.R, &want.G, &want.B} {
					*v = wanted(picture.Data()[i*3+k], bits)
				}
				if plane != nil {
					want.A = wanted(plane.Data()[i], bits)
				}
				// An opaque PNG comes back as a type without alpha, multiplied or not.
				got := straight(img)(i%30, i/30)
				for k, v := range []uint16{want.R, want.G, want.B, want.A} {
					if got[k] != float32(v)/257 {
						t.Fatalf("%s, alpha %v: value %d of pixel %d is %v, want %v", c.name, plane != nil, k, i, got[k], float32(v)/257)
					}
				}
			}
		}
	}
}

// needImageMagick skips a test where ImageMagick is missing, and fails it in CI.
func needImageMagick(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"convert", "identify"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("ImageMagick is missing: %v", err)
			}
			t.Skipf("ImageMagick is not installed: %v", err)
		}
	}
}

// ImageMagick finds the pixels, the number of bits, the size in print and the
// colour space that were to be saved.
func TestSavedAgreesWithImageMagick(t *testing.T) {
	needImageMagick(t)
	picture, alpha := painted()
	for _, plane := range []*tensor.Tensor{nil, alpha} {
		for _, c := range outputs {
			c.opt.Alpha = plane
			path, _ := saved(t, c.name, c.opt)
			said, err := exec.Command("identify", "-units", "PixelsPerInch", "-format", "%wx%h %z %x %y %[colorspace]", path).Output()
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var size, space string
			var bits int
			var x, y float64
			if _, err := fmt.Sscan(string(said), &size, &bits, &x, &y, &space); err != nil {
				t.Fatalf("%s: identify says %q: %v", c.name, said, err)
			}
			if size != "30x20" || bits != bitsOf(c.name, c.opt) || space != "sRGB" {
				t.Errorf("%s: identify says %q", c.name, said)
			}
			if dpi := float64(c.opt.DPI); dpi > 0 && (math.Abs(x-dpi) > 0.02 || math.Abs(y-dpi) > 0.02) {
				t.Errorf("%s: %v x %v pixels per inch, want %v", c.name, x, y, dpi)
			}
			raw, err := exec.Command("convert", path, "-depth", "16", "-endian", "MSB", "rgba:-").Output()
			if err != nil || len(raw) != 30*20*8 {
				t.Fatalf("%s: %d bytes, %v", c.name, len(raw), err)
			}
			lossy := strings.Contains(c.name, ".jp")
			for i := range 30 * 20 * 4 {
				got := int(binary.BigEndian.Uint16(raw[i*2:]))
				var want int
				switch {
				case i%4 < 3 && lossy:
					want = int(wanted(overWhite(picture, plane).Data()[i/4*3+i%4], 8))
				case i%4 < 3:
					want = int(wanted(picture.Data()[i/4*3+i%4], bits))
				case plane == nil || lossy:
					want = 65535
				default:
					want = int(wanted(plane.Data()[i/4], bits))
				}
				tolerance := 0
				if lossy {
					tolerance = 257 * map[string]int{"fine.jpeg": 14, "plain.jpg": 16, "coarse.jpg": 60}[c.name]
				}
				if got < want-tolerance || got > want+tolerance {
					t.Errorf("%s, alpha %v: value %d is %d, want %d", c.name, plane != nil, i, got, want)
					break
				}
			}
		}
	}
}

// Every output says that it is sRGB, in the bytes.
func TestSavedIsTagged(t *testing.T) {
	for _, c := range outputs {
		_, data := saved(t, c.name, c.opt)
		if strings.HasSuffix(c.name, ".png") {
			chunks := make(map[string][]byte)
			for kind, chunk := range pngChunks(data) {
				if _, again := chunks[kind]; again && kind != "IDAT" {
					t.Errorf("%s: two chunks %s", c.name, kind)
				}
				chunks[kind] = chunk
			}
			if len(chunks["sRGB"]) != 1 || len(chunks["gAMA"]) != 4 || len(chunks["cHRM"]) != 32 || (c.opt.DPI > 0) != (chunks["pHYs"] != nil) {
				t.Errorf("%s: chunks %v", c.name, chunks)
			}
			continue
		}
		if !bytes.Contains(data, icc.Srgb_xyz_profile_data) {
			t.Errorf("%s: no profile", c.name)
		}
		profile := describeTIFF(data).profile
		if strings.Contains(c.name, ".jp") {
			profile = describeJPEG(data).profile
		}
		if !bytes.Equal(profile, icc.Srgb_xyz_profile_data) {
			t.Errorf("%s: the profile is not found", c.name)
		}
	}
	p, err := icc.DecodeProfile(bytes.NewReader(icc.Srgb_xyz_profile_data))
	if err != nil || !p.IsSRGB() {
		t.Errorf("the profile is not that of sRGB: %v", err)
	}
}

func TestQuality(t *testing.T) {
	var sizes []int
	for _, q := range []int{10, 50, 0, 100} { // 0 is 95
		_, data := saved(t, "x.jpg", Options{Quality: q})
		sizes = append(sizes, len(data))
	}
	for i := range sizes[1:] {
		if sizes[i] >= sizes[i+1] {
			t.Errorf("sizes %v for rising quality", sizes)
		}
	}
}

func TestJPEGIsLaidOverWhite(t *testing.T) {
	plain, clear := tensor.New(1, 16, 16, 3), tensor.New(1, 16, 16, 1)
	path := filepath.Join(t.TempDir(), "x.jpg")
	if err := SaveAs(path, plain, Options{Alpha: clear}); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(8, 8).RGBA(); r < 0xfe00 || g < 0xfe00 || b < 0xfe00 {
		t.Errorf("black under an alpha of 0 was saved as %x %x %x, want white", r, g, b)
	}
}

func TestText(t *testing.T) {
	for _, text := range []string{`{"style": "painting.jpg"}`, "{\"style\": \"Gemälde ☼.jpg\"}\nline 2"} {
		path, _ := saved(t, "x.png", Options{Text: text})
		if got, err := ReadText(path); err != nil || got != text {
			t.Errorf("%q, %v; want %q", got, err, text)
		}
	}
}

// A picture that another program has rewritten keeps a text in ASCII.
func TestTextOutlivesImageMagick(t *testing.T) {
	needImageMagick(t)
	path, _ := saved(t, "x.png", Options{Text: "{}\nnext"})
	copied := filepath.Join(filepath.Dir(path), "copied.png")
	if err := exec.Command("convert", path, copied).Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadText(copied); err != nil || got != "{}\nnext" {
		t.Errorf("%q, %v", got, err)
	}
}

// pngWith is a PNG of one pixel with a chunk behind its header.
func pngWith(t *testing.T, kind, chunk string) []byte {
	data := pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	out := bytes.Clone(data[:33])
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)))
	out = append(out, kind+chunk+"sum."...) // checksums are not looked at
	return append(out, data[33:]...)
}

// Texts of the kinds that a PNG has, packed by Python's zlib.
func TestTextKinds(t *testing.T) {
	const packed = "x\x9cKJ\xcc,Q(I\xad(\x01\x00\x11\x1d\x03\x86" // "bait text"
	for _, c := range []struct{ kind, chunk, want, err string }{
		{"tEXt", "brushgrad\x00caf\xe9", "café", ""},
		{"iTXt", "brushgrad\x00\x00\x00de\x00Pinsel\x00café", "café", ""},
		{"zTXt", "brushgrad\x00\x00" + packed, "bait text", ""},
		{"iTXt", "brushgrad\x00\x01\x00\x00\x00" + packed, "bait text", ""},
		{"iTXt", "brushgrad\x00\x01\x00\x00\x00" + packed[:8], "", "damaged"},
		{"zTXt", "brushgrad\x00\x07" + packed, "", "damaged"},
		{"zTXt", "brushgrad\x00", "", "damaged"},
		{"iTXt", "brushgrad\x00\x00", "", "damaged"},
		{"iTXt", "brushgrad\x00\x00\x00de", "", "damaged"},
		{"tEXt", "other\x00text", "", "holds no text"},
		{"tEXt", "brushgrad", "", "holds no text"},
	} {
		got, err := decodeText(pngWith(t, c.kind, c.chunk))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s %q: %q, %v; want %q, %q", c.kind, c.chunk, got, err, c.want, c.err)
		}
	}
	dir := t.TempDir()
	_, err := ReadText(filepath.Join(dir, "none.png"))
	checkMessage(t, err, filepath.Join(dir, "none.png"), "no such file")
	_, err = ReadText("testdata/colour.jpg")
	checkMessage(t, err, "testdata/colour.jpg", "not a PNG")
}

func TestOptionsCheck(t *testing.T) {
	for _, c := range []struct {
		path string
		opt  Options
		want string
	}{
		{"x.jpg", Options{Bits: 16}, "a JPEG cannot have 16 bits a channel; it has 8"},
		{"x.png", Options{Bits: 12}, "it has 8 or 16"},
		{"x.tif", Options{Bits: 1}, "it has 16 or 8"},
		{"x.jpg", Options{Quality: 101}, "quality of 101"},
		{"x.jpg", Options{Quality: -1}, "quality of -1"},
		{"x.png", Options{DPI: -1}, "-1 pixels per inch"},
		{"x.png", Options{DPI: 65536}, "65536 pixels per inch"},
		{"x.webp", Options{}, "cannot write .webp"},
	} {
		checkMessage(t, c.opt.Check(c.path), c.path, c.want)
		checkMessage(t, SaveAs(c.path, tensor.New(1, 1, 1, 3), c.opt), c.path, c.want)
	}
	defer func() {
		if recover() == nil {
			t.Error("an alpha plane of another size was accepted")
		}
	}()
	_ = SaveAs(filepath.Join(t.TempDir(), "x.png"), tensor.New(1, 4, 4, 3), Options{Alpha: tensor.New(1, 4, 5, 1)})
}
