package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image/color"
	"iter"
	"slices"
)

// TIFF 6.0 (1992), its supplements for Photoshop (2002), and BigTIFF, whose offsets have
// 64 bits. The first directory is read. Strips and tiles are unpacked one by one.

// Tags of TIFF 6.0 besides those of exif.go, of TIFF/EP and DNG.
const (
	tagSubfileType   = 254
	tagPhotometric   = 262
	tagFillOrder     = 266
	tagMake          = 271
	tagStripOffsets  = 273
	tagSamples       = 277
	tagStripCounts   = 279
	tagPlanar        = 284
	tagGroup3Options = 292
	tagPredictor     = 317
	tagColourMap     = 320
	tagTileOffsets   = 324
	tagTileCounts    = 325
	tagSubIFDs       = 330
	tagInkSet        = 332
	tagExtraSamples  = 338
	tagSampleFormat  = 339
	tagJPEGTables    = 347
	tagYCbCrSampling = 530
	tagDNGVersion    = 50706
)

// Values of tagPhotometric.
const (
	photoWhiteIsZero = 0
	photoBlackIsZero = 1
	photoRGB         = 2
	photoPalette     = 3
	photoInks        = 5
	photoYCbCr       = 6
)

// A tiffDirectory is the first directory of a TIFF.
type tiffDirectory struct {
	order  binary.ByteOrder
	fields map[uint16]tiffValue
}

// A tiffValue is the values of an entry.
type tiffValue struct {
	kind uint16
	data []byte
}

// readTIFFDirectory returns the first directory. Of several entries with a tag the first
// counts; one of an unknown type or with values beyond the end is left out.
func readTIFFDirectory(data []byte) (d tiffDirectory, err error) {
	if len(data) < 16 {
		return d, errors.New("the file is cut short")
	}
	d = tiffDirectory{binary.LittleEndian, make(map[uint16]tiffValue)}
	if data[0] == 'M' {
		d.order = binary.BigEndian
	}
	if isBigTIFF(data) && d.order.Uint16(data[4:]) != 8 {
		return d, errors.New("the size of offsets is unknown")
	}
	for tag, v := range d.entries(data) {
		if _, ok := d.fields[tag]; !ok {
			d.fields[tag] = v
		}
	}
	if len(d.fields) == 0 {
		return d, errors.New("the directory is missing")
	}
	return d, nil
}

// isBigTIFF reports whether a TIFF is a BigTIFF.
func isBigTIFF(data []byte) bool { return len(data) >= 16 && (data[2] == '+' || data[3] == '+') }

// entries yields the entries of the first directory, as far as it is whole.
func (d tiffDirectory) entries(data []byte) iter.Seq2[uint16, tiffValue] {
	// Bytes of a count of entries, of an entry, and of a count or offset in it.
	head, size, word := 2, tiffEntry, 4
	if isBigTIFF(data) {
		head, size, word = 8, 20, 8
	}
	number := func(b []byte) uint64 {
		switch len(b) {
		case 2:
			return uint64(d.order.Uint16(b))
		case 4:
			return uint64(d.order.Uint32(b))
		}
		return d.order.Uint64(b)
	}
	return func(yield func(uint16, tiffValue) bool) {
		at := number(data[word : 2*word])
		if at > uint64(len(data)-head) {
			return
		}
		rest := data[int(at)+head:]
		const most = 1 << 16 // as many as a TIFF that is no BigTIFF can have
		for range min(number(data[at:][:head]), uint64(len(rest)/size), most) {
			entry := rest[:size]
			rest = rest[size:]
			v := tiffValue{kind: d.order.Uint16(entry[2:])}
			count, bytes := number(entry[4:4+word]), tiffValueSize(v.kind)
			if bytes == 0 || count > uint64(len(data))/bytes {
				continue
			}
			n := count * bytes
			if n <= uint64(word) {
				v.data = entry[4+word:][:n]
			} else {
				offset := number(entry[4+word:])
				if offset > uint64(len(data)) || n > uint64(len(data))-offset {
					continue
				}
				v.data = data[offset:][:n]
			}
			if !yield(d.order.Uint16(entry), v) {
				return
			}
		}
	}
}

