package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// hostileSizes are sides that no picture should have, and the largest that one may.
var hostileSizes = [][2]uint32{
	{0, 0}, {0, 1}, {1, 0}, {1, 1 << 27}, {1 << 27, 1}, {1<<31 - 1, 1}, {1, 1<<31 - 1}, {1 << 31, 1}, {1<<32 - 1, 1<<32 - 1},
	{1 << 16, 1 << 16}, {65535, 65535}, {16383, 16383}, {16383, 8192}, {11584, 11584}, {100000, 100000},
	{maxSide + 1, 1}, {1, maxSide + 1}, {maxSide, maxSide}, {maxSide, 1}, {1, maxSide}, {65535, 1}, {4000, 4000}, {1 << 20, 128},
}

// headersOf returns, for each format, files that claim a size and hold little.
func headersOf(w, h uint32) map[string][]byte {
	files := make(map[string][]byte)
	zeros := packed(make([]byte, 1<<20))
	for _, depth := range []byte{1, 8, 16} {
		for _, kind := range []byte{0, 2, 3, 4, 6} {
			for interlace := range byte(2) {
				header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
				header = append(header, depth, kind, 0, 0, interlace)
				files[fmt.Sprint("png ", depth, kind, interlace)] = slices.Concat([]byte(pngSignature),
					pngChunk("IHDR", header), pngChunk("PLTE", []byte{1, 2, 3}), pngChunk("IDAT", zeros), pngChunk("IEND", nil))
			}
		}
	}
	for _, marker := range []byte{jpegSOF0, jpegSOF1, jpegSOF2} {
		for _, factors := range [][]byte{{0x11}, {0x22}, {0x11, 0x11, 0x11}, {0x22, 0x11, 0x11}, {0x42, 0x11, 0x11}, {0x22, 0x11, 0x12}, {0x11, 0x44, 0x22}, {0x22, 0x11, 0x11, 0x22}} {
			files[fmt.Sprintf("jpeg %x %x", marker, factors)] = tinyJPEG(marker, uint16(w), uint16(h), factors, 1)
		}
	}
	u16 := binary.LittleEndian.AppendUint16
	u32 := binary.LittleEndian.AppendUint32
	gif := u16(u16([]byte("GIF89a"), uint16(w)), uint16(h))
	gif = append(gif, 0x80, 0, 0, 0, 0, 0, 9, 9, 9, 0x2c, 0, 0, 0, 0)
	for interlace := range byte(2) {
		files[fmt.Sprint("gif ", interlace)] = append(u16(u16(bytes.Clone(gif), uint16(w)), uint16(h)), interlace<<6, 2, 2, 0x44, 1, 0, 0x3b)
	}
	for _, depth := range []uint16{1, 8, 24, 32} {
		bmp := u32(u32(u32([]byte("BM"), 1000), 0), 14+40+4<<min(depth, 8)*uint32(1-depth/24))
		bmp = u32(u32(u32(bmp, 40), w), h)
		bmp = u32(u16(u16(bmp, 1), depth), 0)
		files[fmt.Sprint("bmp ", depth)] = append(bmp, make([]byte, 2000)...)
	}
	for compression, depth := range map[uint32]uint16{1: 8, 2: 4, 3: 16, 6: 32} {
		bmp := bmpFile(124, int(int32(h)), depth, compression, make([]byte, 1024), bytes.Repeat([]byte{255, 1, 0, 2, 255, 255}, 300), 0xf000, 0xf00, 0xf0, 0xf)
		binary.LittleEndian.PutUint32(bmp[18:], w)
		files[fmt.Sprint("bmp, compression ", compression)] = bmp
	}
	u64 := binary.LittleEndian.AppendUint64
	big := u64(u64(u64([]byte("II+\x00\x08\x00\x00\x00"), 16), 6), tagWidth|4<<16|1<<32)
	for i, v := range []uint32{w, tagLength | 4<<16, 1, 0, h, 0, tagPhotometric | 3<<16, 1, 0, 2, 0, tagSamples | 3<<16, 1, 0, 1000, 0, tagPlanar | 3<<16, 1, 0, 2, 0,
		tagStripOffsets | 16<<16, 1 << 30, 0, 16, 0} {
		if i == 0 {
			big = u32(u32(big, 0), v) // the other half of the count
			continue
		}
		big = u32(big, v)
	}
	files["bigtiff"] = append(big, zeros...)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, compression := range []uint32{1, 2, 3, 4, 5, 7, 8, 32773} {
			name := fmt.Sprint("tiff ", order, compression)
			c := entry{tagCompression, 3, 1, compression}
			entries := func(more ...entry) []byte {
				all := append([]entry{
					{tagWidth, 4, 1, w}, {tagLength, 4, 1, h}, {tagBitsPerSample, 3, 1, 16}, c, {262, 3, 1, 1},
				}, more...)
				return tiffBlock(order, all, 0, zeros...)
			}
			files[name] = entries(entry{273, 4, 1, 8}, entry{279, 4, 1, uint32(len(zeros))})
			files[name+" strips"] = entries(entry{273, 4, h, 8}, entry{tagRowsPerStrip, 4, 1, 1}, entry{279, 4, h, 8})
			files[name+" tiles"] = entries(entry{tagTileWidth, 4, 1, w}, entry{tagTileLength, 4, 1, h}, entry{324, 4, 1, 8}, entry{325, 4, 1, 1 << 30})
			files[name+" small tiles"] = entries(entry{tagTileWidth, 4, 1, 8}, entry{tagTileLength, 4, 1, 8}, entry{324, 4, 1 << 28, 8}, entry{325, 4, 1 << 28, 8})
		}
	}
	lossless := append([]byte{0x2f}, u32(nil, (w-1)&0x3fff|(h-1)&0x3fff<<14)...)
	lossless = append(lossless, 0x88, 0x88, 0x08, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 0x8c, 3, 0, 0, 0, 0, 0)
	lossy := append([]byte{0x10, 0, 0, 0x9d, 1, 0x2a}, u16(u16(nil, uint16(w&0x3fff)), uint16(h&0x3fff))...)
	extended := append([]byte{0x10, 0, 0, 0}, u32(nil, (w-1)&0xffffff)[:3]...)
	extended = append(extended, u32(nil, (h-1)&0xffffff)[:3]...)
	for name, chunks := range map[string][][]byte{
		"lossless":       {riffChunk("VP8L", lossless)},
		"lossy":          {riffChunk("VP8 ", append(lossy, make([]byte, 500)...))},
		"extended":       {riffChunk("VP8X", extended), riffChunk("VP8L", lossless)},
		"packed alpha":   {riffChunk("VP8X", extended), riffChunk("ALPH", append([]byte{1}, lossless[5:]...)), riffChunk("VP8 ", lossy)},
		"alpha":          {riffChunk("VP8X", extended), riffChunk("ALPH", make([]byte, 100)), riffChunk("VP8 ", lossy)},
		"a long chunk":   {u32([]byte("VP8 "), 1<<31-1), lossy},
		"a long alpha":   {riffChunk("VP8X", extended), u32([]byte("ALPH"), 1<<32-2), lossless},
		"an odd chunk":   {riffChunk("VP8X", extended), u32([]byte("EXIF"), 1<<32-1), lossless},
		"nothing":        {riffChunk("VP8X", extended)},
		"animation":      {riffChunk("VP8X", extended), riffChunk("ANIM", make([]byte, 6)), riffChunk("ANMF", make([]byte, 100))},
		"a frame":        {riffChunk("VP8X", extended), riffChunk("ANMF", slices.Concat(make([]byte, 6), extended[4:], make([]byte, 4), riffChunk("VP8L", lossless)))},
		"a small frame":  {riffChunk("VP8X", extended), riffChunk("ANMF", slices.Concat(make([]byte, 16), riffChunk("VP8L", append([]byte{0x2f, 0, 0, 0, 0}, lossless[5:]...))))},
		"lossy frames":   {riffChunk("VP8X", extended), bytes.Repeat(riffChunk("ANMF", slices.Concat(make([]byte, 6), extended[4:], make([]byte, 4), riffChunk("ALPH", make([]byte, 30)), riffChunk("VP8 ", lossy))), 9)},
		"lossless twice": {riffChunk("VP8L", lossless), riffChunk("VP8L", lossless)},
	} {
		body := append([]byte("WEBP"), slices.Concat(chunks...)...)
		files["webp "+name] = append(u32([]byte("RIFF"), uint32(len(body))), body...)
		files["webp "+name+", claiming 4 GiB"] = append(u32([]byte("RIFF"), 1<<32-2), body...)
	}
	for kind := '1'; kind <= '6'; kind++ {
		for _, maxval := range []string{"1", "255", "65535"} {
			files[fmt.Sprint("netpbm ", string(kind), maxval)] = fmt.Appendf(nil, "P%c %d %d %s\n 1 2 3 4 5 6", kind, w, h, maxval)
		}
	}
	for depth, kind := range []string{1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"} {
		files["pam "+kind] = fmt.Appendf(nil, "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL 65535\nTUPLTYPE %s\nENDHDR\nabcdefgh", w, h, depth, kind)
	}
	return files
}

