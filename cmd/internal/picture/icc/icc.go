// Package icc converts colours to sRGB: from the device that an ICC profile describes
// (ICC.1:2022, and versions back to 2), from the code points of ITU-T H.273, or from
// primaries and a gamma.
//
// The intent is relative colorimetric with black point compensation: white becomes
// white, black becomes black. Colours agree with those of littlecms, which tests compare
// with. What sRGB cannot show is cut off channel by channel.
//
// Profiles may come from anywhere. Whatever they say of themselves, reading one takes
// time and memory in proportion to its length, and a conversion takes a fixed number of
// steps for each colour.
package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Transform converts colours of one space to sRGB. It can be used by several goroutines
// at once.
type Transform struct {
	channels int
	steps    []step // from the space to XYZ, relative to D50
}

// A step converts a colour in place. Spaces of fewer than four channels leave the rest as
// it is.
type step func(v *[4]float64)

// Channels returns the number of channels of the space: 1 for grey, 3 for red, green and
// blue, 4 for inks.
func (t *Transform) Channels() int { return t.channels }

// ToSRGB returns the red, green and blue of a colour, from 0 to 1. The colour has as many
// values as the space has channels, from 0 to 1, where 1 is the full amount of an ink.
func (t *Transform) ToSRGB(colour [4]float64) (r, g, b float64) {
	for _, f := range t.steps {
		f(&colour)
	}
	fromXYZ.apply(&colour)
	return encodeSRGB(colour[0]), encodeSRGB(colour[1]), encodeSRGB(colour[2])
}

// IsSRGB reports whether the space is sRGB by another name: no colour changes by half a
// level of 256. Grey may have the curve of sRGB.
func (t *Transform) IsSRGB() bool {
	const half = 0.5 / 255
	near := func(a, b float64) bool { return a-b < half && b-a < half }
	same := func(r, g, b float64) bool {
		x, y, z := t.ToSRGB([4]float64{r, g, b})
		return near(x, r) && near(y, g) && near(z, b)
	}
	if t.channels > 3 {
		return false
	}
	for i := range 256 {
		if v := float64(i) / 255; !same(v, v, v) {
			return false
		}
	}
	if t.channels == 1 {
		return true
	}
	const steps = 8
	for i := range (steps + 1) * (steps + 1) * (steps + 1) {
		r, g, b := i%(steps+1), i/(steps+1)%(steps+1), i/(steps+1)/(steps+1)
		if !same(float64(r)/steps, float64(g)/steps, float64(b)/steps) {
			return false
		}
	}
	return true
}

const (
	headerSize = 128
	entrySize  = 12 // of the tag table: signature, offset and size

	// maxTags is the most tags that are looked at. ICC.1:2022 defines 62.
	maxTags = 256
)

// A profile is the header of a profile and its tags.
type profile struct {
	version           byte // its first number
	class, space, pcs string
	tags              map[string][]byte
}

// Parse returns the conversion that an ICC profile describes. It fails unless the profile
// is one of grey, red, green and blue, or cyan, magenta, yellow and black, and is sound as
// far as the conversion needs it. Damage elsewhere is ignored.
func Parse(data []byte) (*Transform, error) {
	p, err := readTags(data)
	if err != nil {
		return nil, err
	}
	t := &Transform{}
	switch p.space {
	case "GRAY":
		t.channels = 1
	case "RGB ":
		t.channels = 3
	case "CMYK":
		t.channels = 4
	default:
		return nil, fmt.Errorf("icc: a profile of the space %q", p.space)
	}
	lut, err := p.lut(t.channels, 3, "A2B1", "A2B0")
	switch {
	case err != nil:
		return nil, err
	case lut != nil:
		t.steps = lut.steps
		if p.pcs == "Lab " {
			t.steps = append(t.steps, lut.decodeLab, labToXYZ)
		} else {
			t.steps = append(t.steps, decodeXYZ)
		}
	case t.channels == 1:
		t.steps, err = p.grey()
	case t.channels == 3:
		t.steps, err = p.matrix()
	default:
		err = errors.New("icc: a profile of inks without a table")
	}
	if err != nil {
		return nil, err
	}
	if black := p.blackPoint(t); black > 0 {
		t.steps = append(t.steps, func(v *[4]float64) {
			for i := range 3 {
				v[i] = (v[i] - float64(black*d50[i])) / (1 - black)
			}
		})
	}
	return t, nil
}