// tiffValueSize returns the bytes of a value of a type, 0 if it is unknown. Types 13, 16, 17
// and 18 are an offset of a directory, in 32 bits, and integers and an offset of 64 bits.
func tiffValueSize(kind uint16) uint64 {
	switch {
	case int(kind) < len(tiffTypeSizes):
		return tiffTypeSizes[kind]
	case kind == 13:
		return 4
	case kind >= 16 && kind <= 18:
		return 8
	}
	return 0
}

func (d tiffDirectory) has(tag uint16) bool { _, ok := d.fields[tag]; return ok }

func (d tiffDirectory) field(tag uint16) tiffValue { return d.fields[tag] }

// count returns how many values a tag has.
func (d tiffDirectory) count(tag uint16) int {
	v, ok := d.fields[tag]
	if !ok {
		return 0
	}
	return len(v.data) / int(tiffValueSize(v.kind))
}

// uint returns value i of a tag, 0 if there is none or it is no unsigned integer.
func (d tiffDirectory) uint(tag uint16, i int) uint64 {
	if i >= d.count(tag) {
		return 0
	}
	switch v := d.fields[tag]; v.kind {
	case 1, 7:
		return uint64(v.data[i])
	case 3:
		return uint64(d.order.Uint16(v.data[2*i:]))
	case 4, 13:
		return uint64(d.order.Uint32(v.data[4*i:]))
	case 16, 18:
		return d.order.Uint64(v.data[8*i:])
	}
	return 0
}

// or returns the first value of a tag, or one that stands for none.
func (d tiffDirectory) or(tag uint16, missing uint64) uint64 {
	if !d.has(tag) {
		return missing
	}
	return d.uint(tag, 0)
}

// A tiffLayout is the layout of a picture in a TIFF.
type tiffLayout struct {
	tiffDirectory
	data         []byte
	w, h         int
	depth        int // bits of a sample
	samples      int // of a pixel
	photometric  uint64
	compression  uint64
	predictor    uint64
	planar       bool // samples are stored in planes
	alpha        int  // which sample is alpha, 0 for none
	multiplied   bool // colours are multiplied by it
	subH, subV   int  // pixels for each difference of colour, 1 unless it is YCbCr
	blockW       int  // of a strip or tile
	blockH       int
	tiled        bool
	offset, size uint16 // tags of the blocks
}

// compressions that are not read, by name.
var tiffCompressions = map[uint64]string{
	6: "JPEG of the old kind", 9: "JBIG", 10: "JBIG", 32766: "NeXT", 32771: "CCITT of the Word kind", 32809: "ThunderScan",
	33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG", 34676: "SGILog", 34677: "SGILog of 24 bits", 34712: "JPEG 2000",
	34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}

// unreadTIFF is the refusal of a kind of TIFF.
func unreadTIFF(what string, args ...any) error {
	return refusal(fmt.Sprintf("this TIFF has "+what+", which is not supported: save it as TIFF with LZW or Deflate and 8 or 16 bits a channel, or as PNG", args...))
}

// parseTIFF reads the layout. It fails unless pictures of this kind are read.
func parseTIFF(data []byte) (p tiffLayout, err error) {
	raw := func(kind string) error {
		return refusal("this is a camera's raw picture (" + kind + "), which is not supported: " + developRaw)
	}
	if len(data) >= 10 && string(data[8:10]) == "CR" {
		return p, raw("CR2")
	}
	d, err := readTIFFDirectory(data)
	if err != nil {
		return p, err
	}
	if kind := rawKind(d); kind != "" {
		return p, raw(kind)
	}
	const most = 1 << 30
	side := func(tag uint16) int { return int(min(d.uint(tag, 0), most)) }
	p = tiffLayout{
		tiffDirectory: d, data: data, w: side(tagWidth), h: side(tagLength), depth: int(min(d.or(tagBitsPerSample, 1), 1000)),
		samples: int(min(d.or(tagSamples, 1), most)), photometric: d.or(tagPhotometric, most), compression: d.or(tagCompression, 1),
		predictor: d.or(tagPredictor, 1), planar: d.uint(tagPlanar, 0) == 2,
		tiled: d.has(tagTileWidth), offset: tagStripOffsets, size: tagStripCounts, subH: 1, subV: 1,
	}
	p.blockW, p.blockH = p.w, int(min(d.or(tagRowsPerStrip, most), uint64(p.h)))
	if p.tiled {
		p.blockW, p.blockH = side(tagTileWidth), side(tagTileLength)
		p.offset, p.size = tagTileOffsets, tagTileCounts
	}
	if p.w <= 0 || p.h <= 0 {
		return p, nil // the caller says so
	}
	if p.samples < 1 || p.samples > 1000 || p.blockW < 1 || p.blockH < 1 {
		return p, errors.New("the samples of a pixel or the size of a strip or tile make no sense")
	}
	if err := p.checkDepth(); err != nil {
		return p, err
	}
	if err := p.checkCompression(); err != nil {
		return p, err
	}
	return p, p.setChannels()
}

