package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These tests read files that other programs write, and compare each pixel with what
// another program reads.

// needTools skips a test without the programs, and fails it in CI, which installs them.
func needTools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing := fmt.Sprintf("the program %s is not installed (packages: imagemagick, libtiff-tools, netpbm, webp, libjpeg-turbo-progs)", name)
			if os.Getenv("CI") == "true" {
				t.Fatal(missing)
			}
			t.Skip(missing)
		}
	}
}

// run runs a program, in whose arguments IN and OUT stand for files, and returns the file
// that it has written: OUT, or its standard output if there is no OUT.
func run(t testing.TB, in, ext, command string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out."+ext)
	args := strings.Fields(command)
	stdout := true
	for i, a := range args {
		stdout = stdout && !strings.Contains(a, "OUT")
		args[i] = strings.NewReplacer("IN", in, "OUT", out).Replace(a)
	}
	var b, e bytes.Buffer
	c := exec.Command(args[0], args[1:]...)
	c.Stdout, c.Stderr = &b, &e
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, e.String())
	}
	if stdout {
		mustWrite(t, out, b.Bytes())
	}
	return out
}

func mustWrite(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// toolSources writes PNGs of 45 x 31 pixels, and returns their names by kind.
func toolSources(t testing.TB) map[string]string {
	const w, h = 45, 31
	rect := image.Rect(0, 0, w, h)
	rgb, rgba, grey, bilevel := image.NewNRGBA(rect), image.NewNRGBA(rect), image.NewGray(rect), image.NewGray(rect)
	deep, deepAlpha, deepGrey, smooth := image.NewNRGBA64(rect), image.NewNRGBA64(rect), image.NewGray16(rect), image.NewNRGBA(rect)
	colours := image.NewPaletted(rect, nil)
	for i := range 200 {
		colours.Palette = append(colours.Palette, color.NRGBA{uint8(i), uint8(255 - i), uint8(3 * i), 255})
	}
	four := image.NewPaletted(rect, color.Palette{color.Gray{0}, color.NRGBA{200, 30, 10, 255}, color.NRGBA{10, 220, 90, 255}, color.Gray{250}})
	for y := range h {
		for x := range w {
			n := uint32(x*7919+y*104729) * 2654435761
			rgb.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(8 * y), uint8(n >> 24), 255})
			rgba.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(n >> 16), uint8(8 * y), uint8(1 + 5*(x+y)%255)})
			grey.SetGray(x, y, color.Gray{uint8(uint32(3*x) + n>>29)})
			bilevel.SetGray(x, y, color.Gray{255 * uint8(n>>27&1)})
			deep.SetNRGBA64(x, y, color.NRGBA64{uint16(1400 * x), uint16(2000 * y), uint16(n >> 16), 65535})
			deepAlpha.SetNRGBA64(x, y, color.NRGBA64{uint16(1400 * x), uint16(n >> 16), uint16(2000 * y), uint16(700 + 800*(x+y))})
			deepGrey.SetGray16(x, y, color.Gray16{uint16(1400*x + y)})
			smooth.SetNRGBA(x, y, color.NRGBA{uint8(4*x + y), uint8(200 - 3*x), uint8(6*y + x), 255})
			colours.SetColorIndex(x, y, uint8((x*y+x)%200))
			four.SetColorIndex(x, y, uint8((x/5+y/3)%4))
		}
	}
	out := make(map[string]string)
	dir := t.TempDir()
	for name, m := range map[string]image.Image{"rgb": rgb, "rgba": rgba, "grey": grey, "bilevel": bilevel, "deep": deep, "deepAlpha": deepAlpha,
		"deepGrey": deepGrey, "smooth": smooth, "colours": colours, "four": four} {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		out[name] = filepath.Join(dir, name+".png")
		mustWrite(t, out[name], b.Bytes())
	}
	return out
}

