package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// hostilePictures returns pictures that are made to cost memory or time, or to end in a
// stack trace, by kind and by name. The names have the extensions of the formats.
func hostilePictures() map[string]map[string][]byte {
	return map[string]map[string][]byte{
		"directories": hostileDirectories(),
		"chunks":      hostileChunks(),
		"sizes":       hostileSizes(),
		"WebP":        hostileWebPs(),
		"scans":       hostileScans(),
		"maxval":      hostileMaxvals(),
		"frames":      hostileFrames(),
	}
}

var (
	be16, be32 = binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	le16, le32 = binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
)

func pngFile(chunks ...[]byte) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n"), slices.Concat(chunks...)...)
}

func pngChunk(kind string, data []byte) []byte {
	body := append([]byte(kind), data...)
	return be32(append(be32(nil, uint32(len(data))), body...), crc32.ChecksumIEEE(body))
}

func pngHeader(w, h uint32, depth, colours, interlace byte) []byte {
	return pngChunk("IHDR", append(be32(be32(nil, w), h), depth, colours, 0, 0, interlace))
}

// greyPNG is a picture of 40 x 30 pixels with chunks before its pixels.
func greyPNG(chunks ...[]byte) []byte {
	return pngFile(pngHeader(40, 30, 8, 0, 0), slices.Concat(chunks...), pngChunk("IDAT", zlibbed(nil, 41*30)), pngChunk("IEND", nil))
}

// zlibbed returns a text and zeros, compressed.
func zlibbed(text []byte, zeros int) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(text)
	for block := make([]byte, 1<<20); zeros > 0; zeros -= len(block) {
		_, _ = w.Write(block[:min(zeros, len(block))])
	}
	_ = w.Close()
	return b.Bytes()
}

func riffChunk(kind string, data []byte) []byte {
	return append(le32([]byte(kind), uint32(len(data))), append(data, make([]byte, len(data)%2)...)...)
}

func webPFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), slices.Concat(chunks...)...)
	return append(le32([]byte("RIFF"), uint32(len(body))), body...)
}

func jpegSegment(marker byte, data []byte) []byte {
	return append(be16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// greyJPEG is a picture with segments before it, of scans that say nothing.
func greyJPEG(sof byte, w, h uint16, scans int, segments ...[]byte) []byte {
	frame := append(be16(be16([]byte{8}, h), w), 1, 1, 0x11, 0)
	last := byte(63)
	if sof == 0xc2 {
		last = 0
	}
	codes := append([]byte{1}, make([]byte, 16)...) // one of one bit, for the value 0
	return slices.Concat([]byte{0xff, 0xd8}, slices.Concat(segments...),
		jpegSegment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)), jpegSegment(sof, frame),
		jpegSegment(0xc4, append(append([]byte{0}, codes...), append([]byte{0x10}, codes...)...)),
		bytes.Repeat(append(jpegSegment(0xda, []byte{1, 1, 0, 0, last, 0}), make([]byte, 64)...), scans), []byte{0xff, 0xd9})
}

// hostileDirectories are blocks of EXIF that lead in circles or out of the file.
func hostileDirectories() map[string][]byte {
	files := make(map[string][]byte)
	for order, head := range map[binary.AppendByteOrder]string{binary.LittleEndian: "II*\x00", binary.BigEndian: "MM\x00*"} {
		block := func(next uint32, entries ...[4]uint32) []byte {
			out := order.AppendUint16(order.AppendUint32([]byte(head), 8), uint16(len(entries)))
			for _, e := range entries { // tag, type, count, value
				out = order.AppendUint16(order.AppendUint16(out, uint16(e[0])), uint16(e[1]))
				out = order.AppendUint32(order.AppendUint32(out, e[2]), e[3])
			}
			return order.AppendUint32(out, next)
		}
		two := append(block(26, [4]uint32{0x8769, 4, 1, 26}), block(8, [4]uint32{0x8825, 4, 1, 8})[8:]...)
		many := block(0, slices.Repeat([][4]uint32{{0x8769, 4, 1, 8}}, 4000)...)
		for name, exif := range map[string][]byte{
			"itself":   block(8),
			"each":     two,
			"sub":      block(0, [4]uint32{0x8769, 4, 1, 8}),
			"position": block(8, [4]uint32{0x8825, 4, 1, 8}),
			"thousand": block(0, [4]uint32{0x14a, 4, 1 << 30, 8}),
			"outside":  block(1<<32-2, [4]uint32{0x8769, 4, 1, 1<<32 - 1}),
			"count":    block(0, [4]uint32{0x112, 3, 1<<32 - 1, 8}, [4]uint32{0x10e, 2, 1<<32 - 1, 8}),
			"many":     many,
		} {
			name += strings.TrimRight(head, "*\x00")
			files[name+".png"] = greyPNG(pngChunk("eXIf", exif))
			files[name+".jpg"] = greyJPEG(0xc0, 40, 30, 1, jpegSegment(0xe1, append([]byte("Exif\x00\x00"), exif...)))
			files[name+".webp"] = webPFile(riffChunk("VP8X", append([]byte{8, 0, 0, 0}, 39, 0, 0, 29, 0, 0)), riffChunk("EXIF", exif), riffChunk("VP8L", tinyVP8L(40, 30)))
			files[name+".tif"] = exif
		}
	}
	return files
}