// readTags reads the header and the tag table (ICC.1:2022, sections 7.2 and 7.3). Of two
// tags with one signature the first counts; one that is not within data is left out.
func readTags(data []byte) (p profile, err error) {
	if len(data) < headerSize+4 || string(data[36:40]) != "acsp" {
		return p, errors.New("icc: not a profile")
	}
	p = profile{version: data[8], class: string(data[12:16]), space: string(data[16:20]), pcs: string(data[20:24]), tags: map[string][]byte{}}
	switch p.class {
	case "scnr", "mntr", "prtr", "spac":
	default:
		return p, fmt.Errorf("icc: a profile of the class %q, which is of no device", p.class)
	}
	if p.pcs != "XYZ " && p.pcs != "Lab " {
		return p, fmt.Errorf("icc: a profile that leads to %q", p.pcs)
	}
	table := data[headerSize+4:]
	for range min(binary.BigEndian.Uint32(data[headerSize:]), maxTags) {
		if len(table) < entrySize {
			break
		}
		name := string(table[:4])
		offset, size := uint64(binary.BigEndian.Uint32(table[4:])), uint64(binary.BigEndian.Uint32(table[8:]))
		table = table[entrySize:]
		if _, known := p.tags[name]; known || size < 8 || offset+size > uint64(len(data)) {
			continue
		}
		p.tags[name] = data[offset:][:size:size]
	}
	return p, nil
}

// lut returns the first of the tags that is there, nil if there is none.
func (p profile) lut(in, out int, signatures ...string) (*lut, error) {
	for _, s := range signatures {
		if tag, ok := p.tags[s]; ok {
			return parseLUT(tag, in, out)
		}
	}
	return nil, nil
}

// matrix returns the steps of a profile of three curves and a matrix (ICC.1:2022, section
// F.3).
func (p profile) matrix() ([]step, error) {
	if p.pcs != "XYZ " {
		return nil, errors.New("icc: a matrix that does not lead to XYZ")
	}
	var m matrix
	curves := make([]curve, 3)
	for c, name := range []string{"r", "g", "b"} {
		var err error
		if curves[c], _, err = parseCurve(p.tags[name+"TRC"]); err != nil {
			return nil, err
		}
		tag := p.tags[name+"XYZ"]
		if len(tag) < 20 || string(tag[:4]) != "XYZ " {
			return nil, fmt.Errorf("icc: no colour in %sXYZ", name)
		}
		for row := range 3 {
			m.m[row][c] = fixed(tag[8+4*row:])
		}
	}
	return []step{each(curves), m.apply}, nil
}

// grey returns the steps of a profile of one curve (ICC.1:2022, section F.2).
func (p profile) grey() ([]step, error) {
	f, _, err := parseCurve(p.tags["kTRC"])
	if err != nil {
		return nil, err
	}
	if p.pcs == "Lab " {
		return []step{func(v *[4]float64) { *v = [4]float64{100 * f(v[0])} }, labToXYZ}, nil
	}
	return []step{func(v *[4]float64) {
		y := f(v[0])
		for i, w := range d50 {
			v[i] = w * y
		}
	}}, nil
}

// blackPoint returns the luminance of black, which is taken for neutral, as littlecms
// finds it: that of the inks that the profile gives for black, or of no light.
func (p profile) blackPoint(t *Transform) float64 {
	var black [4]float64
	const (
		most            = 50     // L*
		perceptualBlack = 3.1373 // L* of the darkest colour of version 4 (ICC.1:2022, section 6.3.3)
	)
	if t.channels == 4 {
		if p.class == "prtr" {
			back, err := p.lut(3, 4, "B2A0")
			if _, there := p.tags["A2B0"]; err != nil || back == nil || !there {
				return 0
			}
			if p.version >= 4 {
				black[0] = perceptualBlack
			}
			if p.pcs == "Lab " {
				back.encodeLab(&black)
			} else {
				labToXYZ(&black)
				encodeXYZ(&black)
			}
			for _, f := range back.steps {
				f(&black)
			}
			return luminance(min(p.lightness(t, black), most))
		}
		black = [4]float64{1, 1, 1, 1}
	}
	_, byIntent := p.tags["A2B1"]
	_, grey := p.tags["kTRC"]
	_, red := p.tags["rTRC"]
	if !byIntent && !grey && !red {
		return 0 // littlecms has no black for an intent that a profile does not support
	}
	return luminance(min(p.lightness(t, black), most))
}

// lightness returns the L* of a colour.
func (p profile) lightness(t *Transform, colour [4]float64) float64 {
	for _, f := range t.steps {
		f(&colour)
	}
	return lightness(colour[1])
}

// fixed returns an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16) }
