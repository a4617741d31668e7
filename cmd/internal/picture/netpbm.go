package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
)

// Netpbm's formats: PBM, PGM, PPM, plain or raw, and PAM (netpbm.sourceforge.net/doc,
// pbm, pgm, ppm, pam). Of several pictures in a file the first is read.

// maxNetpbmHeader is the most bytes of the header, comments included.
const maxNetpbmHeader = 1 << 16

// isNetpbm reports whether data begin as one of these does.
func isNetpbm(data []byte) bool {
	return len(data) >= 3 && data[0] == 'P' && data[1] >= '1' && data[1] <= '7' && (isSpace(data[2]) || data[2] == '#')
}

// A netpbm is what a header says.
type netpbm struct {
	kind     byte // '1' to '7'
	w, h     int
	channels int // 1 to 4; 2 and 4 have alpha
	maxval   int // of a sample
	inverted bool
	raster   []byte // what follows the header
}

// deep reports whether samples need 16 bits: those of a PBM, and whose fractions are
// whole levels of 0..255, do not.
func (p netpbm) deep() bool { return 255%p.maxval != 0 }

func (p netpbm) alpha() bool { return p.channels%2 == 0 }

// parseNetpbm reads the header.
func parseNetpbm(data []byte) (p netpbm, err error) {
	p = netpbm{kind: data[1], channels: 1, maxval: 1}
	s := &netpbmScanner{data: data[:min(len(data), maxNetpbmHeader)], at: 2}
	if p.kind == '7' {
		err = p.parsePAM(s)
	} else {
		p.w, p.h = s.number(), s.number()
		switch p.kind {
		case '1', '4':
			p.inverted = true // 1 is black
		case '3', '6':
			p.channels = 3
			fallthrough
		default:
			p.maxval = s.number()
		}
		s.delimiter(data)
	}
	switch {
	case err != nil:
		return p, err
	case s.failed:
		return p, errors.New("the header is damaged or cut short: width, height and the largest value (maxval) must be whole numbers in digits")
	case p.maxval < 1 || p.maxval > math.MaxUint16:
		return p, fmt.Errorf("the header says that the largest value (maxval) is %d; it must be 1 to 65535", p.maxval)
	}
	p.raster = data[s.at:]
	// Windows programs end the header with two characters. If the first is taken for the
	// one that must be there, the other would be a sample too much.
	if data[s.at-1] == '\r' && int64(len(p.raster)) == p.rawSize()+1 && p.raster[0] == '\n' && p.kind > '3' {
		p.raster = p.raster[1:]
	}
	return p, nil
}

// parsePAM reads the header lines of a PAM.
func (p *netpbm) parsePAM(s *netpbmScanner) error {
	var kind string
	p.maxval, p.channels = 0, 0
	for {
		switch key := s.word(); key {
		case "WIDTH":
			p.w = s.number()
		case "HEIGHT":
			p.h = s.number()
		case "DEPTH":
			p.channels = s.number()
		case "MAXVAL":
			p.maxval = s.number()
		case "TUPLTYPE":
			kind = s.word()
		case "ENDHDR":
			s.endLine()
			channels, known := map[string]int{"BLACKANDWHITE": 1, "GRAYSCALE": 1, "RGB": 3,
				"BLACKANDWHITE_ALPHA": 2, "GRAYSCALE_ALPHA": 2, "RGB_ALPHA": 4}[kind]
			if p.channels < 1 || p.channels > 4 || kind != "" && !known || known && channels != p.channels {
				return fmt.Errorf("a PAM of the kind %s with %d samples a pixel is not supported; kinds are GRAYSCALE, RGB, BLACKANDWHITE, alone and with _ALPHA",
					foreign(kind), p.channels)
			}
			return nil
		case "":
			s.failed = true
			return nil
		default:
			return fmt.Errorf("the header has a line %s that is not known", foreign(key))
		}
		if s.failed {
			return nil
		}
	}
}

// A netpbmScanner reads the words of a header. A # begins a comment, up to the end of
// the line.
type netpbmScanner struct {
	data   []byte
	at     int
	failed bool
}

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// word returns the next word, "" at the end.
func (s *netpbmScanner) word() string {
	for s.at < len(s.data) && (isSpace(s.data[s.at]) || s.data[s.at] == '#') {
		if s.data[s.at] == '#' {
			s.endLine()
			continue
		}
		s.at++
	}
	start := s.at
	for s.at < len(s.data) && !isSpace(s.data[s.at]) && s.data[s.at] != '#' {
		s.at++
	}
	return string(s.data[start:s.at])
}