// hostileChunks are chunks that are short, and long once they are unpacked.
func hostileChunks() map[string][]byte {
	files := make(map[string][]byte)
	bomb := zlibbed(nil, 256<<20)
	for name, head := range map[string]string{
		"iCCP": "name\x00\x00", "zTXt": "XML:com.adobe.xmp\x00\x00", "iTXt": "XML:com.adobe.xmp\x00\x01\x00\x00\x00", "zTXt own": "brushgrad\x00\x00",
		"iTXt own": "brushgrad\x00\x01\x00\x00\x00", "iCCP unnamed": "\x00\x00", "zTXt exif": "Raw profile type exif\x00\x00",
	} {
		kind := name[:4]
		chunk := pngChunk(kind, append([]byte(head), bomb...))
		files[name+".png"] = greyPNG(chunk)
		files[name+" cut.png"] = greyPNG(pngChunk(kind, append([]byte(head), bomb[:len(bomb)/2]...)))
		files[name+" thrice.png"] = greyPNG(chunk, chunk, chunk)
	}
	files["one of two profiles.png"] = greyPNG(pngChunk("iCCP", []byte("a\x00\x00x")), pngChunk("iCCP", append([]byte("b\x00\x00"), bomb...)))
	files["length.png"] = append(greyPNG()[:33], "\x7f\xff\xff\xffiCCPname\x00\x00"...)
	files["many.png"] = greyPNG(bytes.Repeat(pngChunk("tEXt", []byte("a\x00b")), 100000))
	part := func(n, total byte) []byte {
		return jpegSegment(0xe2, append([]byte("ICC_PROFILE\x00"), append([]byte{n, total}, make([]byte, 65000)...)...))
	}
	var parts []byte
	for n := range 255 {
		parts = append(parts, part(byte(n+1), 255)...)
	}
	files["parts.jpg"] = greyJPEG(0xc0, 40, 30, 1, parts)
	files["one part.jpg"] = greyJPEG(0xc0, 40, 30, 1, bytes.Repeat(part(1, 255), 200))
	return files
}

// hostileSizes are pictures of hardly any bytes, and of as many pixels as that allows or more.
func hostileSizes() map[string][]byte {
	files := make(map[string][]byte)
	zeros := zlibbed(nil, 1<<20)
	for _, s := range [][2]uint32{{1 << 27, 1}, {1, 1 << 27}, {1<<31 - 1, 1}, {1<<32 - 1, 1<<32 - 1}, {1 << 16, 1 << 16}, {11584, 11584}, {100000, 3}, {0, 5}, {20000, 20000}} {
		for _, colours := range []byte{0, 2, 3, 4, 6} {
			for _, depth := range []byte{8, 16} {
				files[fmt.Sprintf("%d x %d, %d, %d.png", s[0], s[1], colours, depth)] = pngFile(pngHeader(s[0], s[1], depth, colours, colours%4/2),
					pngChunk("PLTE", []byte{1, 2, 3}), pngChunk("IDAT", zeros), pngChunk("IEND", nil))
			}
		}
		w, h := uint16(s[0]), uint16(s[1])
		files[fmt.Sprintf("%d x %d.jpg", s[0], s[1])] = greyJPEG(0xc2, w, h, 1)
		files[fmt.Sprintf("%d x %d.gif", s[0], s[1])] = append(le16(le16([]byte("GIF89a"), w), h), "\x80\x00\x00\x00\x00\x00\x09\x09\x09,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01\x00;"...)
		files[fmt.Sprintf("%d x %d.ppm", s[0], s[1])] = fmt.Appendf(nil, "P6 %d %d 255\nabc", s[0], s[1])
		bmp := le32(le32(le32(le32([]byte("BM"), 1000), 0), 54), 40)
		files[fmt.Sprintf("%d x %d.bmp", s[0], s[1])] = append(le32(le16(le16(le32(le32(bmp, s[0]), s[1]), 1), 32), 0), make([]byte, 500)...)
	}
	// Pixels that are there: a result of few is made of many.
	row := make([]byte, 1+4*8000)
	files["64 million that are there.png"] = pngFile(pngHeader(8000, 8000, 8, 6, 0), pngChunk("IDAT", zlibbed(nil, 8000*len(row))), pngChunk("IEND", nil))
	return files
}

