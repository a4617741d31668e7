package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
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
		return refusal("this JPEG " + what + ", which is not supported: save it again as JPEG or PNG with an image editor")
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
