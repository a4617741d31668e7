package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// furthest returns the largest difference of two pictures, in levels.
func furthest(t testing.TB, got, want *tensor.Tensor) float64 {
	t.Helper()
	largest, _ := apart(t, got, want)
	return largest
}

// apart returns the largest and the mean difference of two pictures, in levels.
func apart(t testing.TB, got, want *tensor.Tensor) (largest, mean float64) {
	t.Helper()
	if !slices.Equal(got.Shape(), want.Shape()) {
		t.Fatalf("shape %v, want %v", got.Shape(), want.Shape())
	}
	for i, v := range got.Data() {
		d := math.Abs(float64(v - want.Data()[i]))
		largest = max(largest, d)
		mean += d / float64(got.Len())
	}
	return largest, mean
}

func mustDecode(t testing.TB, name string, data []byte) *tensor.Tensor {
	t.Helper()
	got, _, err := Decode(data, 0)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return got
}

// The README of the trials says which file each must look like.
func TestTrialColours(t *testing.T) {
	names := make(map[string]string)
	for _, name := range trialFiles(t, "trials/*") {
		names[filepath.Base(name)] = name
	}
	load := func(name string) *tensor.Tensor { return mustDecode(t, name, mustRead(t, names[name])) }
	for _, c := range []struct {
		name, want string
		tolerance  float64
	}{
		{"linear-srgb-16bit.png", "base.png", 0.51}, // of 8 bits
		{"cicp-p3.png", "cicp-p3-right.png", 1},     // both of 8 bits
		{"rgb-with-grey-profile.png", "base.png", 0},
	} {
		if d := furthest(t, load(c.name), load(c.want)); d > c.tolerance {
			t.Errorf("%s: differs from %s by %.2f levels", c.name, c.want, d)
		} else {
			t.Logf("%s: %.2f", c.name, d)
		}
	}
	if got := load("raw-profile-exif6.png"); furthest(t, got, upright(load("base.png"), 6)) != 0 {
		t.Error("raw-profile-exif6.png is not base.png turned")
	}
	const tiff = "tiff-badgps-adobergb-o6.tif"
	adobe := load(tiff)
	needsMagick(t)
	if d := furthest(t, adobe, magickSRGB(t, names[tiff])); d > 2 {
		t.Errorf("%s: differs from what ImageMagick and littlecms read by %.2f levels", tiff, d)
	}
	if d := furthest(t, adobe, upright(load("base.png"), 6)); d < 5 {
		t.Errorf("%s: the profile has made no difference", tiff)
	}
}

const srgbProfile = "/usr/share/color/icc/colord/sRGB.icc"

