package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// djpeg returns the pixels of a JPEG as libjpeg reads them, without smoothing of colours
// that have less resolution: red, green, blue and alpha, 0..65535.
func djpeg(t testing.TB, name string) []uint16 {
	t.Helper()
	out, err := exec.Command("djpeg", "-nosmooth", "-dct", "float", "-rgb", "-pnm", name).Output()
	var w, h, maxval int
	if _, scanErr := fmt.Sscanf(string(out), "P6\n%d %d\n%d\n", &w, &h, &maxval); err != nil || scanErr != nil {
		t.Fatal(name, err, scanErr)
	}
	rgb := out[len(out)-3*w*h:]
	pixels := make([]uint16, 0, 4*w*h)
	for p := range slices.Chunk(rgb, 3) {
		pixels = append(pixels, 257*uint16(p[0]), 257*uint16(p[1]), 257*uint16(p[2]), 65535)
	}
	return pixels
}

// jpegSources are the arguments of cjpeg for the kinds of JPEG that must be read.
func jpegArguments() (all []string) {
	for _, sampling := range []string{"1x1", "2x1", "2x2", "1x2", "4x1", "4x2", "2x4", "1x4", "2x2,1x1,1x2", "2x2,2x1,1x2", "1x1,2x2,1x1", "2x1,1x2,1x1",
		"2x2,1x2,2x1", "3x1,1x1,1x1", "3x1,3x1,1x1", "2x2,2x2,1x1", "1x1,1x1,2x2"} {
		for _, mode := range []string{"", "-progressive", "-restart 1", "-restart 3B", "-progressive -restart 1", "-progressive -restart 2B", "-optimize"} {
			all = append(all, strings.TrimSpace("-quality 90 -sample "+sampling+" "+mode))
		}
	}
	for _, mode := range []string{"", "-progressive", "-restart 1B", "-progressive -restart 5B", "-baseline -quality 5", "-quality 3 -progressive"} {
		all = append(all, strings.TrimSpace("-grayscale "+mode), strings.TrimSpace("-rgb "+mode))
	}
	return all
}

func TestToolsJPEG(t *testing.T) {
	needTools(t, "convert", "cjpeg", "djpeg")
	ppm := run(t, toolSources(t)["smooth"], "ppm", "convert IN ppm:OUT")
	for _, args := range jpegArguments() {
		name := run(t, ppm, "jpg", "cjpeg "+args+" -outfile OUT IN")
		data, want := mustRead(t, name), djpeg(t, name)
		comparePixels(t, args, data, want, 3.01)
		checkOwnJPEG(t, args, data, want)

		// The marker of the end is missing, as in files that a program did not close.
		open, ok := bytes.CutSuffix(data, []byte{0xff, jpegEOI})
		if !ok {
			t.Fatalf("%s: no end", args)
		}
		comparePixels(t, args+", without an end", open, want, 3.01)
		if _, _, err := Decode(open[:len(open)-30], 0); err == nil {
			t.Errorf("%s: cut in its pixels, but read", args)
		}
		// Frames of Motion JPEG have no tables.
		if !strings.Contains(args, "-optimize") && !strings.Contains(args, "-progressive") {
			comparePixels(t, args+", without tables", withoutHuffman(data), want, 3.01)
		}
		// Extended sequential differs in the marker alone.
		if sof := bytes.Index(data, []byte{0xff, jpegSOF0, 0}); sof >= 0 {
			extended := bytes.Clone(data)
			extended[sof+1] = jpegSOF1
			comparePixels(t, args+", extended", extended, want, 3.01)
		}
	}
}

// checkOwnJPEG decodes a JPEG by this package's decoder, also where the standard library's
// would be taken.
func checkOwnJPEG(t *testing.T, name string, data []byte, want []uint16) {
	t.Helper()
	j, err := parseJPEG(data)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	img, err := j.decode()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for y := range j.h {
		for x := range j.w {
			r, g, b, _ := img.At(x, y).RGBA()
			for c, v := range []uint32{r, g, b} {
				if d := int(v)/257 - int(want[4*(y*j.w+x)+c])/257; d < -2 || d > 2 {
					t.Errorf("%s: channel %d at %d, %d differs by %d", name, c, x, y, d)
					return
				}
			}
		}
	}
}

