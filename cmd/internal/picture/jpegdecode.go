package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
)

// The decoder of the standard library reads most JPEGs. This one reads others, by ITU-T
// T.81: sequential and progressive, Huffman-coded, 8 bits, with any factors of sampling.

// A jpegPicture is a frame, and the tables as far as they have been read.
type jpegPicture struct {
	data        []byte
	w, h        int
	progressive bool
	components  []jpegComponent
	maxH, maxV  int
	adobe       int // transform of Adobe's marker, -1 without it
	jfif        bool

	quant   [4]*[64]uint16
	huffman [2][4]*jpegHuffman // of DC and of AC coefficients
	restart int                // MCUs between restart markers, 0 for none
}

type jpegComponent struct {
	id, quant byte
	h, v      int // factors of sampling
	across    int // blocks, in whole MCUs
	down      int
	width     int // samples in its own resolution
	height    int
	coef      []int16 // 64 a block, in zigzag order
	table     *[64]uint16
	pix       []byte
	dc        int // of the last block
}

// jpegKinds are frames that are not read, by marker.
var jpegKinds = map[byte]string{
	0xc3: "is lossless", 0xc5: "is hierarchical", 0xc6: "is hierarchical", 0xc7: "is hierarchical and lossless",
	0xc9: "is coded arithmetically", 0xca: "is coded arithmetically", 0xcb: "is coded arithmetically and lossless",
	0xcd: "is coded arithmetically", 0xce: "is coded arithmetically", 0xcf: "is coded arithmetically",
	0xf7: "is a JPEG-LS",
}

// checkJPEG fails if a JPEG is of a kind that is not read.
func checkJPEG(data []byte) error {
	unread := func(what string) error {
		return refusal("this JPEG " + what + ", which is not read: save it anew as JPEG or PNG with an image editor")
	}
	for marker, segment := range jpegSegments(data) {
		if kind := jpegKinds[marker]; kind != "" {
			return unread(kind)
		}
		if marker < jpegSOF0 || marker > jpegSOF2 || len(segment) < 6 {
			continue
		}
		switch n := segment[5]; {
		case segment[0] != 8:
			return unread(fmt.Sprintf("has %d bits a channel", segment[0]))
		case n != 1 && n != 3 && n != 4:
			return unread(fmt.Sprintf("has %d channels", n))
		case segment[1] == 0 && segment[2] == 0:
			return unread("does not say how high it is")
		}
		return nil
	}
	return nil
}

// parseJPEG reads the frame header.
func parseJPEG(data []byte) (*jpegPicture, error) {
	if err := checkJPEG(data); err != nil {
		return nil, err
	}
	j := &jpegPicture{data: data[:len(data):len(data)], adobe: -1}
	for marker, segment := range jpegSegments(data) {
		switch {
		case marker == jpegAPP0 && len(segment) >= 5 && string(segment[:5]) == "JFIF\x00":
			j.jfif = true
		case marker == jpegAPPE && len(segment) >= 12 && string(segment[:5]) == "Adobe":
			j.adobe = int(segment[11])
		case marker >= jpegSOF0 && marker <= jpegSOF2:
			j.progressive = marker == jpegSOF2
			return j, j.setFrame(segment)
		case marker == jpegSOS:
			return nil, errJPEGFrame
		}
	}
	return nil, errJPEGFrame
}

var errJPEGFrame = errors.New("the frame header is missing or damaged")