func (p *tiffLayout) checkDepth() error {
	for i := range min(p.samples, p.count(tagBitsPerSample)) {
		if int(p.uint(tagBitsPerSample, i)) != p.depth {
			return unreadTIFF("channels of different depths")
		}
	}
	for i := range min(p.samples, p.count(tagSampleFormat)) {
		switch f := p.uint(tagSampleFormat, i); {
		case f == 2:
			return unreadTIFF("signed numbers")
		case f == 3:
			return unreadTIFF("floating-point numbers")
		case f > 4:
			return unreadTIFF("complex numbers")
		}
	}
	switch {
	case slices.Contains([]int{1, 2, 4, 8, 16, 32}, p.depth):
		return nil
	case p.depth > 1 && p.depth < 32:
		return unreadTIFF("%d bits a channel", p.depth)
	}
	return unreadTIFF("more than 32 bits a channel")
}

func (p *tiffLayout) checkCompression() error {
	bilevel := p.depth == 1 && p.samples == 1
	switch p.compression {
	case 0, 1, 5, 8, 32773, 32946:
	case 2:
		return unreadTIFF("the fax compression without marks at the ends of rows")
	case 3, 4:
		if !bilevel {
			return errors.New("fax compression is for black and white only")
		}
		if p.compression == 3 && p.uint(tagGroup3Options, 0)&1 != 0 {
			return unreadTIFF("the two-dimensional fax compression of Group 3")
		}
	case 7:
		if p.depth != 8 {
			return unreadTIFF("a JPEG of %d bits a channel", p.depth)
		}
	default:
		if name := tiffCompressions[p.compression]; name != "" {
			return unreadTIFF("the compression %s", name)
		}
		return unreadTIFF("the unknown compression %d", p.compression)
	}
	switch {
	case p.predictor == 1, p.compression != 5 && p.compression != 8 && p.compression != 32946: // it is for these alone
		p.predictor = 1
	case p.predictor == 2 && p.depth >= 8:
	default:
		return unreadTIFF("predictor %d with %d bits a channel", p.predictor, p.depth)
	}
	return nil
}