func withoutHuffman(data []byte) []byte {
	out := bytes.Clone(data[:2])
	for rest := data[2:]; ; {
		n := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if rest[1] == jpegSOS {
			return append(out, rest...)
		}
		if rest[1] != jpegDHT {
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
}

// What is not read is named.
func TestToolsJPEGNamed(t *testing.T) {
	needTools(t, "convert", "cjpeg")
	ppm := run(t, toolSources(t)["smooth"], "ppm", "convert IN ppm:OUT")
	for args, want := range map[string]string{
		"-arithmetic":              "this JPEG is coded arithmetically, which is not supported",
		"-arithmetic -progressive": "this JPEG is coded arithmetically, which is not supported",
		"-arithmetic -grayscale":   "this JPEG is coded arithmetically, which is not supported",
	} {
		_, _, err := Decode(mustRead(t, run(t, ppm, "jpg", "cjpeg "+args+" -outfile OUT IN")), 0)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
	data := mustRead(t, run(t, ppm, "jpg", "cjpeg -outfile OUT IN"))
	sof := bytes.Index(data, []byte{0xff, jpegSOF0, 0})
	for _, c := range []struct {
		at   int
		byte byte
		want string
	}{
		{1, 0xc3, "is lossless"}, {1, 0xc7, "is hierarchical and lossless"}, {4, 12, "has 12 bits a channel"}, {9, 2, "has 2 channels"},
	} {
		changed := bytes.Clone(data)
		changed[sof+c.at] = c.byte
		if _, _, err := Decode(changed, 0); err == nil || !strings.HasPrefix(err.Error(), "this JPEG "+c.want) {
			t.Errorf("%v: %v, want %q", c, err, c.want)
		}
	}
}

// Inks, with and without Adobe's marker, by both decoders.
func TestToolsJPEGInks(t *testing.T) {
	needTools(t, "convert")
	sources := toolSources(t)
	for _, args := range []string{"", "-interlace JPEG", "-sampling-factor 2x2", "-sampling-factor 2x1", "-interlace JPEG -sampling-factor 2x2"} {
		name := run(t, sources["smooth"], "jpg", "convert IN -colorspace CMYK -strip -quality 98 "+args+" OUT")
		data := mustRead(t, name)
		with, _, err := Decode(data, 0)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		at := bytes.Index(data, []byte("\xff\xee\x00\x0eAdobe"))
		if at < 0 {
			t.Fatalf("%s: no marker", args)
		}
		ycck := data[at+15] == 2
		without, _, err := Decode(slices.Concat(data[:at], data[at+16:]), 0)
		if err != nil {
			t.Errorf("%s without Adobe's marker: %v", args, err)
			continue
		}
		for i, v := range with.Data() {
			if d := v - without.Data()[i]; !ycck && (d < -3 || d > 3) {
				t.Fatalf("%s: value %d is %v, and %v without Adobe's marker", args, i, v, without.Data()[i])
			}
		}
	}
}

func TestToolsWebP(t *testing.T) {
	needTools(t, "convert", "cwebp", "webpmux", "dwebp")
	sources := toolSources(t)
	for _, c := range []struct{ source, args, at string }{
		{"rgb", "-lossless -exact", "+0+0"}, {"rgba", "-lossless -exact", "+0+0"}, {"smooth", "-q 90", "+0+0"}, {"rgba", "-q 90", "+0+0"}, {"four", "-lossless", "+0+0"},
		{"rgb", "-lossless -exact", "+10+6"}, {"rgba", "-lossless -exact", "+2+0"}, {"smooth", "-q 80", "+4+8"}, {"rgba", "-q 70", "+0+2"}, {"rgba", "-q 70 -alpha_filter best", "+6+2"},
		{"grey", "-lossless -m 6", "+0+30"},
	} {
		still := run(t, sources[c.source], "webp", "cwebp -quiet "+c.args+" IN -o OUT")
		large := run(t, sources[c.source], "webp", "cwebp -quiet -resize 90 80 IN -o OUT") // its frame makes the canvas larger
		moving := run(t, still, "webp", "webpmux -frame IN +100"+c.at+"+1+b -frame "+large+" +100+0+0 -loop 0 -bgcolor 255,255,255,255 -o OUT")
		want, err := placed(t, still, c.at, 90, 80)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := 0.0
		if !strings.Contains(c.args, "lossless") {
			tolerance = 3.5
		}
		comparePixels(t, c.source+" "+c.args+" "+c.at, mustRead(t, moving), want, tolerance)
	}
}

// placed returns a still picture as dwebp reads it, on a transparent canvas.
func placed(t *testing.T, still, at string, w, h int) ([]uint16, error) {
	pam := run(t, still, "pam", "dwebp -nofancy -quiet IN -pam -o OUT")
	var x, y int
	if _, err := fmt.Sscanf(at, "+%d+%d", &x, &y); err != nil {
		return nil, err
	}
	out, err := exec.Command("convert", "-size", fmt.Sprintf("%dx%d", w, h), "xc:none", pam, "-geometry", at, "-compose", "copy", "-composite",
		"-depth", "16", "-endian", "MSB", "RGBA:-").Output()
	values := make([]uint16, len(out)/2)
	for i := range values {
		values[i] = binary.BigEndian.Uint16(out[2*i:])
	}
	return values, err
}