func (j *jpegPicture) setFrame(frame []byte) error {
	if len(frame) < 6 || len(frame) != 6+3*int(frame[5]) {
		return errJPEGFrame
	}
	j.h, j.w = int(binary.BigEndian.Uint16(frame[1:])), int(binary.BigEndian.Uint16(frame[3:]))
	for i := range int(frame[5]) {
		f := frame[6+3*i:]
		c := jpegComponent{id: f[0], h: int(f[1] >> 4), v: int(f[1] & 15), quant: f[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quant > 3 {
			return errJPEGFrame
		}
		if frame[5] == 1 {
			c.h, c.v = 1, 1 // nothing to compare them with (section A.2.2)
		}
		j.components = append(j.components, c)
		j.maxH, j.maxV = max(j.maxH, c.h), max(j.maxV, c.v)
	}
	mcusAcross, mcusDown := j.mcus()
	for i := range j.components {
		c := &j.components[i]
		c.across, c.down = mcusAcross*c.h, mcusDown*c.v
		c.width, c.height = (j.w*c.h+j.maxH-1)/j.maxH, (j.h*c.v+j.maxV-1)/j.maxV
	}
	return nil
}

// mcus returns the MCUs of an interleaved scan.
func (j *jpegPicture) mcus() (across, down int) {
	return (j.w + 8*j.maxH - 1) / (8 * j.maxH), (j.h + 8*j.maxV - 1) / (8 * j.maxV)
}

// cost returns the bytes that decode takes, its result included, and those of the result.
func (j *jpegPicture) cost() (decoding, result int64) {
	for _, c := range j.components {
		decoding += 3 * 64 * int64(c.across) * int64(c.down)
	}
	each := map[int]int64{1: 1, 3: 4, 4: 4}[len(j.components)]
	result = each * int64(j.w) * int64(j.h)
	return decoding + result, result
}

// sample returns the sample of component c for a pixel, the nearest where it has a lower
// resolution.
func (j *jpegPicture) sample(c, x, y int) byte {
	p := &j.components[c]
	return p.pix[y*p.v/j.maxV*8*p.across+x*p.h/j.maxH]
}

// decode returns the picture. Its four inks are as Decode's are, 255 for all of an ink.
func (j *jpegPicture) decode() (image.Image, error) {
	var scanned int64
	if err := j.decodeScans(&scanned); err != nil {
		return nil, err
	}
	rect := image.Rect(0, 0, j.w, j.h)
	switch len(j.components) {
	case 1:
		m := image.NewGray(rect)
		for y := range j.h {
			copy(m.Pix[y*m.Stride:][:j.w], j.components[0].pix[y*8*j.components[0].across:])
		}
		return m, nil
	case 3:
		ids := string([]byte{j.components[0].id, j.components[1].id, j.components[2].id})
		// As libjpeg decides.
		ycc := j.jfif || j.adobe > 0 || j.adobe < 0 && ids != "RGB"
		m := image.NewNRGBA(rect)
		for y := range j.h {
			for x := range j.w {
				p := m.Pix[y*m.Stride+4*x:][:4]
				p[0], p[1], p[2], p[3] = j.sample(0, x, y), j.sample(1, x, y), j.sample(2, x, y), 255
				if ycc {
					p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2])
				}
			}
		}
		return m, nil
	}
	m := image.NewCMYK(rect)
	for y := range j.h {
		for x := range j.w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			for c := range p {
				p[c] = j.sample(c, x, y)
			}
			// Inks are stored inverted, as Adobe's programs do, also without Adobe's marker.
			if j.adobe == 2 { // as colours, which are inverted inks
				p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2])
				p[3] = 255 - p[3]
				continue
			}
			for c := range p {
				p[c] = 255 - p[c]
			}
		}
	}
	return m, nil
}

// A jpegHuffman is a table of codes (section C.2). A code of n bits is in use if it is
// less than end[n]; its value is at offset[n] + code.
type jpegHuffman struct {
	end    [17]int
	offset [17]int
	values []byte
	fast   [256]uint16 // by the next 8 bits: length << 8 | value, 0 for longer codes
}

func newJPEGHuffman(counts, values []byte) (*jpegHuffman, error) {
	h := &jpegHuffman{values: values}
	code, at := 0, 0
	for n := 1; n <= 16; n++ {
		count := int(counts[n-1])
		h.offset[n] = at - code
		for range count {
			if code >= 1<<n || at >= len(values) {
				return nil, errors.New("a Huffman table is damaged")
			}
			if n <= 8 {
				for i := range 1 << (8 - n) {
					h.fast[code<<(8-n)|i] = uint16(n<<8) | uint16(values[at])
				}
			}
			code++
			at++
		}
		h.end[n] = code
		code <<= 1
	}
	return h, nil
}

// jpegBits reads the bits of a scan, up to a marker.
type jpegBits struct {
	data []byte
	acc  uint32
	n    int
	over int // bits beyond the end, which are 0
}

