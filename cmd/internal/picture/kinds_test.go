package picture

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
)

// Kinds of files that tools do not write, made by hand.

// pixelsOf returns an image as red, green, blue and alpha, 0..65535.
func pixelsOf(img image.Image) []uint16 {
	var out []uint16
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if c, ok := img.At(x, y).(color.NRGBA); ok { // exactly
				out = append(out, 257*uint16(c.R), 257*uint16(c.G), 257*uint16(c.B), 257*uint16(c.A))
				continue
			}
			c := color.NRGBA64Model.Convert(img.At(x, y)).(color.NRGBA64)
			out = append(out, c.R, c.G, c.B, c.A)
		}
	}
	return out
}

// grey8 returns grey pixels as pixelsOf does.
func grey8(values ...byte) (out []uint16) {
	for _, v := range values {
		out = append(out, 257*uint16(v), 257*uint16(v), 257*uint16(v), 65535)
	}
	return out
}

func TestNetpbmHeaders(t *testing.T) {
	for _, c := range []struct {
		data string
		want []byte // grey
	}{
		{"P5\n2 2\n255\n\n\t\r ", []byte("\n\t\r ")},
		{"P5 2 2 255 #234", []byte("#234")},
		{"P5\n# by hand\n2 # width\n2\n# now the largest\n255\nabcd", []byte("abcd")},
		{"P5\n2 2\n255# no raster yet\nabcd", []byte("abcd")},
		{"P5#\n2#\n2#\n255\nabcd", []byte("abcd")},
		{"P5\r\n2 2\r\n255\r\nabcd", []byte("abcd")},
		{"P5\r\n2 2\r\n255\r\nabc", []byte("\nabc")}, // the one that fits
		{"P5\n2 2\n255\nabcdP5\n2 2\n255\nefgh", []byte("abcd")},
		{"P5\n4 1\n15\n\x00\x05\x0a\x0f", []byte{0, 85, 170, 255}},
		{"P5\n4 1\n1\n\x00\x01\x00\x07", []byte{0, 255, 0, 255}}, // what is larger is cut off
		{"P2\n2 2\n255\n1 2\n3\n4", []byte{1, 2, 3, 4}},
		{"P2\n2 2\n255 # here\n1 # one\n2 3#\n4", []byte{1, 2, 3, 4}},
		{"P2 2 2 5 0 1 2 5", []byte{0, 51, 102, 255}},
		{"P1\n4 2\n01 1\n0#\n1010", []byte{255, 0, 0, 255, 0, 255, 0, 255}},
		{"P1 4 2 01101010", []byte{255, 0, 0, 255, 0, 255, 0, 255}},
		{"P1\n2 1\n1 1\n", []byte{0, 0}},
		{"P4\n10 1\n\xa0\x40", []byte{0, 255, 0, 255, 255, 255, 255, 255, 255, 0}},
		{"P4\n8 1\n\n", []byte{255, 255, 255, 255, 0, 255, 0, 255}},
		{"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nabcd", []byte("abcd")},
		{"P7\n# a comment\nMAXVAL 255\nDEPTH 1\nHEIGHT 2\nWIDTH 2\nENDHDR\n\n\n\n\n", []byte("\n\n\n\n")},
		{"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\x00\x01", []byte{0, 255}},
	} {
		comparePixels(t, fmt.Sprintf("%q", c.data), []byte(c.data), grey8(c.want...), 0)
	}
	for _, c := range []struct{ data, want string }{
		{"P5\n2 2\n255\nabc", "1 bytes of pixels are missing"},
		{"P2\n2 2\n255\n1 2 3", "values are missing at the end"},
		{"P2\n2 2\n255\n1 2 x 4", `where the digits of a value should be`},
		{"P1\n2 2\n0 1 2 -", `where the digits of a value should be`},
		{"P5\n-2 2\n255\nabcd", "whole numbers"}, {"P5\n2 2\n", "cut short"}, {"P5\n2 2.5 255\nabcd", "whole numbers"},
		{"P5\n2 2\n65536\nabcd", "1 to 65535"},
		{"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 5\nMAXVAL 255\nENDHDR\nabcd", "5 samples a pixel"},
		{"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 3\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd", "CMYK"},
		{"P7\nWIDTH 2\nCOLOUR 3\n", "COLOUR"}, {"P7\nWIDTH 2\n", "cut short"},
	} {
		if _, _, err := Decode([]byte(c.data), 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.data, err, c.want)
		}
	}
}