// needsMagick skips a test without ImageMagick and a profile of sRGB, and fails it in CI.
func needsMagick(t testing.TB) {
	t.Helper()
	_, err := exec.LookPath("convert")
	if err == nil {
		_, err = os.Stat(srgbProfile)
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// magickSRGB returns what ImageMagick makes of a picture with a profile, upright, by
// littlecms.
func magickSRGB(t testing.TB, name string) *tensor.Tensor {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.png")
	runTool(t, "convert", name, "-auto-orient", "-intent", "Relative", "-black-point-compensation", "-profile", srgbProfile,
		"+profile", "*", "-depth", "16", "-type", "TrueColor", "-define", "png:exclude-chunks=all", out)
	return mustDecode(t, name, mustRead(t, out))
}

// colourful returns a PNG of colours, grey or not, of 8 or 16 bits, with chunks.
func colourful(t testing.TB, grey bool, bits int, chunks ...[]byte) []byte {
	t.Helper()
	rect := image.Rect(0, 0, 40, 30)
	at := func(x, y int) [3]uint16 {
		n := uint32(x*7919+y*104729) * 2654435761
		return [3]uint16{uint16(1600 * x), uint16(2100 * y), uint16(n >> 16)}
	}
	var img image.Image
	switch {
	case grey && bits == 8:
		m := image.NewGray(rect)
		for i := range m.Pix {
			m.Pix[i] = byte(i)
		}
		img = m
	case grey:
		m := image.NewGray16(rect)
		for i := range 40 * 30 {
			m.SetGray16(i%40, i/40, color.Gray16{Y: uint16(i * 54)})
		}
		img = m
	case bits == 8:
		m := image.NewNRGBA(rect)
		for i := range 40 * 30 {
			c := at(i%40, i/40)
			m.SetNRGBA(i%40, i/40, color.NRGBA{R: byte(c[0] >> 8), G: byte(c[1] >> 8), B: byte(c[2] >> 8), A: 255})
		}
		img = m
	default:
		m := image.NewNRGBA64(rect)
		for i := range 40 * 30 {
			c := at(i%40, i/40)
			m.SetNRGBA64(i%40, i/40, color.NRGBA64{R: c[0], G: c[1], B: c[2], A: 65535})
		}
		img = m
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	return slices.Concat(data[:33], slices.Concat(chunks...), data[33:])
}

func iccChunk(profile []byte) []byte {
	return pngChunk("iCCP", append([]byte("n\x00\x00"), packed(profile)...))
}

func gammaChunk(gamma float64) []byte {
	return pngChunk("gAMA", binary.BigEndian.AppendUint32(nil, uint32(math.Round(gamma*100000))))
}

// placesChunk is a cHRM chunk: x and y of white, red, green and blue.
func placesChunk(places ...float64) []byte {
	var data []byte
	for _, v := range places {
		data = binary.BigEndian.AppendUint32(data, uint32(math.Round(v*100000)))
	}
	return pngChunk("cHRM", data)
}

var (
	srgbPlaces  = placesChunk(0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
	adobePlaces = placesChunk(0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
)

// gammaProfile is a profile with one curve, of a gamma: of sRGB's primaries, or of grey.
func gammaProfile(space string, gamma float64) []byte {
	curve := append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), 0, 0, 0, 0)
	binary.BigEndian.PutUint16(curve[12:], uint16(math.Round(gamma*256)))
	tags := map[string][]byte{"kTRC": curve}
	if space == "RGB " {
		tags = map[string][]byte{"rTRC": curve, "gTRC": curve, "bTRC": curve}
		for name, v := range map[string][3]uint32{"rXYZ": {0x6fa0, 0x38f5, 0x390}, "gXYZ": {0x6297, 0xb787, 0x18d9}, "bXYZ": {0x249f, 0xf84, 0xb6c4}} {
			tag := []byte("XYZ \x00\x00\x00\x00")
			for _, c := range v {
				tag = binary.BigEndian.AppendUint32(tag, c)
			}
			tags[name] = tag
		}
	}
	return iccProfile(space, "XYZ ", tags)
}

// Which of what a PNG says of its colours counts. What is equal must look the same.
func TestColourPrecedence(t *testing.T) {
	srgb := pngChunk("sRGB", []byte{0})
	linear, eight := iccChunk(gammaProfile("RGB ", 1)), iccChunk(gammaProfile("RGB ", 1.8))
	p3, pq := pngChunk("cICP", []byte{12, 13, 0, 1}), pngChunk("cICP", []byte{9, 16, 0, 1})
	p3Places := placesChunk(0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
	decode := func(grey bool, chunks ...[]byte) *tensor.Tensor {
		return mustDecode(t, "made", colourful(t, grey, 16, chunks...))
	}
	for _, c := range []struct {
		name      string
		grey      bool
		got, want [][]byte
		tolerance float64
	}{
		{"sRGB", false, [][]byte{srgb}, nil, 0},
		{"sRGB before gAMA", false, [][]byte{gammaChunk(1), srgb, adobePlaces}, nil, 0},
		{"the gAMA of sRGB", false, [][]byte{gammaChunk(0.45455)}, nil, 0},
		{"the gAMA and cHRM of sRGB", false, [][]byte{gammaChunk(0.45455), srgbPlaces}, nil, 0},
		{"cHRM alone", false, [][]byte{adobePlaces}, nil, 0},
		{"gAMA 0", false, [][]byte{gammaChunk(0)}, nil, 0},
		{"gAMA too large", false, [][]byte{gammaChunk(100)}, nil, 0},
		{"cHRM of zeros", false, [][]byte{gammaChunk(1), placesChunk(0, 0, 0, 0, 0, 0, 0, 0)}, nil, 0},
		{"gAMA as profile", false, [][]byte{gammaChunk(1)}, [][]byte{linear}, 0.5},
		{"gAMA of a Macintosh as profile", false, [][]byte{gammaChunk(1 / 1.8)}, [][]byte{eight}, 0.5},
		{"gAMA of grey", true, [][]byte{gammaChunk(1)}, [][]byte{linear}, 0.5},
		{"gAMA and cHRM as code points", false, [][]byte{gammaChunk(1), p3Places}, [][]byte{pngChunk("cICP", []byte{12, 8, 0, 1})}, 0.1},
		{"profile before sRGB and gAMA", false, [][]byte{srgb, gammaChunk(1), eight}, [][]byte{eight}, 0},
		{"code points before profile", false, [][]byte{linear, srgb, p3}, [][]byte{p3}, 0},
		{"code points of sRGB before profile", false, [][]byte{linear, pngChunk("cICP", []byte{1, 13, 0, 1})}, nil, 0.001},
		{"unknown code points", false, [][]byte{linear, pngChunk("cICP", []byte{2, 2, 0, 1})}, [][]byte{linear}, 0},
		{"code points of YCbCr", false, [][]byte{pngChunk("cICP", []byte{9, 16, 9, 1}), linear}, [][]byte{linear}, 0},
		{"code points cut short", false, [][]byte{pngChunk("cICP", []byte{9, 16, 0}), linear}, [][]byte{linear}, 0},
		{"two code points", false, [][]byte{pq, p3}, [][]byte{pq}, 0},
		{"two profiles", false, [][]byte{eight, linear}, [][]byte{eight}, 0},
		{"profile of grey", false, [][]byte{iccChunk(gammaProfile("GRAY", 1))}, nil, 0},
		{"profile of grey, then gAMA", false, [][]byte{iccChunk(gammaProfile("GRAY", 1)), gammaChunk(1)}, [][]byte{gammaChunk(1)}, 0},
		{"profile of inks", false, [][]byte{iccChunk(gammaProfile("CMYK", 1))}, nil, 0},
		{"profile of Lab", false, [][]byte{iccChunk(gammaProfile("Lab ", 1))}, nil, 0},
		{"grey with a profile of colours", true, [][]byte{linear}, [][]byte{iccChunk(gammaProfile("GRAY", 1))}, 0.5},
		{"raw profile", false, [][]byte{pngChunk("tEXt", rawText(rawProfileKeyword+"icc", "icc", gammaProfile("RGB ", 1)))}, [][]byte{linear}, 0},
		{"raw profile, packed", false, [][]byte{pngChunk("zTXt", rawPacked(rawProfileKeyword+"icm", "icm", gammaProfile("RGB ", 1)))}, [][]byte{linear}, 0},
		{"raw profile and a chunk", false, [][]byte{pngChunk("tEXt", rawText(rawProfileKeyword+"icc", "icc", gammaProfile("RGB ", 1))), eight}, [][]byte{eight}, 0},
	} {
		if d := furthest(t, decode(c.grey, c.got...), decode(c.grey, c.want...)); d > c.tolerance {
			t.Errorf("%s: differs by %.3f levels", c.name, d)
		}
	}
	for _, c := range [][]byte{linear, gammaChunk(1), p3, pq} { // or the comparisons say nothing
		if d := furthest(t, decode(false, c), decode(false)); d < 10 {
			t.Errorf("%q changes nothing by more than %.1f levels", c[4:8], d)
		}
	}
}

// TestProfilesAgree has ImageMagick read pictures with the profiles of the system in all
// formats. It uses littlecms with tables of rounded values, so it differs by a level from
// what package icc is compared with; near black, more for some profiles.
func TestProfilesAgree(t *testing.T) {
	needsMagick(t)
	dir := t.TempDir()
	profiles, err := filepath.Glob("/usr/share/color/icc/colord/*.icc")
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	for i, name := range profiles {
		data := mustRead(t, name)
		if string(data[16:20]) != "RGB " || string(data[12:16]) != "mntr" {
			continue
		}
		source := filepath.Join(dir, "source.png")
		mustWriteFile(t, source, colourful(t, false, 16, iccChunk(data)))
		ext := []string{"tif", "png", "jpg"}[i%3]
		file := filepath.Join(dir, "picture."+ext)
		runTool(t, "convert", source, "-sampling-factor", "1x1", "-quality", "98", file)
		largest, mean := apart(t, mustDecode(t, file, mustRead(t, file)), magickSRGB(t, file))
		// Near black, profiles make much of the level that decoders of JPEG differ by.
		if largest > map[string]float64{"tif": 2, "png": 2, "jpg": 25}[ext] || mean > 0.7 {
			t.Errorf("%s in %s: differs by %.2f levels, by %.2f on average", filepath.Base(name), ext, largest, mean)
		}
		t.Logf("%-22s %s %.3f %.3f", filepath.Base(name), ext, largest, mean)
		count[ext]++
	}
	if count["tif"] < 5 || count["png"] < 5 || count["jpg"] < 5 {
		t.Errorf("%v", count)
	}
}

// Inks and greys in formats that the goldens do not have.
func TestOtherProfilesAgree(t *testing.T) {
	needsMagick(t)
	dir := t.TempDir()
	for _, c := range []struct {
		source, file string
		tolerance    float64
	}{
		{"testdata/cmyk_profile.jpg", "inks.tif", 2},
		{"testdata/cmyk_profile.jpg", "inks.jpg", 6},
		{"testdata/grey_profile.png", "grey.tif", 1},
		{"testdata/grey_profile.png", "grey.jpg", 6},
	} {
		file := filepath.Join(dir, c.file)
		runTool(t, "convert", c.source, "-quality", "98", "-sampling-factor", "1x1", file)
		largest, mean := apart(t, mustDecode(t, file, mustRead(t, file)), magickSRGB(t, file))
		if largest > c.tolerance {
			t.Errorf("%s: differs by %.2f levels, by %.2f on average", c.file, largest, mean)
		}
		t.Logf("%s: %.2f %.2f", c.file, largest, mean)
		if d := readMetadata(kindOf(c.file), mustRead(t, file)); d.colours == nil {
			t.Errorf("%s: the profile is not applied", c.file)
		}
	}
}