func (b *jpegBits) fill() {
	for b.n <= 24 {
		var v byte
		switch {
		case len(b.data) == 0, b.data[0] == 0xff && (len(b.data) < 2 || b.data[1] != 0):
			b.over += 8
		case b.data[0] == 0xff:
			v, b.data = 0xff, b.data[2:]
		default:
			v, b.data = b.data[0], b.data[1:]
		}
		b.acc |= uint32(v) << (24 - b.n)
		b.n += 8
	}
}

// bits returns the next n bits, at most 16.
func (b *jpegBits) bits(n int) int {
	if n == 0 {
		return 0
	}
	if b.n < n {
		b.fill()
	}
	v := int(b.acc >> (32 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// exhausted reports whether bits were read that are not there.
func (b *jpegBits) exhausted() bool { return b.over > b.n }

// extend returns the next n bits as a number with a sign (section F.2.2.1).
func (b *jpegBits) extend(n int) int {
	v := b.bits(n)
	if n > 0 && v < 1<<(n-1) {
		return v - 1<<n + 1
	}
	return v
}

// value returns the value of the next code.
func (b *jpegBits) value(h *jpegHuffman) (int, error) {
	if b.n < 16 {
		b.fill()
	}
	if f := h.fast[b.acc>>24]; f != 0 {
		n := int(f >> 8)
		b.acc <<= n
		b.n -= n
		return int(f & 0xff), nil
	}
	for n := 9; n <= 16; n++ {
		if code := int(b.acc >> (32 - n)); code < h.end[n] && h.offset[n]+code < len(h.values) && h.offset[n]+code >= 0 {
			b.acc <<= n
			b.n -= n
			return int(h.values[h.offset[n]+code]), nil
		}
	}
	return 0, errors.New("a Huffman code is not in its table")
}

// decodeScans reads all scans and turns them into samples. scanned counts the samples
// that scans have gone over, which are limited.
func (j *jpegPicture) decodeScans(scanned *int64) error {
	for i := range j.components {
		c := &j.components[i]
		c.coef = make([]int16, 64*c.across*c.down)
		c.pix = make([]byte, 64*c.across*c.down)
	}
	scans := 0
	for marker, segment := range jpegSegments(j.data) {
		var err error
		switch marker {
		case jpegDHT:
			err = j.setHuffman(segment)
		case jpegDQT:
			err = j.setQuant(segment)
		case jpegDRI:
			if len(segment) < 2 {
				return errors.New("the restart interval is damaged")
			}
			j.restart = int(binary.BigEndian.Uint16(segment))
		case jpegSOS:
			if scans++; scans > maxScans {
				return fmt.Errorf("the JPEG has more than %d scans", maxScans)
			}
			err = j.scan(segment, j.data[len(j.data)-cap(segment)+len(segment):], scanned)
		}
		if err != nil {
			return err
		}
	}
	if scans == 0 {
		return errors.New("the JPEG has no pixels")
	}
	for i := range j.components {
		c := &j.components[i]
		if c.table == nil {
			return errors.New("a channel has no pixels")
		}
		c.transform()
	}
	return nil
}

func (j *jpegPicture) setHuffman(segment []byte) (err error) {
	for len(segment) >= 17 {
		class, id := segment[0]>>4, segment[0]&15
		n := 0
		for _, count := range segment[1:17] {
			n += int(count)
		}
		if class > 1 || id > 3 || len(segment) < 17+n {
			return errors.New("a Huffman table is damaged")
		}
		if j.huffman[class][id], err = newJPEGHuffman(segment[1:17], segment[17:17+n]); err != nil {
			return err
		}
		segment = segment[17+n:]
	}
	return nil
}

func (j *jpegPicture) setQuant(segment []byte) error {
	for len(segment) > 0 {
		size, id := 1+int(segment[0]>>4), segment[0]&15
		if size > 2 || id > 3 || len(segment) < 1+64*size {
			return errors.New("a quantization table is damaged")
		}
		var t [64]uint16
		for i := range t {
			if size == 1 {
				t[i] = uint16(segment[1+i])
			} else {
				t[i] = binary.BigEndian.Uint16(segment[1+2*i:])
			}
		}
		j.quant[id] = &t
		segment = segment[1+64*size:]
	}
	return nil
}

// A jpegScan is the state of a scan.
type jpegScan struct {
	jpegBits
	from, to  int // coefficients
	high, low int // bits: of the scan before, 0 for the first, and of this one
	dc, ac    [4]*jpegHuffman
	eobRun    int // blocks that have no more coefficients
}

// scan reads a scan, whose header is given, and what follows it.
func (j *jpegPicture) scan(header, data []byte, scanned *int64) error {
	damaged := errors.New("the header of a scan is damaged")
	if len(header) < 1 || header[0] < 1 || header[0] > 4 || len(header) < 4+2*int(header[0]) {
		return damaged
	}
	n := int(header[0])
	last := header[1+2*n:]
	s := &jpegScan{from: int(last[0]), to: int(last[1]), high: int(last[2] >> 4), low: int(last[2] & 15)}
	if !j.progressive {
		s.from, s.to, s.high, s.low = 0, 63, 0, 0
	}
	if s.to > 63 || s.from > s.to || s.low > 13 || j.progressive && s.from == 0 && s.to > 0 || s.from > 0 && n > 1 {
		return damaged
	}
	var parts []*jpegComponent
	units := 0
	for i := range n {
		var c *jpegComponent
		for k := range j.components {
			if j.components[k].id == header[1+2*i] {
				c = &j.components[k]
			}
		}
		tables := header[2+2*i]
		if c == nil || tables>>4 > 3 || tables&15 > 3 {
			return damaged
		}
		for _, other := range parts {
			if other == c {
				return damaged
			}
		}
		if c.table == nil { // the table counts that is there at the first scan
			if c.table = j.quant[c.quant]; c.table == nil {
				return errors.New("a quantization table is missing")
			}
		}
		s.dc[i], s.ac[i] = j.huffman[0][tables>>4], j.huffman[1][tables&15]
		if s.from == 0 && s.high == 0 && s.dc[i] == nil || s.to > 0 && s.ac[i] == nil {
			return errors.New("a Huffman table is missing")
		}
		units += c.h * c.v
		*scanned += int64(len(c.coef))
		parts = append(parts, c)
	}
	if *scanned > maxScanSamples {
		return fmt.Errorf("the scans go over more than %d million samples", maxScanSamples/1000000)
	}
	if n > 1 && units > 10 {
		return damaged
	}
	s.data = data
	across, down := j.mcus()
	if n == 1 { // then an MCU is a block, and those beyond the edge are left out
		across, down = (parts[0].width+7)/8, (parts[0].height+7)/8
	}
	for mcu := range across * down {
		if j.restart > 0 && mcu > 0 && mcu%j.restart == 0 {
			if err := s.resume(); err != nil {
				return err
			}
			for _, c := range parts {
				c.dc = 0
			}
		}
		for i, c := range parts {
			if mcu == 0 {
				c.dc = 0
			}
			h, v := c.h, c.v
			if n == 1 {
				h, v = 1, 1
			}
			for k := range h * v {
				x, y := mcu%across*h+k%h, mcu/across*v+k/h
				if err := s.block(c, c.coef[64*(y*c.across+x):][:64], i, j.progressive); err != nil {
					return err
				}
			}
		}
		if s.exhausted() {
			return errors.New("pixels are missing")
		}
	}
	return nil
}

// resume goes on after a restart marker.
func (s *jpegScan) resume() error {
	s.acc, s.n, s.over, s.eobRun = 0, 0, 0, 0
	for len(s.data) >= 2 && s.data[0] == 0xff && s.data[1] == 0xff {
		s.data = s.data[1:]
	}
	if len(s.data) < 2 || s.data[0] != 0xff || s.data[1] < jpegRST0 || s.data[1] >= jpegSOI {
		return errors.New("a restart marker is missing")
	}
	s.data = s.data[2:]
	return nil
}

// block reads what the scan says of a block.
func (s *jpegScan) block(c *jpegComponent, coef []int16, i int, progressive bool) error {
	k := s.from
	if k == 0 {
		if s.high > 0 {
			coef[0] |= int16(s.bits(1) << s.low)
		} else {
			n, err := s.value(s.dc[i])
			if err != nil {
				return err
			}
			if n > 16 {
				return errors.New("a coefficient is too large")
			}
			c.dc += s.extend(n)
			coef[0] = int16(c.dc << s.low)
		}
		k = 1
	}
	switch {
	case s.to == 0:
		return nil
	case s.high > 0:
		return s.refine(coef, k, s.ac[i])
	case s.eobRun > 0:
		s.eobRun--
		return nil
	}
	for k <= s.to {
		v, err := s.value(s.ac[i])
		if err != nil {
			return err
		}
		run, n := v>>4, v&15
		switch {
		case n > 0:
			if k += run; k > s.to {
				return errors.New("a run of coefficients is too long")
			}
			coef[k] = int16(s.extend(n) << s.low)
			k++
		case run == 15:
			k += 16
		case progressive:
			s.eobRun = 1<<run + s.bits(run) - 1
			return nil
		default:
			return nil
		}
	}
	return nil
}

// refine reads one more bit of coefficients (section G.1.2.3).
func (s *jpegScan) refine(coef []int16, k int, h *jpegHuffman) error {
	bit := int16(1) << s.low
	// adjust adds the bit to what is not zero, and passes over n zeros; it stops at the next.
	adjust := func(n int) {
		for ; k <= s.to; k++ {
			switch {
			case coef[k] != 0:
				if s.bits(1) == 1 && coef[k]&bit == 0 {
					if coef[k] > 0 {
						coef[k] += bit
					} else {
						coef[k] -= bit
					}
				}
			case n == 0:
				return
			default:
				n--
			}
		}
	}
	for k <= s.to && s.eobRun == 0 {
		v, err := s.value(h)
		if err != nil {
			return err
		}
		run, n := v>>4, v&15
		var fresh int16
		switch {
		case n == 0 && run < 15:
			s.eobRun = 1<<run + s.bits(run)
			continue
		case n == 1:
			if fresh = -bit; s.bits(1) == 1 {
				fresh = bit
			}
		case n > 1:
			return errors.New("a coefficient is refined by more than a bit")
		}
		adjust(run)
		if k <= s.to {
			coef[k] = fresh // 0 after a run of 16 zeros, of which this is the last
			k++
		}
	}
	if s.eobRun > 0 {
		adjust(len(coef))
		s.eobRun--
	}
	return nil
}

// jpegZigzag is the place, row by row, of each coefficient (section A.3.6).
var jpegZigzag = func() (places [64]int) {
	x, y := 0, 0
	for i := range places {
		places[i] = y*8 + x
		switch up := (x+y)%2 == 0; {
		case up && x == 7, !up && x == 0 && y < 7:
			y++
		case up && y == 0, !up && y == 7:
			x++
		case up:
			x, y = x+1, y-1
		default:
			x, y = x-1, y+1
		}
	}
	return places
}()

// jpegCosines[u][x] is C(u)/2 cos((2x+1) u pi/16), of which the product of two is a
// function of the inverse transform (section A.3.3).
var jpegCosines = func() (t [8][8]float32) {
	for u := range t {
		for x := range t[u] {
			t[u][x] = float32(math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) / 2)
			if u == 0 {
				t[u][x] = float32(math.Sqrt2 / 4)
			}
		}
	}
	return t
}()

// transform turns coefficients into samples, and frees them.
func (c *jpegComponent) transform() {
	for by := range c.down {
		for bx := range c.across {
			coef := c.coef[64*(by*c.across+bx):][:64]
			var rows [8][8]float32 // v, x
			var used [8]bool
			for k, v := range coef {
				if v == 0 {
					continue
				}
				place := jpegZigzag[k]
				f := float32(int(v) * int(c.table[k]))
				used[place/8] = true
				for x, cosine := range jpegCosines[place%8] {
					rows[place/8][x] += f * cosine
				}
			}
			for y := range 8 {
				var sum [8]float32
				for v := range rows {
					if used[v] {
						for x, f := range rows[v] {
							sum[x] += f * jpegCosines[v][y]
						}
					}
				}
				to := c.pix[(by*8+y)*8*c.across+bx*8:][:8]
				for x, f := range sum {
					to[x] = byteOf(f + 128)
				}
			}
		}
	}
	c.coef = nil
}