// bmpFile returns a BMP of 4 x 3 pixels with a header of that size.
func bmpFile(size, h int, depth uint16, compression uint32, after, pixels []byte, masks ...uint32) []byte {
	order := binary.LittleEndian
	out := order.AppendUint32(order.AppendUint32([]byte("BM\x00\x00\x00\x00"), 0), uint32(14+size+len(after)))
	header := order.AppendUint32(order.AppendUint32(order.AppendUint32(nil, uint32(size)), 4), uint32(int32(h)))
	header = order.AppendUint32(order.AppendUint16(order.AppendUint16(header, 1), depth), compression)
	header = append(header, make([]byte, 20)...)
	for _, m := range masks {
		header = order.AppendUint32(header, m)
	}
	header = append(header, make([]byte, 200)...)[:size]
	return slices.Concat(out, header, after, pixels)
}

func TestBMPKinds(t *testing.T) {
	grey := make([]byte, 0, 64) // a palette of 16, 17 levels apart
	for i := range byte(16) {
		grey = append(grey, 17*i, 17*i, 17*i, 0)
	}
	u16 := func(values ...uint16) (out []byte) {
		for _, v := range values {
			out = binary.LittleEndian.AppendUint16(out, v)
		}
		return out
	}
	u32 := func(values ...uint32) (out []byte) {
		for _, v := range values {
			out = binary.LittleEndian.AppendUint32(out, v)
		}
		return out
	}
	nibbles := []byte{0x12, 0x34, 0, 0, 0x56, 0x78, 0, 0, 0x9a, 0xbc, 0, 0}
	levels := func(values ...byte) []uint16 {
		for i := range values {
			values[i] *= 17
		}
		return grey8(values...)
	}
	pixel := func(r, g, b, a byte) []uint16 {
		return []uint16{257 * uint16(r), 257 * uint16(g), 257 * uint16(b), 257 * uint16(a)}
	}
	twelve := func(p []uint16) []uint16 { return slices.Repeat(p, 12) }
	same := func(v uint32) []byte { return u32(slices.Repeat([]uint32{v}, 12)...) }
	for name, c := range map[string]struct {
		data []byte
		want []uint16
	}{
		"bottom up":  {bmpFile(40, 3, 4, 0, grey, nibbles), levels(9, 10, 11, 12, 5, 6, 7, 8, 1, 2, 3, 4)},
		"top down":   {bmpFile(40, -3, 4, 0, grey, nibbles), levels(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
		"no padding": {bmpFile(40, -3, 4, 0, grey, nibbles[:10]), levels(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
		"RLE4 with runs, values as they are, a step and an end": {bmpFile(40, 3, 4, 2, grey, []byte{
			4, 0x12, 0, 0, // 1 2 1 2
			0, 3, 0x34, 0x50, 0, 0, // 3 4 5 -, to the next row
			0, 2, 2, 0, 2, 0x66, 0, 1}), levels(0, 0, 6, 6, 3, 4, 5, 0, 1, 2, 1, 2)},
		"RLE4, no end": {bmpFile(40, 3, 4, 2, grey, []byte{4, 0x11, 0, 0, 4, 0x22, 0, 0, 4, 0x33}), levels(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)},
		"RLE4, run past the edge": {bmpFile(40, 3, 4, 2, grey, []byte{9, 0x11, 0, 0, 4, 0x22, 0, 0, 4, 0x33, 0, 1}),
			levels(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)},
		"RLE8 with a step of rows": {bmpFile(40, 3, 8, 1, append(bytes.Clone(grey), make([]byte, 960)...), []byte{4, 1, 0, 2, 0, 2, 0, 0, 4, 9, 0, 1}),
			levels(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1)},
		"RLE8, values as they are": {bmpFile(40, 3, 8, 1, append(bytes.Clone(grey), make([]byte, 960)...), []byte{0, 3, 1, 2, 3, 0, 0, 0, 0, 4, 4, 5, 6, 7, 0, 0, 4, 8, 0, 1}),
			levels(8, 8, 8, 8, 4, 5, 6, 7, 1, 2, 3, 0)},
		"555":                     {bmpFile(40, 3, 16, 0, nil, u16(slices.Repeat([]uint16{31<<10 | 15<<5}, 12)...)), twelve(pixel(255, 123, 0, 255))},
		"565":                     {bmpFile(40, 3, 16, 3, u32(0xf800, 0x7e0, 0x1f), u16(slices.Repeat([]uint16{31<<11 | 32<<5 | 1}, 12)...)), twelve(pixel(255, 130, 8, 255))},
		"1555":                    {bmpFile(124, 3, 16, 3, nil, u16(slices.Repeat([]uint16{1<<15 | 31}, 12)...), 0x7c00, 0x3e0, 0x1f, 0x8000), twelve(pixel(0, 0, 255, 255))},
		"4444":                    {bmpFile(56, 3, 16, 3, nil, u16(slices.Repeat([]uint16{0x5fa1}, 12)...), 0xf00, 0xf0, 0xf, 0xf000), twelve(pixel(255, 170, 17, 85))},
		"32 bits":                 {bmpFile(40, 3, 32, 0, nil, same(0x7f112233)), twelve(pixel(0x11, 0x22, 0x33, 255))},
		"32 bits, alpha":          {bmpFile(124, 3, 32, 3, nil, same(0x7f112233), 0xff0000, 0xff00, 0xff, 0xff000000), twelve(pixel(0x11, 0x22, 0x33, 0x7f))},
		"32 bits, alpha not used": {bmpFile(124, 3, 32, 3, nil, same(0x00112233), 0xff0000, 0xff00, 0xff, 0xff000000), twelve(pixel(0x11, 0x22, 0x33, 255))},
		"32 bits, RGBA":           {bmpFile(108, 3, 32, 3, nil, same(0x112233cc), 0xff000000, 0xff0000, 0xff00, 0xff), twelve(pixel(0x11, 0x22, 0x33, 0xcc))},
		"32 bits, RGBX after it":  {bmpFile(40, 3, 32, 3, u32(0xff000000, 0xff0000, 0xff00), same(0x112233cc)), twelve(pixel(0x11, 0x22, 0x33, 255))},
		"10 bits":                 {bmpFile(52, 3, 32, 3, nil, same(0x3ff<<20|512<<10), 0x3ff<<20, 0x3ff<<10, 0x3ff), twelve(pixel(255, 128, 0, 255))},
		"OS/2 of 16":              {bmpFile(16, 3, 24, 0, nil, bytes.Repeat([]byte{3, 2, 1}, 12)), twelve(pixel(1, 2, 3, 255))},
		"OS/2 of 64":              {bmpFile(64, 3, 24, 0, nil, bytes.Repeat([]byte{3, 2, 1}, 12)), twelve(pixel(1, 2, 3, 255))},
	} {
		comparePixels(t, name, c.data, c.want, 0)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"JPEG":    {bmpFile(40, 3, 0, 4, nil, make([]byte, 100)), "a JPEG or PNG in a BMP"},
		"Huffman": {bmpFile(64, 3, 1, 3, nil, make([]byte, 100)), "OS/2 compression 3"},
		"7 bits":  {bmpFile(40, 3, 7, 0, nil, make([]byte, 100)), "7 bits per pixel"},
		"cut":     {bmpFile(40, 3, 24, 0, nil, make([]byte, 30)), "pixels are missing"},
		"RLE cut": {bmpFile(40, 3, 4, 2, grey, []byte{4, 0x12, 0, 0}), "cut short"},
	} {
		if _, _, err := Decode(c.data, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// pngKinds returns a PNG of each kind of colours, with the pixels that it holds.
func pngKinds(t *testing.T) map[string][]byte {
	rect := image.Rect(0, 0, 19, 13)
	grey, deepGrey := image.NewGray(rect), image.NewGray16(rect)
	rgb, rgba, deep := image.NewRGBA(rect), image.NewNRGBA(rect), image.NewNRGBA64(rect)
	palette := image.NewPaletted(rect, color.Palette{color.Black, color.NRGBA{9, 99, 199, 255}, color.NRGBA{200, 100, 0, 100}})
	two := image.NewPaletted(rect, color.Palette{color.Black, color.NRGBA{9, 99, 199, 255}})
	for y := range 13 {
		for x := range 19 {
			n := uint32(x*31+y*17) * 2654435761
			grey.SetGray(x, y, color.Gray{uint8(n >> 20)})
			deepGrey.SetGray16(x, y, color.Gray16{uint16(n >> 10)})
			rgb.SetRGBA(x, y, color.RGBA{uint8(n), uint8(n >> 8), uint8(n >> 16), 255})
			rgba.SetNRGBA(x, y, color.NRGBA{uint8(n), uint8(n >> 8), uint8(n >> 16), uint8(n>>24) | 1})
			deep.SetNRGBA64(x, y, color.NRGBA64{uint16(n), uint16(n >> 8), uint16(n >> 12), uint16(n>>16) | 256})
			palette.SetColorIndex(x, y, uint8(n>>20)%3)
			two.SetColorIndex(x, y, uint8(n>>20)%2)
		}
	}
	out := make(map[string][]byte)
	for name, m := range map[string]image.Image{"grey": grey, "deep grey": deepGrey, "rgb": rgb, "rgba": rgba, "deep": deep, "palette": palette, "two": two} {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	return out
}

// repack returns a PNG with its pixels, unpacked, changed and packed anew in several chunks.
func repack(t *testing.T, data []byte, pack func(raw []byte) []byte) []byte {
	t.Helper()
	out := []byte(pngSignature)
	done := false
	for kind, chunk := range pngChunks(data) {
		if kind != "IDAT" {
			out = append(out, pngChunk(kind, chunk)...)
			continue
		}
		if done {
			continue
		}
		done = true
		raw, err := io.ReadAll(unpacked(t, data))
		if err != nil {
			t.Fatal(err)
		}
		for piece := range slices.Chunk(pack(raw), 100) {
			out = append(out, pngChunk("IDAT", piece)...)
		}
	}
	return out
}

func unpacked(t *testing.T, data []byte) io.Reader {
	t.Helper()
	var all []byte
	for kind, chunk := range pngChunks(data) {
		if kind == "IDAT" {
			all = append(all, chunk...)
		}
	}
	return flate.NewReader(bytes.NewReader(all[2:]))
}

func TestPNGKinds(t *testing.T) {
	wrong := func(kind string, data []byte) []byte {
		chunk := pngChunk(kind, data)
		chunk[len(chunk)-1] ^= 0x55
		return chunk
	}
	for name, data := range pngKinds(t) {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		want := pixelsOf(img)
		at := len(data) - 12
		comparePixels(t, name, data, want, 0)
		comparePixels(t, name+": wrong checksums", slices.Concat(data[:33], wrong("tEXt", []byte("a\x00b")), wrong("pHYs", make([]byte, 9)), wrong("zzZz", nil),
			data[33:at], wrong("tIME", make([]byte, 7)), wrong("eXIf", []byte("nothing")), data[at:]), want, 0)
		comparePixels(t, name+": bytes after the end", append(bytes.Clone(data), "and more"...), want, 0)
		for _, n := range []int{1, 20, 1000, 1 << 20} {
			comparePixels(t, fmt.Sprint(name, ": surplus of ", n), repack(t, data, func(raw []byte) []byte { return packed(append(raw, make([]byte, n)...)) }), want, 0)
		}
		comparePixels(t, name+": no end", data[:at], want, 0)
		// Wrong checksums of chunks that matter, and too few pixels, stay errors.
		broken := bytes.Clone(data)
		broken[29] ^= 1
		for damage, d := range map[string][]byte{"checksum": broken, "few": repack(t, data, func(raw []byte) []byte { return packed(raw[:len(raw)-1]) })} {
			if _, _, err := Decode(d, 0); err == nil {
				t.Errorf("%s: %s: no error", name, damage)
			}
		}
	}
}

// Interlaced PNGs with surplus data, of many sizes.
func TestPNGSurplusInterlaced(t *testing.T) {
	needTools(t, "convert")
	sources := toolSources(t)
	for _, source := range []string{"rgb", "rgba", "grey", "bilevel", "deep", "colours", "four"} {
		for _, size := range []string{"1x1", "2x3", "3x2", "5x1", "4x9", "9x8"} {
			data := mustRead(t, run(t, sources[source], "png", "convert IN -crop "+size+"+0+0 +repage -interlace PNG OUT"))
			if ihdr(data)[12] != 1 {
				t.Fatal("not interlaced")
			}
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			surplus := repack(t, data, func(raw []byte) []byte {
				if n, err := rawPNGSize(data); err != nil || n != int64(len(raw)) {
					t.Errorf("%s %s: %d bytes of pixels, computed %d, %v", source, size, len(raw), n, err)
				}
				return packed(append(raw, 1, 2, 3))
			})
			comparePixels(t, source+" "+size, surplus, pixelsOf(img), 0.01)
		}
	}
}

// toCgBI makes of a PNG of 8 bits what Xcode would.
func toCgBI(t *testing.T, data []byte) (cgbiData []byte, want []uint16) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	alpha := ihdr(data)[9] == 6
	var raw []byte
	for y := range b.Dy() {
		raw = append(raw, 0)
		for x := range b.Dx() {
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			raw = append(raw, c.B, c.G, c.R)
			if alpha {
				raw = append(raw, c.A)
			}
			want = append(want, pixelsOf(&image.RGBA{Pix: []byte{c.R, c.G, c.B, c.A}, Stride: 4, Rect: image.Rect(0, 0, 1, 1)})...)
		}
	}
	var z bytes.Buffer
	w, err := flate.NewWriter(&z, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := slices.Concat([]byte(pngSignature), pngChunk(cgbi, []byte{0x50, 0, 0x20, 2}), data[8:33])
	half := z.Len() / 2
	out = slices.Concat(out, pngChunk("IDAT", z.Bytes()[:half]), pngChunk("IDAT", z.Bytes()[half:]), pngChunk("IEND", nil))
	return out, want
}

func TestPNGOfIPhones(t *testing.T) {
	for size := 1; size < 30; size += 3 {
		rgb, rgba := image.NewRGBA(image.Rect(0, 0, size, size+4)), image.NewNRGBA(image.Rect(0, 0, size, size+4))
		for i := range rgb.Pix {
			rgb.Pix[i] = byte(i*37) | byte(i%4/3*255)
			rgba.Pix[i] = byte(i * 91)
		}
		rgba.Pix[3] = 77 // or it might be opaque
		for _, m := range []image.Image{rgb, rgba} {
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			data, want := toCgBI(t, b.Bytes())
			comparePixels(t, fmt.Sprintf("%T of %d", m, size), data, want, 0.51)
		}
	}
}

// A canvas that is smaller than the first frame, or of no size, is enlarged.
func TestGIFCanvas(t *testing.T) {
	var b bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, 7, 5), color.Palette{color.Black, color.White, color.Gray{9}})
	for i := range m.Pix {
		m.Pix[i] = uint8(i % 3)
	}
	if err := gif.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]byte{{0, 0}, {7, 0}, {1, 5}, {6, 4}, {7, 5}, {0, 9}, {3, 3}, {0, 5}, {7, 1}, {2, 200}} {
		for _, extension := range []string{"", "!\xfe\x02hi\x01!\x00", "!\xfe\x00!\xf9\x04\x00\x00\x00\x00\x00"} {
			data := bytes.Clone(b.Bytes())
			data[6], data[8] = size[0], size[1]
			at := bytes.IndexByte(data[13:], ',') + 13
			data = slices.Concat(data[:at], []byte(extension), data[at:])
			colour, alpha, err := Decode(data, 0)
			h := max(5, int(size[1]))
			if err != nil || colour.Dim(2) != 7 || colour.Dim(1) != h || (alpha == nil) != (h == 5) {
				t.Errorf("canvas %v: %v, %v", size, colour, err)
				continue
			}
			want := pixelsOf(m)
			for i := range 35 {
				if colour.Data()[3*i] != float32(want[4*i])/257 {
					t.Fatalf("canvas %v: pixel %d is %v", size, i, colour.Data()[3*i])
				}
			}
		}
	}
}

// A tiffTag is a tag with its values.
type tiffTag struct {
	tag    uint16
	values []uint32
}

// buildTIFF returns a TIFF of these tags, all of the type LONG, and pixels, whose place is
// added to tagStripOffsets.
func buildTIFF(order binary.AppendByteOrder, tags []tiffTag, pixels []byte) []byte {
	start := uint32(8 + 2 + tiffEntry*len(tags) + 4)
	after := start + uint32(len(pixels)) // values that do not fit into their entries
	var entries []entry
	tail := bytes.Clone(pixels)
	for _, tag := range tags {
		values := slices.Clone(tag.values)
		if tag.tag == tagStripOffsets {
			for i := range values {
				values[i] += start
			}
		}
		e := entry{tag.tag, 4, uint32(len(values)), values[0]}
		if len(values) > 1 {
			e.value = after + uint32(len(tail)-len(pixels))
			for _, v := range values {
				tail = order.AppendUint32(tail, v)
			}
		}
		entries = append(entries, e)
	}
	return tiffBlock(order, entries, 0, tail...)
}

// Channels beyond colours and alpha are passed over, wherever alpha stands.
func TestTIFFExtraChannels(t *testing.T) {
	const w, h = 3, 2
	for _, c := range []struct {
		photometric, samples uint32
		extra                []uint32
		alpha                int // which sample, 0 for none
	}{
		{1, 2, []uint32{0}, 0}, {1, 2, []uint32{2}, 1}, {1, 3, []uint32{0, 2}, 2}, {1, 4, []uint32{0, 0, 0}, 0}, {1, 2, nil, 1}, {0, 3, []uint32{2, 0}, 1},
		{2, 4, []uint32{0}, 0}, {2, 4, []uint32{2}, 3}, {2, 5, []uint32{0, 2}, 4}, {2, 6, []uint32{2, 0, 0}, 3}, {2, 4, nil, 3}, {2, 5, nil, 0},
		{3, 2, []uint32{2}, 1}, {3, 3, []uint32{0, 2}, 2}, {3, 2, []uint32{0}, 0},
	} {
		value := func(i int, s uint32) byte { return byte(40*i + 7*int(s) + 3) }
		for planar := range uint32(2) {
			pixels := make([]byte, w*h*c.samples)
			offsets := []uint32{0}
			for s := range c.samples {
				if planar == 1 && s > 0 {
					offsets = append(offsets, w*h*s)
				}
				for i := range w * h {
					if planar == 1 {
						pixels[int(s)*w*h+i] = value(i, s)
					} else {
						pixels[i*int(c.samples)+int(s)] = value(i, s)
					}
				}
			}
			tags := []tiffTag{{tagWidth, []uint32{w}}, {tagLength, []uint32{h}}, {tagBitsPerSample, []uint32{8}}, {tagPhotometric, []uint32{c.photometric}},
				{tagStripOffsets, offsets}, {tagSamples, []uint32{c.samples}}, {tagPlanar, []uint32{planar + 1}}}
			if c.extra != nil {
				tags = append(tags, tiffTag{tagExtraSamples, c.extra})
			}
			if c.photometric == photoPalette {
				var colours []uint32
				for k := range 3 {
					for i := range 256 {
						colours = append(colours, 257*uint32(i*(k+1)%256))
					}
				}
				tags = append(tags, tiffTag{tagColourMap, colours})
			}
			var want []uint16
			for i := range w * h {
				rgba := [4]byte{3: 255}
				for k := range 3 {
					switch c.photometric {
					case photoWhiteIsZero:
						rgba[k] = 255 - value(i, 0)
					case photoBlackIsZero:
						rgba[k] = value(i, 0)
					case photoRGB:
						rgba[k] = value(i, uint32(k))
					case photoPalette:
						rgba[k] = byte(int(value(i, 0)) * (k + 1))
					}
				}
				if c.alpha > 0 {
					rgba[3] = value(i, uint32(c.alpha))
				}
				for _, v := range rgba {
					want = append(want, 257*uint16(v))
				}
			}
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				comparePixels(t, fmt.Sprint(c, planar, order), buildTIFF(order, tags, pixels), want, 0)
			}
		}
	}
}

func TestForeignFormats(t *testing.T) {
	ftyp := func(brands ...string) []byte {
		body := "ftyp" + brands[0] + "\x00\x00\x00\x00" + strings.Join(brands[1:], "")
		return append(binary.BigEndian.AppendUint32(nil, uint32(4+len(body))), body+"rest of the file"...)
	}
	dng := tiffBlock(binary.LittleEndian, []entry{{tagSubfileType, 4, 1, 1}, {tagWidth, 4, 1, 1}, {tagDNGVersion, 1, 4, 1}}, 0)
	maker := func(name string) []byte {
		const at = 8 + 2 + 4*12 + 4
		return tiffBlock(binary.BigEndian, []entry{{tagSubfileType, 4, 1, 1}, {tagWidth, 4, 1, 160}, {tagMake, 2, uint32(len(name)), at}, {tagSubIFDs, 4, 1, 8}}, 0, []byte(name)...)
	}
	for _, c := range []struct {
		data []byte
		want string
	}{
		{ftyp("heic", "mif1", "heic"), "this is a HEIC picture, as iPhones write it, which is not supported: export it as JPEG"},
		{ftyp("mif1", "mif1", "heic"), "HEIC"}, {ftyp("heix", "mif1"), "HEIC"}, {ftyp("mif1"), "HEIF"}, {ftyp("mif1", "avif"), "AVIF"},
		{ftyp("avif", "mif1"), "an AVIF picture, which is not supported"}, {ftyp("crx ", "isom"), "CR3"}, {ftyp("isom", "mp42"), "a video"}, {ftyp("qt  "), "a video"},
		{[]byte("\x00\x00\x00\x0cJXL \r\n\x87\n...."), "JPEG XL"}, {[]byte("\xff\x0a\xfa\x3f"), "JPEG XL"}, {[]byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), "JPEG 2000"},
		{[]byte("\xff\x4f\xff\x51\x00"), "JPEG 2000"}, {[]byte("8BPS\x00\x01"), "Photoshop"}, {[]byte("gimp xcf file"), "GIMP"},
		{[]byte("II*\x00\x10\x00\x00\x00CR\x02\x00" + strings.Repeat("\x00\x00", 20)), "CR2"}, {dng, "DNG"},
		{maker("NIKON CORPORATION\x00"), "NEF"}, {maker("SONY\x00"), "ARW"}, {maker("PENTAX Corporation\x00"), "PEF"},
		{[]byte("FUJIFILMCCD-RAW 0201"), "RAF"}, {[]byte("IIRO\x08\x00\x00\x00"), "ORF"}, {[]byte("IIU\x00\x18\x00\x00\x00"), "RW2"},
		{[]byte("<!DOCTYPE html>\n<html><head>"), "a web page (HTML), which is not supported: download the picture itself"}, {[]byte("\xef\xbb\xbf\n <html lang=de>"), "a web page"},
		{[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "SVG"}, {[]byte("<?xml version=\"1.0\"?>\n<!-- x -->\n<svg/>"), "SVG"},
		{[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), "git lfs pull"},
		{[]byte("PK\x03\x04\x14\x00"), "ZIP"}, {[]byte("%PDF-1.7\n"), "PDF"}, {[]byte("\x1aE\xdf\xa3\x9fB\x86\x81"), "Matroska"}, {[]byte("RIFF\x00\x00\x01\x00AVI LIST"), "AVI"},
		{[]byte("\x1f\x8b\x08\x00"), "gzip"}, {[]byte("dear diary,\ntoday"), "not a picture in a known format (PNG, JPEG, WebP, TIFF, BMP, GIF, PBM, PGM, PPM, PAM) but a text"},
		{[]byte("Grüße aus Köln"), "a text"}, {make([]byte, 5000), "zeros"}, {[]byte("   \n\n"), "white space"}, {[]byte("\x01\x02\x03\x04\x05"), "not a picture in a known format"},
		{nil, "the file is empty"}, {[]byte("v/1\x01\x02\x00\x00\x00"), "OpenEXR"}, {[]byte("\x00\x00\x01\x00\x01\x00\x10\x10"), "icon"}, {[]byte("qoif\x00\x00"), "QOI"},
	} {
		_, _, err := Decode(c.data, 0)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %q", c.data, err, c.want)
			continue
		}
		checkOneLine(t, c.want, err)
		if _, err := DecodeHeader(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: the header gives %v, want %q", c.data, err, c.want)
		}
	}
}
