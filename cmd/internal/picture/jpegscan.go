package picture

import (
	"errors"
	"fmt"
)

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
		return fmt.Errorf("the scans cover more than %d million samples", maxScanSamples/1000000)
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
			return errors.New("a coefficient is refined by more than one bit")
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