// number returns the next word as a number.
func (s *netpbmScanner) number() int {
	word := s.word()
	n := 0
	for _, c := range []byte(word) {
		if c < '0' || c > '9' {
			s.failed = true
			return 0
		}
		n = min(10*n+int(c-'0'), 1<<30)
	}
	s.failed = s.failed || word == ""
	return n
}

// delimiter passes over the one character of white space that ends a header, with a
// comment before it. In a plain file it may be missing, as there the rest is words too.
func (s *netpbmScanner) delimiter(data []byte) {
	switch {
	case s.at < len(s.data) && s.data[s.at] == '#':
		s.endLine()
	case s.at < len(s.data) && isSpace(s.data[s.at]):
		s.at++
	case len(data) > len(s.data):
		s.failed = true
	}
}

// endLine passes over the rest of a line.
func (s *netpbmScanner) endLine() {
	n := bytes.IndexByte(s.data[s.at:], '\n')
	if n < 0 {
		s.failed = true
		s.at = len(s.data)
		return
	}
	s.at += n + 1
}

// rawSize returns the bytes of the samples in a raw file.
func (p netpbm) rawSize() int64 { return int64(p.h) * int64(p.rowSize()) }

func (p netpbm) rowSize() int {
	switch {
	case p.kind == '4':
		return (p.w + 7) / 8
	case p.maxval > 255:
		return 2 * p.channels * p.w
	}
	return p.channels * p.w
}

// model returns the model of the image that decode returns.
func (p netpbm) model() color.Model {
	switch {
	case p.channels == 1 && p.deep():
		return color.Gray16Model
	case p.channels == 1:
		return color.GrayModel
	case p.deep():
		return color.NRGBA64Model
	}
	return color.NRGBAModel
}

// decode returns the picture.
func (p netpbm) decode() (image.Image, error) {
	next := p.plainSample()
	if p.kind > '3' {
		if n := p.rawSize() - int64(len(p.raster)); n > 0 {
			return nil, fmt.Errorf("%d bytes of pixels are missing", n)
		}
		next = p.rawSample()
	}
	img := newSamples(p.w, p.h, p.channels, p.deep())
	if p.kind == '6' && (p.maxval == 255 || p.maxval == math.MaxUint16) { // as nearly all are
		p.copyColours(img.Image)
		return img.Image, nil
	}
	largest := 255
	if p.deep() {
		largest = math.MaxUint16
	}
	for y := range p.h {
		for i := range p.w * p.channels {
			v, err := next(y, i)
			if err != nil {
				return nil, err
			}
			v = min(v, p.maxval)
			if p.inverted {
				v = p.maxval - v
			}
			img.set(y, i, uint16((v*largest+p.maxval/2)/p.maxval))
		}
	}
	return img.Image, nil
}

// copyColours copies a raw PPM whose samples are the image's.
func (p netpbm) copyColours(img image.Image) {
	var pix []byte
	size := 1
	switch m := img.(type) {
	case *image.RGBA:
		pix = m.Pix
	case *image.RGBA64:
		pix, size = m.Pix, 2
	}
	from := p.raster
	for i := 0; i < len(pix); i += 4 * size {
		to := pix[i : i+4*size]
		copy(to, from[:3*size])
		from = from[3*size:]
		for k := 3 * size; k < len(to); k++ {
			to[k] = 0xff
		}
	}
}

// rawSample returns the function that reads sample i of row y.
func (p netpbm) rawSample() func(y, i int) (int, error) {
	size := p.rowSize()
	return func(y, i int) (int, error) {
		row := p.raster[y*size:]
		switch {
		case p.kind == '4':
			return int(row[i/8] >> (7 - i%8) & 1), nil
		case p.maxval > 255:
			return int(row[2*i])<<8 | int(row[2*i+1]), nil
		}
		return int(row[i]), nil
	}
}

// plainSample returns the function that reads the next sample in digits. Those of a PBM
// need no space between them.
func (p netpbm) plainSample() func(y, i int) (int, error) {
	s := &netpbmScanner{data: p.raster}
	return func(int, int) (int, error) {
		for s.at < len(s.data) && (isSpace(s.data[s.at]) || s.data[s.at] == '#') {
			if s.data[s.at] == '#' {
				s.endLine()
				continue
			}
			s.at++
		}
		start, n := s.at, 0
		for s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '9' {
			n = min(10*n+int(s.data[s.at]-'0'), 1<<30)
			if s.at++; p.kind == '1' {
				break
			}
		}
		switch {
		case s.at > start:
			return n, nil
		case s.at == len(s.data):
			return 0, errors.New("values are missing at the end")
		}
		return 0, fmt.Errorf("%s stands where the digits of a value should be", foreign(string(s.data[s.at:s.at+1])))
	}
}