// tinyJPEG returns a JPEG of any size whose scans, all the same, say nothing: codes of
// one bit, and few bytes of them.
func tinyJPEG(sof byte, w, h uint16, factors []byte, scans int) []byte {
	quant := jpegSegment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	frame := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, h), w)
	frame = append(frame, byte(len(factors)))
	var scan []byte
	for i, f := range factors {
		frame = append(frame, byte(i+1), f, 0)
		scan = append(scan, byte(i+1), 0)
	}
	last := byte(63)
	if sof == jpegSOF2 {
		last = 0
	}
	scan = append(append([]byte{byte(len(factors))}, scan...), 0, last, 0)
	codes := append([]byte{1}, make([]byte, 16)...) // one of one bit, for the value 0
	tables := append(append([]byte{0}, codes...), append([]byte{0x10}, codes...)...)
	one := append(jpegSegment(jpegSOS, scan), make([]byte, 64)...)
	return slices.Concat([]byte{0xff, jpegSOI}, quant, jpegSegment(sof, frame), jpegSegment(0xc4, tables),
		bytes.Repeat(one, scans), []byte{0xff, jpegEOI})
}

func TestHostileSizes(t *testing.T) {
	for _, size := range hostileSizes {
		for name, data := range headersOf(size[0], size[1]) {
			checkHostile(t, hostileFile{fmt.Sprint(name, " of ", size), data, 0})
		}
	}
}