// setChannels says what samples mean, and fails unless such colours are read.
func (p *tiffLayout) setChannels() error {
	colours := 0
	switch p.photometric {
	case photoWhiteIsZero, photoBlackIsZero:
		colours = 1
	case photoPalette:
		colours = 1
		if p.depth > 8 || p.count(tagColourMap) < 3<<p.depth {
			return unreadTIFF("a palette that is damaged or has more than 256 colours")
		}
	case photoRGB:
		colours = 3
	case photoInks:
		colours = 4
		if p.or(tagInkSet, 1) != 1 {
			return unreadTIFF("other inks than cyan, magenta, yellow and black")
		}
	case photoYCbCr:
		colours = 3
		switch {
		case p.depth != 8:
			return unreadTIFF("YCbCr colours with %d bits a channel", p.depth)
		case p.planar && p.samples > 1:
			return unreadTIFF("YCbCr colours in planes")
		}
		if p.compression != 7 { // a JPEG has its own
			p.subH, p.subV = 2, 2
			if p.has(tagYCbCrSampling) {
				p.subH, p.subV = int(p.uint(tagYCbCrSampling, 0)), int(p.uint(tagYCbCrSampling, 1))
			}
			ok := []int{1, 2, 4}
			if !slices.Contains(ok, p.subH) || !slices.Contains(ok, p.subV) || p.samples != 3 || p.predictor != 1 && p.subH*p.subV > 1 {
				return unreadTIFF("an unusual sampling of YCbCr colours")
			}
		}
	case 8, 9, 10:
		return unreadTIFF("L*a*b* colours")
	case 32844, 32845:
		return unreadTIFF("LogLuv colours")
	case 1 << 30:
		return errors.New("the photometric interpretation (tag 262) is missing")
	default:
		return unreadTIFF("an unknown kind of colours (%d)", p.photometric)
	}
	if p.samples < colours {
		return fmt.Errorf("%d samples per pixel are too few", p.samples)
	}
	if p.photometric == photoInks || p.photometric == photoYCbCr {
		return nil // further channels are not looked at
	}
	for i := range p.samples - colours { // the first that says so is alpha
		switch p.uint(tagExtraSamples, i) {
		case 1:
			p.alpha, p.multiplied = colours+i, true
			return nil
		case 2:
			p.alpha = colours + i
			return nil
		}
	}
	if !p.has(tagExtraSamples) && p.samples == colours+1 {
		p.alpha = colours // as programs mean it that leave the tag out
	}
	return nil
}

// planes returns how many planes there are, and the samples of a pixel in each.
func (p tiffLayout) planes() (n, samples int) {
	if p.planar && p.samples > 1 {
		return p.samples, 1
	}
	return 1, p.samples
}

// rowBytes returns the bytes of a row of a block, unpacked. Of YCbCr it is one of units,
// each of which stands for subH x subV pixels.
func (p tiffLayout) rowBytes() int64 {
	_, samples := p.planes()
	if p.photometric == photoYCbCr && p.compression != 7 {
		return (int64(p.blockW) + int64(p.subH) - 1) / int64(p.subH) * int64(p.subH*p.subV+2)
	}
	return (int64(p.blockW)*int64(samples)*int64(p.depth) + 7) / 8
}

// rows returns the rows of rowBytes in a block.
func (p tiffLayout) rows() int { return (p.blockH + p.subV - 1) / p.subV }

// model returns the model of the image that decode returns.
func (p tiffLayout) model() color.Model {
	deep := p.depth > 8
	grey := p.photometric == photoWhiteIsZero || p.photometric == photoBlackIsZero
	switch {
	case p.photometric == photoInks:
		return color.CMYKModel
	case p.photometric == photoPalette && p.alpha == 0:
		return p.palette()
	case grey && p.alpha == 0 && deep:
		return color.Gray16Model
	case grey && p.alpha == 0:
		return color.GrayModel
	case p.photometric == photoPalette:
		return color.NRGBAModel
	case p.multiplied && deep:
		return color.RGBA64Model
	case p.multiplied:
		return color.RGBAModel
	case deep:
		return color.NRGBA64Model
	}
	return color.NRGBAModel
}

func (p tiffLayout) palette() color.Palette {
	n := 1 << p.depth
	palette := make(color.Palette, n)
	for i := range palette {
		v := func(c int) uint16 { return uint16(p.uint(tagColourMap, c*n+i)) }
		palette[i] = color.RGBA64{v(0), v(1), v(2), 0xffff}
	}
	return palette
}

// decodingCost returns the bytes that unpacking takes besides the image: for a block, and
// for its decompressor.
func (p tiffLayout) decodingCost() int64 {
	cost := 64<<10 + p.rowBytes()*int64(p.rows())
	switch p.compression {
	case 3, 4:
		cost += 16*int64(p.blockW) + int64(len(p.data))
	case 7:
		_, samples := p.planes()
		const mcu = 32
		cost += int64(len(p.data)) + 3*int64(samples)*int64(p.blockW+mcu)*int64(p.blockH+mcu)
	}
	if p.uint(tagFillOrder, 0) == 2 {
		cost += int64(len(p.data))
	}
	return cost
}

// blocks returns how many strips or tiles a plane has, across and down.
func (p tiffLayout) blocks() (across, down int) {
	return (p.w + p.blockW - 1) / p.blockW, (p.h + p.blockH - 1) / p.blockH
}