// magick returns the pixels of a file as ImageMagick reads them: red, green, blue and
// alpha, 0..65535.
func magick(t testing.TB, name string) []uint16 {
	t.Helper()
	raw := mustRead(t, run(t, name, "raw", "convert IN[0] -colorspace sRGB -depth 16 -endian MSB RGBA:OUT"))
	out := make([]uint16, len(raw)/2)
	for i := range out {
		out[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return out
}

// comparePixels compares a file with red, green, blue and alpha, 0..65535. Where nothing
// is to be seen colours do not matter; colours may differ by tolerance levels of 0..255,
// divided by alpha where the file has them multiplied.
func comparePixels(t *testing.T, name string, data []byte, want []uint16, tolerance float64) {
	t.Helper()
	colour, alpha, err := Decode(data, 0)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if colour.Len()/3 != len(want)/4 {
		t.Errorf("%s: %v, want %d pixels", name, colour.Shape(), len(want)/4)
		return
	}
	worst := 0.0
	for i := range len(want) / 4 {
		a := 255.0
		if alpha != nil {
			a = float64(alpha.Data()[i])
		}
		if d := math.Abs(a - float64(want[4*i+3])/257); d > max(tolerance, 0.002) {
			t.Errorf("%s: alpha of pixel %d is %v, want %v", name, i, a, float64(want[4*i+3])/257)
			return
		}
		for c := range 3 {
			if a >= 1 {
				worst = max(worst, math.Abs(float64(colour.Data()[3*i+c])-float64(want[4*i+c])/257)*a/255)
			}
		}
	}
	if worst > max(tolerance, 0.004) {
		t.Errorf("%s: differs by %.3f levels, tolerance %v", name, worst, tolerance)
	}
}

// A toolCase is a file that a program makes of a source.
type toolCase struct {
	source, command string
	tolerance       float64 // levels
}

// checkTools makes files and compares them with what ImageMagick reads.
func checkTools(t *testing.T, ext string, cases []toolCase) {
	t.Helper()
	sources := toolSources(t)
	for _, c := range cases {
		name := run(t, sources[c.source], ext, c.command)
		comparePixels(t, c.source+": "+c.command, mustRead(t, name), magick(t, name), c.tolerance)
	}
}

func TestToolsNetpbm(t *testing.T) {
	needTools(t, "convert", "pnmtoplainpnm", "pamtopnm", "pngtopam", "ppmtopgm")
	checkTools(t, "pnm", []toolCase{
		{"rgb", "convert IN ppm:OUT", 0},
		{"rgb", "convert IN -compress none ppm:OUT", 0},
		{"deep", "convert IN -depth 16 ppm:OUT", 0},
		{"deep", "convert IN -depth 16 -compress none ppm:OUT", 0},
		{"grey", "convert IN pgm:OUT", 0},
		{"grey", "convert IN -compress none pgm:OUT", 0},
		{"deepGrey", "convert IN -depth 16 pgm:OUT", 0},
		{"deepGrey", "convert IN -depth 16 -compress none pgm:OUT", 0},
		{"bilevel", "convert IN pbm:OUT", 0},
		{"bilevel", "convert IN -compress none pbm:OUT", 0},
		{"rgba", "convert IN pam:OUT", 0},
		{"deepAlpha", "convert IN -depth 16 pam:OUT", 0},
		{"grey", "convert IN pam:OUT", 0},
		{"rgb", "convert IN -depth 4 ppm:OUT", 0},
		{"grey", "convert IN -depth 2 -compress none pgm:OUT", 0},
		{"rgb", "pngtopam IN", 0},
		{"rgba", "pngtopam -alphapam IN", 0},
		{"bilevel", "pngtopam IN", 0},
		{"deepGrey", "pngtopam IN", 0},
	})
	// Netpbm's own plain writer, which puts no space between the digits of a PBM.
	sources := toolSources(t)
	for _, source := range []string{"rgb", "deep", "grey", "deepGrey"} {
		raw := run(t, sources[source], "pnm", "pngtopam IN")
		plain := mustRead(t, run(t, raw, "pnm", "pnmtoplainpnm IN"))
		comparePixels(t, source+": plain", plain, magick(t, sources[source]), 0)
	}
	raw := run(t, sources["bilevel"], "pbm", "convert IN pbm:OUT")
	comparePixels(t, "bilevel: plain", mustRead(t, run(t, raw, "pbm", "pnmtoplainpnm IN")), magick(t, sources["bilevel"]), 0)
}

func TestToolsBMP(t *testing.T) {
	needTools(t, "convert", "ppmtobmp", "pngtopam")
	cases := []toolCase{
		{"rgb", "convert IN BMP:OUT", 0}, {"rgb", "convert IN BMP2:OUT", 0}, {"rgb", "convert IN BMP3:OUT", 0},
		{"rgba", "convert IN BMP:OUT", 0},
		{"rgba", "convert IN BMP3:OUT", 0},
		{"grey", "convert IN BMP3:OUT", 0},
		{"grey", "convert IN -compress RLE BMP3:OUT", 0},
		{"colours", "convert IN -compress RLE BMP3:OUT", 0},
		{"colours", "convert IN BMP2:OUT", 0},
		{"colours", "convert IN BMP3:OUT", 0},
		{"four", "convert IN BMP3:OUT", 0},
		{"four", "convert IN -compress RLE BMP3:OUT", 0},
		{"four", "convert IN -compress RLE BMP:OUT", 0},
		{"bilevel", "convert IN BMP3:OUT", 0},
		{"bilevel", "convert IN BMP2:OUT", 0},
		{"rgb", "convert IN -define bmp:subtype=RGB555 BMP:OUT", 1.01},
		{"rgb", "convert IN -define bmp:subtype=RGB565 BMP:OUT", 1.01},
	}
	checkTools(t, "bmp", cases)
	sources := toolSources(t)
	for _, c := range []struct{ source, args string }{
		{"bilevel", "-bpp 1"}, {"four", "-bpp 4"}, {"colours", "-bpp 8"}, {"rgb", "-bpp 24"}, {"four", "-bpp 8"},
	} {
		for _, kind := range []string{"-windows", "-os2"} {
			ppm := run(t, sources[c.source], "ppm", "convert IN ppm:OUT")
			name := run(t, ppm, "bmp", "ppmtobmp "+kind+" "+c.args+" IN")
			comparePixels(t, c.source+kind+c.args, mustRead(t, name), magick(t, sources[c.source]), 0)
		}
	}
}

func TestToolsTIFF(t *testing.T) {
	needTools(t, "convert", "tiffcp")
	var cases []toolCase
	for _, compress := range []string{"none", "lzw", "zip", "rle"} {
		for _, source := range []string{"rgb", "rgba", "grey", "bilevel", "deep", "deepAlpha", "deepGrey", "colours", "four"} {
			cases = append(cases, toolCase{source, "convert IN -compress " + compress + " tif:OUT", 0})
		}
	}
	for _, options := range []string{
		"-type GrayScaleAlpha", "-type GrayScaleAlpha -depth 16", "-define tiff:alpha=associated", "-define tiff:endian=msb", "-define tiff:fill-order=lsb -compress none",
		"-interlace plane", "-interlace plane -compress lzw", "-define tiff:rows-per-strip=3", "-define tiff:tile-geometry=16x32", "-define tiff:tile-geometry=32x16 -compress zip",
	} {
		for _, source := range []string{"rgba", "deepAlpha"} {
			cases = append(cases, toolCase{source, "convert IN " + options + " tif:OUT", map[bool]float64{true: 1.01}[strings.Contains(options, "associated")]})
		}
	}
	cases = append(cases,
		toolCase{"bilevel", "convert IN -compress fax tif:OUT", 0},
		toolCase{"bilevel", "convert IN -compress group4 tif:OUT", 0},
		toolCase{"bilevel", "convert IN -negate -compress group4 tif:OUT", 0},
		toolCase{"bilevel", "convert IN -compress group4 -define quantum:polarity=min-is-black tif:OUT", 0},
		toolCase{"grey", "convert IN -define quantum:polarity=min-is-white tif:OUT", 0},
		toolCase{"deepGrey", "convert IN -define quantum:polarity=min-is-white tif:OUT", 0},
		toolCase{"grey", "convert IN -depth 4 tif:OUT", 0},
		toolCase{"grey", "convert IN -depth 2 tif:OUT", 0},
		toolCase{"deepGrey", "convert IN -depth 32 tif:OUT", 0.01},
		toolCase{"deep", "convert IN -depth 32 -compress lzw tif:OUT", 0.01},
		toolCase{"smooth", "convert IN -compress jpeg -quality 95 tif:OUT", 2},
		toolCase{"grey", "convert IN -compress jpeg -quality 95 tif:OUT", 2},
		toolCase{"rgb", "convert IN TIFF64:OUT", 0},
		toolCase{"deepAlpha", "convert IN -compress zip TIFF64:OUT", 0},
	)
	checkTools(t, "tif", cases)

	// What libtiff's own tools write of these.
	sources := toolSources(t)
	for source, options := range map[string][]string{
		"rgb": {"-c none", "-c lzw", "-c lzw:2", "-c zip", "-c zip:2", "-c packbits", "-8", "-8 -c lzw:2", "-B", "-L", "-B -8", "-t -w 16 -l 16", "-t -w 32 -l 48 -c zip:2",
			"-p separate", "-p separate -c lzw:2 -r 5", "-p separate -t -w 16 -l 16 -8", "-r 1 -c packbits", "-f lsb2msb -c none", "-f lsb2msb -c lzw"},
		"deep":      {"-c none -B", "-c lzw:2 -B", "-c lzw:2 -L", "-c zip:2 -8", "-t -w 16 -l 16 -c lzw:2", "-B -c zip:2 -t -w 32 -l 16"},
		"deepAlpha": {"-c zip:2", "-B -c lzw:2", "-8 -t -w 48 -l 16"},
		"rgba":      {"-c lzw:2", "-p separate", "-t -w 16 -l 16 -c packbits"},
		"bilevel":   {"-c g3", "-c g3:1d", "-c g3:1d:fill", "-c g3:1d -r 4", "-c g4", "-c g4 -r 4", "-f lsb2msb -c g4", "-f lsb2msb -c g3", "-c lzw", "-c packbits -t -w 16 -l 16"},
		"grey":      {"-c lzw:2 -t -w 16 -l 16", "-8 -B"},
		"colours":   {"-c lzw", "-c zip -t -w 16 -l 16", "-8"},
		"smooth":    {"-c jpeg:r:95", "-c jpeg:95", "-c jpeg:95 -t -w 16 -l 16", "-c jpeg:r:95 -t -w 16 -l 16", "-c jpeg:r -r 8", "-c jpeg:95 -8"},
	} {
		tif := run(t, sources[source], "tif", "convert IN "+map[bool]string{true: "-compress group4", false: "-compress none"}[source == "bilevel"]+" tif:OUT")
		for _, o := range options {
			tolerance := 0.0
			if strings.Contains(o, "jpeg") {
				tolerance = 2.01
				if !strings.Contains(o, "jpeg:r") {
					tolerance = map[bool]float64{false: 8, true: 24}[strings.Contains(o, "-t")] // colours are smoothed as they are widened, beside black at the edges of tiles
				}
			}
			name := run(t, tif, "tif", "tiffcp "+o+" IN OUT")
			comparePixels(t, source+": tiffcp "+o, mustRead(t, name), magick(t, name), tolerance)
		}
	}
}

// YCbCr in units of several pixels, as libtiff reads them. Programs of today write it as
// JPEG alone, so the files are made by hand.
func TestToolsTIFFUnits(t *testing.T) {
	needTools(t, "convert", "tiff2rgba")
	const w, h = 13, 7
	for _, sampling := range [][2]uint32{{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}, {4, 4}} {
		for _, rows := range []uint32{h, 4} {
			across, size := (w+sampling[0]-1)/sampling[0], sampling[0]*sampling[1]+2
			var pixels []byte
			var offsets, counts []uint32
			for y := uint32(0); y < h; y += rows {
				offsets = append(offsets, uint32(len(pixels)))
				for unitY := y; unitY < min(y+rows, h); unitY += sampling[1] {
					for unitX := range across {
						for i := range size - 2 {
							pixels = append(pixels, byte(40+9*unitY+5*unitX+3*i))
						}
						pixels = append(pixels, byte(100+4*unitX), byte(150-6*unitY))
					}
				}
				counts = append(counts, uint32(len(pixels))-offsets[len(offsets)-1])
			}
			data := buildTIFF(binary.LittleEndian, []tiffTag{{tagWidth, []uint32{w}}, {tagLength, []uint32{h}}, {tagBitsPerSample, []uint32{8, 8, 8}}, {tagCompression, []uint32{1}},
				{tagPhotometric, []uint32{photoYCbCr}}, {tagStripOffsets, offsets}, {tagSamples, []uint32{3}}, {tagRowsPerStrip, []uint32{rows}}, {tagStripCounts, counts},
				{tagPlanar, []uint32{1}}, {tagYCbCrSampling, sampling[:]}}, pixels)
			name := filepath.Join(t.TempDir(), "units.tif")
			mustWrite(t, name, data)
			comparePixels(t, fmt.Sprint(sampling, rows), data, magick(t, run(t, name, "tif", "tiff2rgba -c none IN OUT")), 2.01)
		}
	}
}

// What is not read is named.
func TestToolsTIFFNamed(t *testing.T) {
	needTools(t, "convert", "tiffcp")
	sources := toolSources(t)
	rgb := run(t, sources["rgb"], "tif", "convert IN -compress none tif:OUT")
	bilevel := run(t, sources["bilevel"], "tif", "convert IN -compress group4 tif:OUT")
	for _, c := range []struct{ in, command, want string }{
		{bilevel, "tiffcp -c g3:2d IN OUT", "the two-dimensional fax compression of Group 3"},
		{rgb, "tiffcp -c lzma IN OUT", "the compression LZMA"},
		{rgb, "tiffcp -c zstd IN OUT", "the compression Zstandard"},
		{rgb, "tiffcp -c webp IN OUT", "the compression WebP"},
		{sources["rgb"], "convert IN -colorspace Lab tif:OUT", "L*a*b* colours"},
		{sources["rgb"], "convert IN -define quantum:format=floating-point -depth 32 tif:OUT", "floating-point numbers"},
	} {
		data := mustRead(t, run(t, c.in, "tif", c.command))
		if _, _, err := Decode(data, 0); err == nil || !strings.HasPrefix(err.Error(), "this TIFF has "+c.want+", which is not supported: ") {
			t.Errorf("%s: %v, want %q", c.command, err, c.want)
		}
	}
}

// Inks, without a profile, become colours by the formula that Decode names.
func TestToolsInks(t *testing.T) {
	needTools(t, "convert", "tiffcp")
	sources := toolSources(t)
	for ext, commands := range map[string][]string{
		"tif": {"-depth 8", "-depth 8 -compress lzw", "-depth 8 -compress zip", "-depth 8 -interlace plane", "-depth 16", "-depth 8 -compress jpeg -quality 98",
			"-depth 8 -define tiff:endian=msb", "-depth 8 -compress rle", "-depth 8 -define tiff:tile-geometry=16x16", "-depth 16 -compress zip -interlace plane"},
		"jpg": {"-quality 98", "-quality 98 -sampling-factor 2x2", "-quality 98 -interlace JPEG", "-quality 98 -sampling-factor 2x1", "-quality 98 -interlace JPEG -sampling-factor 2x2"},
	} {
		for _, c := range commands {
			name := run(t, sources["smooth"], ext, "convert IN -colorspace CMYK -strip "+c+" OUT")
			raw := mustRead(t, run(t, name, "raw", "convert IN -depth 8 CMYK:OUT"))
			want := make([]uint16, len(raw))
			for i := 0; i < len(raw); i += 4 {
				for k := range 3 {
					want[i+k] = uint16(257 * (255 - int(raw[i+k])) * (255 - int(raw[i+3])) / 255)
				}
				want[i+3] = 65535
			}
			tolerance := 1.01
			if strings.Contains(c, "jpeg") || ext == "jpg" {
				tolerance = 3
				if strings.Contains(c, "sampling") {
					tolerance = 12
				}
			}
			comparePixels(t, ext+": "+c, mustRead(t, name), want, tolerance)
		}
	}
}

// Orientation and profile of a BigTIFF are those of the TIFF that it was made of.
func TestToolsBigTIFFMetadata(t *testing.T) {
	needTools(t, "tiffcp")
	for _, name := range []string{"testdata/adobe.tiff", "testdata/p3.tiff", "testdata/grey_profile.tiff", "testdata/orientation_3.tiff", "testdata/orientation_6.tiff"} {
		small, big := readMetadata("tiff", mustRead(t, name)), readMetadata("tiff", mustRead(t, run(t, name, "tif", "tiffcp -8 IN OUT")))
		if small.orientation != big.orientation || (small.colours == nil) != (big.colours == nil) {
			t.Errorf("%s: orientation %d and %d, profile %t and %t", name, small.orientation, big.orientation, small.colours != nil, big.colours != nil)
		}
	}
}