func TestManyScans(t *testing.T) {
	for _, c := range []struct {
		w, h  uint16
		scans int
		want  string // a part of the message, "" for a picture
	}{
		{16, 16, 1, ""}, {16, 16, maxScans, ""}, {16, 16, maxScans + 1, "too many scans"}, {16, 16, 100000, "too many scans"},
		{65535, 1024, 60, "too many scans"}, {1024, 65535, 1000, "too many scans"}, {16429, 2093, 506, "too many scans"},
	} {
		for _, sof := range []byte{jpegSOF0, jpegSOF1, jpegSOF2} {
			name := fmt.Sprintf("%d scans of %d x %d, %x", c.scans, c.w, c.h, sof)
			data := tinyJPEG(sof, c.w, c.h, []byte{0x11}, c.scans)
			checkHostile(t, hostileFile{name, data, 0})
			_, _, err := Decode(data, 8)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	}
}

func TestBadMaxval(t *testing.T) {
	for _, kind := range "23567" {
		for _, maxval := range []string{"0", "00", "-1", "+1", "65536", "65537", "4294967296", "4294967551", "99999999999999999999", "", "x", "1.5",
			"# comment\n0", "0 0", "\x00", "255\x1b[31m", "0x10", "\xff", "#", strings.Repeat("0", 1<<17), strings.Repeat("\n", 1<<17)} {
			data := fmt.Appendf(nil, "P%c\n2 2\n%s\n1 2 3 4 5 6 7 8 9 10 11 12", kind, maxval)
			if kind == '7' {
				data = fmt.Appendf(nil, "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 3\nMAXVAL %s\nTUPLTYPE RGB\nENDHDR\n1 2 3 4 5 6 7 8 9 10 11 12", maxval)
			}
			checkHostile(t, hostileFile{fmt.Sprintf("P%c, maxval %.20q", kind, maxval), data, 0})
			if _, _, err := Decode(data, 0); strings.Trim(maxval, "0") == "" && maxval != "" && err == nil {
				t.Errorf("P%c: a maxval of 0 was accepted", kind)
			}
		}
	}
}

// What decoders allocate is not more than the header says.
func TestCosts(t *testing.T) {
	const w, h = 700, 500
	rect := image.Rect(0, 0, w, h)
	check := func(name string, data []byte) {
		t.Helper()
		head, err := readHeader(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var img image.Image
		n := allocated(func() { img, err = decodeImage(data, head) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		const buffers = 200 << 10
		if n > head.decoding+buffers {
			t.Errorf("%s: decoding allocates %d bytes, the header says %d", name, n, head.decoding)
		}
		if alpha := !opaque(img); alpha && !head.alpha {
			t.Errorf("%s: an alpha plane was not expected", name)
		}
	}
	for name, m := range map[string]image.Image{
		"grey": image.NewGray(rect), "grey 16": image.NewGray16(rect), "rgba": image.NewNRGBA(rect), "rgba 16": image.NewNRGBA64(rect),
		"rgb": image.NewRGBA(rect), "palette": image.NewPaletted(rect, color.Palette{color.Black, color.Transparent}),
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		check("png "+name, b.Bytes())
		for _, compression := range []tiff.CompressionType{tiff.Uncompressed, tiff.Deflate} {
			b.Reset()
			if err := tiff.Encode(&b, m, &tiff.Options{Compression: compression}); err != nil {
				t.Fatal(err)
			}
			check("tiff "+name, b.Bytes())
		}
		b.Reset()
		if err := gif.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		check("gif "+name, b.Bytes())
	}
	for _, sof := range []byte{jpegSOF0, jpegSOF2} {
		for _, factors := range [][]byte{{0x11}, {0x11, 0x11, 0x11}, {0x22, 0x11, 0x11}, {0x42, 0x11, 0x11}, {0x22, 0x11, 0x12}, {0x12, 0x31, 0x21}, {0x11, 0x22, 0x11, 0x21}} {
			check(fmt.Sprintf("jpeg %x %x", sof, factors), withCodes(tinyJPEG(sof, w, h, factors, 1)))
		}
	}
	for _, name := range []string{"p3_jpeg.jpg", "cmyk.jpg", "ycck.jpg", "ycck_progressive.jpg", "deep_lzw.tiff", "deep_zip.tiff", "packbits.tiff",
		"straight.tiff", "rgb.webp", "lossy.webp", "alpha_lossy.webp", "straight.webp", "rgb.bmp", "rgb.ppm", "animated.gif", "grey_alpha.png"} {
		check(name, mustRead(t, "testdata/"+name))
	}
}

// And of the kinds that this package's own readers take.
func TestOwnCosts(t *testing.T) {
	const w, h = 700, 500
	check := func(name string, data []byte) {
		t.Helper()
		head, err := readHeader(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n := allocated(func() { _, err = decodeImage(data, head) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		const buffers = 1 << 20 // those of a packer of PNGs
		if n > head.decoding+buffers {
			t.Errorf("%s: decoding allocates %d bytes, the header says %d", name, n, head.decoding)
		}
	}
	zeros := make([]byte, 9*w*h)
	for _, kind := range []string{"P4\n700 500\n", "P5\n700 500\n255\n", "P5\n700 500\n999\n", "P6\n700 500\n255\n", "P6\n700 500\n65535\n",
		"P7\nWIDTH 700\nHEIGHT 500\nDEPTH 4\nMAXVAL 65535\nENDHDR\n", "P7\nWIDTH 700\nHEIGHT 500\nDEPTH 2\nMAXVAL 255\nENDHDR\n"} {
		check(kind, append([]byte(kind), zeros...))
	}
	for _, kind := range []string{"P1\n700 500\n", "P2\n700 500\n255\n", "P3\n700 500\n65535\n"} {
		check(kind, append([]byte(kind), bytes.Repeat([]byte("1 "), 3*w*h)...))
	}
	for _, depth := range []uint16{1, 4, 8, 16, 24, 32} {
		bmp := bmpFile(40, h, depth, 0, make([]byte, 1024), zeros)
		binary.LittleEndian.PutUint32(bmp[18:], w)
		check(fmt.Sprint("bmp ", depth), bmp)
	}
	rle := bmpFile(40, h, 8, 1, make([]byte, 1024), slices.Concat(bytes.Repeat([]byte{255, 1, 255, 2, 190, 3, 0, 0}, h), []byte{0, 1}))
	binary.LittleEndian.PutUint32(rle[18:], w)
	check("bmp RLE", rle)
	for _, depth := range []uint32{8, 16} {
		for photometric, samples := range []uint32{1, 1, 3, 1, 0, 4, 3} {
			for planar := range uint32(2) {
				for _, rows := range []uint32{1, 7, h} {
					if photometric == 4 || photometric == 6 && (depth > 8 || planar > 0) || photometric == 3 && depth > 8 {
						continue
					}
					colours := make([]byte, 3*256*2)
					blocks := (h + rows - 1) / rows * (samples*planar + 1 - planar)
					offsets := bytes.Repeat(binary.LittleEndian.AppendUint32(nil, 4000), int(blocks))
					const tail = 8 + 2 + 11*12 + 4
					entries := []entry{{tagWidth, 4, 1, w}, {tagLength, 4, 1, h}, {tagBitsPerSample, 3, 1, depth}, {tagCompression, 3, 1, 1}, {tagPhotometric, 3, 1, uint32(photometric)},
						{tagStripOffsets, 4, blocks, tail + 1536}, {tagSamples, 3, 1, samples}, {tagRowsPerStrip, 4, 1, rows}, {tagPlanar, 3, 1, planar + 1},
						{tagColourMap, 3, 768, tail}, {tagYCbCrSampling, 3, 2, 1 | 1<<16}}
					if blocks == 1 {
						entries[5].value = 4000
					}
					check(fmt.Sprint("tiff ", depth, photometric, planar, rows), tiffBlock(binary.LittleEndian, entries, 0, slices.Concat(colours, offsets, zeros)...))
				}
			}
		}
	}
	for name, data := range pngKinds(t) {
		check(name, repack(t, data, func(raw []byte) []byte { return packed(append(raw, 1)) }))
	}
}

// Digits take memory by the length of the file, whatever size it claims.
func TestCostOfDigits(t *testing.T) {
	for _, kind := range "123" {
		for _, between := range []string{" ", "\n"} {
			data := fmt.Appendf(nil, "P%c 2 2 %s\n%s", kind, map[bool]string{true: "", false: "65535"}[kind == '1'], strings.Repeat("1"+between, 1<<19))
			head, err := readHeader(data)
			if err != nil {
				t.Fatal(err)
			}
			if n := allocated(func() { _, _ = decodeImage(data, head) }); n > head.decoding+1<<16 {
				t.Errorf("P%c, %q between digits: decoding allocates %d bytes, the header says %d", kind, between, n, head.decoding)
			}
		}
	}
}

// withCodes adds to the scan of a tinyJPEG what its picture needs.
func withCodes(data []byte) []byte {
	return slices.Concat(data[:len(data)-2], make([]byte, 1<<17), data[len(data)-2:])
}

// The budget counts the result, and the message says what would do.
func TestLimit(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1000, 500))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		limit   Limit
		longest int
		want    string
	}{
		{2 << 20, 8, ""}, {1 << 18, 8, "the png header says 1000 x 500 pixels, which take 1 MiB to decode"}, {1 << 20, 0, "ask for "}, {8 << 20, 0, ""},
		{16 << 20, 4000, "the limit is 16 MiB; ask for "}, {0, 4000, ""}, {-1, 4000, ""}, {0, 20000, "the limit is 1024 MiB; ask for "},
		{1 << 30, maxSide + 1, "a side may have"},
	} {
		_, _, err := c.limit.Decode(b.Bytes(), c.longest)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("limit %d, longest side %d: %v, want %q", c.limit, c.longest, err, c.want)
		}
	}
}
