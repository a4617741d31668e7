package picture

import (
	"bytes"
	"encoding/binary"
	"image"

	"github.com/kovidgoyal/imaging/prism/meta/icc"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// toSRGB converts colours (1, H, W, 3), 0..255, in place. A profile that is of
// no use for red, green and blue changes nothing.
//
// Colours beyond sRGB are cut off channel by channel, as littlecms, browsers
// and ImageMagick do.
func (m metadata) toSRGB(colour *tensor.Tensor) {
	p := m.pipelineFrom(3)
	if p == nil {
		return
	}
	data := colour.Data()
	parallel.Range(len(data)/3, 1<<12, func(lo, hi int) {
		for i := lo * 3; i < hi*3; i += 3 {
			r, g, b := p.Transform(toUnit(data[i]), toUnit(data[i+1]), toUnit(data[i+2]))
			data[i], data[i+1], data[i+2] = fromUnit(r), fromUnit(g), fromUnit(b)
		}
	})
}

// inksToSRGB returns a picture in the four inks as its profile says, or as it
// is, to be converted by the formula of Decode, without one that is of use.
func (m metadata) inksToSRGB(img *image.CMYK) image.Image {
	if p := m.pipelineFrom(4); p != nil {
		return inks{img, p}
	}
	return img
}

// pipelineFrom returns the conversion of pixels with that many channels, or
// nil if there is none to be done.
func (m metadata) pipelineFrom(channels int) (p *icc.Pipeline) {
	if m.pipeline != nil && channels == 3 {
		return m.pipeline
	}
	if m.profile == nil {
		return nil
	}
	defer func() {
		if recover() != nil { // the library fails at tags that make no sense
			p = nil
		}
	}()
	if m.profile.IsSRGB() {
		return nil
	}
	p, err := m.profile.CreateTransformerToSRGB(icc.RelativeColorimetricRenderingIntent, true, channels, true, false, true)
	if err != nil {
		return nil
	}
	const steps = 4 // a trial brings such failures before the first pixel
	for i := range (steps + 1) * (steps + 1) * (steps + 1) {
		r, g, b := float64(i%5)/steps, float64(i/5%5)/steps, float64(i/25)/steps
		if channels == 3 {
			p.Transform(r, g, b)
		} else {
			p.TransformGeneral(make([]float64, 4), []float64{r, g, b, r})
		}
	}
	return p
}

// parseProfile returns the profile in data, or nil if it is damaged or of a
// kind that the library does not know.
func parseProfile(data []byte) (p *icc.Profile) {
	defer func() {
		if recover() != nil {
			p = nil
		}
	}()
	if !profileFits(data) {
		return nil
	}
	if string(data[16:20]) == "GRAY" {
		data = greyAsRGB(data)
	}
	p, err := icc.DecodeProfile(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return p
}

// greyAsRGB returns the profile of a grey scale as one of red, green and blue
// with the primaries of sRGB, all three with the scale's curve: equal values
// become the grey that was meant. The library has no profiles of grey scales.
// It returns nil for one whose curve does not lead to XYZ.
func greyAsRGB(data []byte) []byte {
	if string(data[20:24]) != "XYZ " {
		return nil
	}
	var curve []byte
	for i := range int(binary.BigEndian.Uint32(data[profileHeader:])) {
		entry := data[profileHeader+4+i*profileTag:]
		if string(entry[:4]) == "kTRC" {
			offset, size := binary.BigEndian.Uint32(entry[4:]), binary.BigEndian.Uint32(entry[8:])
			curve = data[offset : offset+size]
		}
	}
	// IEC 61966-2-1 adapted to D50, in units of 2^-16, as in every sRGB profile.
	primaries := [][3]uint32{{0x6fa0, 0x38f2, 0x38f}, {0x6296, 0xb789, 0x18da}, {0x24a0, 0xf85, 0xb6c4}}
	const tags = 6
	const body = profileHeader + 4 + tags*profileTag
	out := bytes.Clone(data[:profileHeader])
	copy(out[16:], "RGB ")
	out = binary.BigEndian.AppendUint32(out, tags)
	tag := func(name string, offset, size int) {
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, uint32(offset))
		out = binary.BigEndian.AppendUint32(out, uint32(size))
	}
	for i, colour := range []string{"r", "g", "b"} {
		tag(colour+"XYZ", body+i*20, 20)
		tag(colour+"TRC", body+3*20, len(curve))
	}
	for _, xyz := range primaries {
		out = append(out, "XYZ \x00\x00\x00\x00"...)
		for _, v := range xyz {
			out = binary.BigEndian.AppendUint32(out, v)
		}
	}
	return append(out, curve...)
}