// tinyVP8L returns the header of a lossless WebP and next to no pixels.
func tinyVP8L(w, h uint32) []byte {
	bits := le32([]byte{0x2f}, (w-1)&0x3fff|(h-1)&0x3fff<<14)
	return append(bits, 0x88, 0x88, 0x08, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 0x8c, 3, 0, 0, 0, 0, 0)
}

func hostileWebPs() map[string][]byte {
	files := make(map[string][]byte)
	for _, s := range [][2]uint32{{16383, 8192}, {16384, 16384}, {1, 16384}, {16384, 1}, {4000, 4000}, {1 << 24, 1 << 24}} {
		canvas := append(le32([]byte{0x10, 0, 0, 0}, s[0]-1)[:7], le32(nil, s[1]-1)[:3]...)
		lossless := tinyVP8L(s[0], s[1])
		lossy := append(append(le16(le16([]byte{0x10, 0, 0, 0x9d, 1, 0x2a}, uint16(s[0]&0x3fff)), uint16(s[1]&0x3fff)), make([]byte, 300)...), 0)
		size := fmt.Sprint(s[0], "x", s[1])
		files[size+" lossless.webp"] = webPFile(riffChunk("VP8L", lossless))
		files[size+" lossy.webp"] = webPFile(riffChunk("VP8 ", lossy))
		files[size+" canvas.webp"] = webPFile(riffChunk("VP8X", canvas), riffChunk("VP8L", lossless))
		files[size+" alpha.webp"] = webPFile(riffChunk("VP8X", canvas), riffChunk("ALPH", append([]byte{1}, lossless[5:]...)), riffChunk("VP8 ", lossy))
		files[size+" length.webp"] = webPFile(riffChunk("VP8X", canvas), le32([]byte("ALPH"), 1<<32-2), lossless)
		files[size+" animated.webp"] = webPFile(riffChunk("VP8X", append([]byte{2}, canvas[1:]...)), riffChunk("ANIM", make([]byte, 6)), riffChunk("ANMF", make([]byte, 100)))
	}
	return files
}

// hostileScans are JPEGs of more scans than anybody makes, or of larger ones.
func hostileScans() map[string][]byte {
	files := make(map[string][]byte)
	for _, scans := range []int{2, 60, 500, 501, 5000, 50000} {
		for _, s := range [][2]uint16{{16, 16}, {1000, 1000}, {16429, 2093}, {65535, 1024}, {1024, 65535}} {
			for _, sof := range []byte{0xc0, 0xc2} {
				files[fmt.Sprintf("%d of %dx%d, %x.jpg", scans, s[0], s[1], sof)] = greyJPEG(sof, s[0], s[1], scans)
			}
		}
	}
	return files
}

func hostileMaxvals() map[string][]byte {
	files := make(map[string][]byte)
	for i, maxval := range []string{"0", "00", "-1", "65536", "4294967296", "18446744073709551616", "", "x", "1.5", "1\x1b[2J", "\x1b]0;title\x07", "\x00", "#", "\xff",
		strings.Repeat("9", 1<<16), strings.Repeat("0", 1<<16), strings.Repeat("\n", 1<<16), strings.Repeat("# comment\n", 1<<12)} {
		for _, kind := range []string{"P2.pgm", "P3.ppm", "P5.pgm", "P6.ppm"} {
			files[fmt.Sprint(i, " ", kind)] = fmt.Appendf(nil, "%s\n2 2\n%s\n1 2 3 4 5 6 7 8 9 10 11 12", kind[:2], maxval)
		}
		files[fmt.Sprint(i, " P7.pam")] = fmt.Appendf(nil, "P7\nWIDTH 2\nHEIGHT 2\nDEPTH 3\nMAXVAL %s\nTUPLTYPE RGB\nENDHDR\n1 2 3 4 5 6 7 8 9 10 11 12", maxval)
	}
	return files
}

// hostileFrames are GIFs of which the first frame is not the canvas.
func hostileFrames() map[string][]byte {
	files := make(map[string][]byte)
	for _, canvas := range [][2]uint16{{100, 80}, {0, 0}, {65535, 65535}, {1, 1}} {
		for _, frame := range [][4]uint16{{10, 10, 50, 40}, {0, 0, 0, 0}, {99, 79, 1, 1}, {65535, 65535, 65535, 65535}, {90, 70, 50, 40}, {0, 0, 65535, 65535}} {
			data := append(le16(le16([]byte("GIF89a"), canvas[0]), canvas[1]), 0x80, 0, 0, 0, 0, 0, 9, 9, 9, ',')
			for _, v := range frame {
				data = le16(data, v)
			}
			files[fmt.Sprintf("%v in %v.gif", frame, canvas)] = append(data, 0, 2, 2, 0x44, 1, 0, ';')
		}
	}
	return files
}
