package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"iter"
	"math"
	"slices"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegSOF0 = 0xc0 // baseline
	jpegSOF1 = 0xc1 // extended sequential
	jpegSOF2 = 0xc2 // progressive
	jpegRST0 = 0xd0
	jpegSOI  = 0xd8 // with RST0 to RST7 before it, the markers without a length
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegDHT  = 0xc4 // Huffman tables
	jpegDQT  = 0xdb // quantization tables
	jpegDRI  = 0xdd // restart interval
	jpegAPP0 = 0xe0
	jpegAPP1 = 0xe1
	jpegAPP2 = 0xe2
	jpegAPPE = 0xee // Adobe's
)

// jpegSegments yields the markers and the data of the segments of a JPEG, as far as
// they are whole, up to the end of the image. What lies between them, which is mostly
// entropy-coded, is passed over. These are the segments that the decoder of the
// standard library sees, if it goes on to the end.
func jpegSegments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		rest, ok := bytes.CutPrefix(data, []byte{0xff, jpegSOI})
		for ok {
			i := bytes.IndexByte(rest, 0xff)
			if i < 0 || i+1 >= len(rest) {
				return
			}
			marker := rest[i+1]
			switch {
			case marker == 0xff: // a fill byte
				rest = rest[i+1:]
				continue
			case marker == 0 || marker >= jpegRST0 && marker < jpegSOI:
				rest = rest[i+2:]
				continue
			case marker == jpegEOI || i+4 > len(rest):
				return
			}
			n := int(binary.BigEndian.Uint16(rest[i+2:]))
			rest = rest[i+2:]
			if n < 2 || n > len(rest) || !yield(marker, rest[2:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

const (
	iccHeader = "ICC_PROFILE\x00"
	xmpHeader = "http://ns.adobe.com/xap/1.0/\x00"
)

// describeJPEG describes a JPEG. Of two blocks of EXIF the first counts. A profile comes in
// numbered parts (ICC.1:2022, annex B.4); it is nil unless all are there, of which the
// first with a number counts, and it has at most maxProfile bytes.
func describeJPEG(data []byte) description {
	d := description{channels: 3}
	var parts [256][]byte
	total := 0
segments:
	for marker, segment := range jpegSegments(data) {
		switch {
		case marker == jpegSOS:
			break segments
		case isFrame(marker) && len(segment) > 5:
			d.channels = int(segment[5])
		case marker == jpegAPP1:
			packet, isXMP := bytes.CutPrefix(segment, []byte(xmpHeader))
			switch {
			case isXMP && d.xmp == nil:
				d.xmp = packet
			case d.exif == nil && bytes.HasPrefix(segment, []byte(exifHeader[:5])) && isEXIF(segment):
				d.exif = segment
			}
		case marker == jpegAPP2:
			part, ok := bytes.CutPrefix(segment, []byte(iccHeader))
			if !ok || len(part) < 2 {
				continue
			}
			if total == 0 {
				total = int(part[1])
			}
			if n := part[0]; int(part[1]) == total && n >= 1 && int(n) <= total && parts[n] == nil {
				parts[n] = part[2:]
			}
		}
	}
	size := 0
	for n := 1; n <= total; n++ {
		if parts[n] == nil {
			return d
		}
		size += len(parts[n])
	}
	if total > 0 && size <= maxProfile {
		d.profile = slices.Concat(parts[1 : total+1]...)
	}
	return d
}

// isFrame reports whether a marker is one of a frame (SOF0 to SOF15), that is none of the
// three others between them: DHT, JPG and DAC.
func isFrame(marker byte) bool {
	return marker >= jpegSOF0 && marker <= jpegSOF0+15 && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
}

const (
	// maxScans and maxScanSamples bound the time that a JPEG takes. The decoder goes
	// over all samples of a scan's components in each scan, which takes about 5 ns a
	// sample even where a scan says nothing: 14 bytes are enough for that. Encoders make
	// ten scans, at most some dozens; 500 is where libjpeg-turbo's tests draw the line.
	// The samples are those of 76 million pixels in the ten scans that libjpeg makes of
	// a picture whose colours have the full resolution.
	maxScans       = 500
	maxScanSamples = 1 << 30
)

// jpegCost returns the bytes that the decoder takes for a JPEG, its result included, and
// those of the image that it returns. It fails if there are too many scans.
func jpegCost(data []byte) (decoding, result int64, err error) {
	var ids []byte        // of the components
	var samples []int64   // of each, in whole MCUs
	var area, total int64 // pixels in whole MCUs; samples in all scans
	var progressive bool
	scans := 0
	for marker, segment := range jpegSegments(data) {
		switch {
		case marker >= jpegSOF0 && marker <= jpegSOF2 && ids == nil && len(segment) >= 9 && len(segment) >= 6+3*int(segment[5]):
			progressive = marker == jpegSOF2
			ids, samples, area = jpegComponents(segment)
		case marker == jpegSOS && len(segment) > 0:
			scans++
			for i := range int(segment[0]) {
				if 1+2*i >= len(segment) {
					break
				}
				if c := bytes.IndexByte(ids, segment[1+2*i]); c >= 0 {
					total += samples[c]
				}
			}
			if scans > maxScans || total > maxScanSamples {
				return 0, 0, fmt.Errorf("the JPEG has too many scans: the first %d go over %d million samples; at most %d scans and %d million samples are read",
					scans, total/1000000, maxScans, maxScanSamples/1000000)
			}
		}
	}
	if !standardJPEG(data) {
		j, err := parseJPEG(data)
		if err != nil {
			return 0, 0, err
		}
		decoding, result = j.cost()
		return decoding + int64(len(data)), result, nil
	}
	for _, n := range samples {
		result += n
		if progressive {
			decoding += 4 * n // coefficients of 32 bits, from the first scan to the last
		}
	}
	decoding += result
	switch len(ids) {
	case 3: // stored as RGB, it is copied
		decoding += 4 * area
		result = max(result, 4*area)
	case 4: // always
		decoding += 4 * area
		result = 4 * area
	}
	return decoding, result, nil
}

// standardJPEG reports whether the decoder of the standard library reads a JPEG. It does
// not if inks come without Adobe's marker, if the factors of sampling are unusual, or if a
// progressive one with colours in less resolution has restart markers (Go 1.26).
func standardJPEG(data []byte) bool {
	if _, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil {
		return false
	}
	adobe, restart := false, false
	for marker, segment := range jpegSegments(data) {
		switch {
		case marker == jpegAPPE && bytes.HasPrefix(segment, []byte("Adobe")) && len(segment) >= 12:
			adobe = true
		case marker == jpegDRI && len(segment) >= 2:
			restart = restart || segment[0]|segment[1] != 0
		case marker >= jpegSOF0 && marker <= jpegSOF2 && len(segment) >= 6 && len(segment) == 6+3*int(segment[5]):
			subsampled := false
			for i := range int(segment[5]) {
				subsampled = subsampled || segment[7+3*i] != 0x11 && segment[5] > 1
			}
			if segment[5] == 4 && !adobe {
				return false
			}
			if marker != jpegSOF2 || !subsampled {
				return true
			}
		case marker == jpegSOS: // after the frame, and what stands between
			return !restart
		}
	}
	return true
}

// decodeJPEG returns the picture.
func decodeJPEG(data []byte) (image.Image, error) {
	tables := false
	for marker := range jpegSegments(data) {
		tables = tables || marker == jpegDHT
	}
	if !tables { // as in frames of Motion JPEG, which use those of annex K
		data = slices.Concat(data[:2], standardHuffman(), data[2:])
	}
	if !jpegEnds(data) {
		if !jpegComplete(data) {
			return nil, errors.New("the end is missing")
		}
		data = append(data[:len(data):len(data)], 0xff, jpegEOI)
	}
	if standardJPEG(data) {
		return jpeg.Decode(bytes.NewReader(data))
	}
	j, err := parseJPEG(data)
	if err != nil {
		return nil, err
	}
	return j.decode()
}

// standardHuffman returns the segments with the Huffman tables of T.81, annex K.3, which
// are those that the encoder of the standard library writes.
func standardHuffman() (segments []byte) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 1, 1)), nil); err != nil {
		panic(err)
	}
	for marker, segment := range jpegSegments(b.Bytes()) {
		if marker == jpegDHT {
			segments = binary.BigEndian.AppendUint16(append(segments, 0xff, jpegDHT), uint16(2+len(segment)))
			segments = append(segments, segment...)
		}
	}
	return segments
}

// jpegEnds reports whether a JPEG has the marker of its end after its last scan.
func jpegEnds(data []byte) bool {
	rest := data[:len(data):len(data)]
	for marker, segment := range jpegSegments(rest) {
		if marker == jpegSOS {
			rest = data[len(data)-cap(segment):]
		}
	}
	return bytes.Contains(rest, []byte{0xff, jpegEOI})
}

// jpegComplete reports whether the scans of a JPEG say all of every component.
func jpegComplete(data []byte) bool {
	all := make(map[byte]uint64) // the coefficients, to the last bit, by component
	progressive := false
	for marker, segment := range jpegSegments(data) {
		switch {
		case marker >= jpegSOF0 && marker <= jpegSOF2 && len(segment) >= 6 && len(segment) == 6+3*int(segment[5]):
			progressive = marker == jpegSOF2
			for i := range int(segment[5]) {
				all[segment[6+3*i]] = 0
			}
		case marker == jpegSOS && len(segment) >= 4 && len(segment) == 4+2*int(segment[0]):
			last := segment[len(segment)-3:]
			var said uint64 = math.MaxUint64
			if progressive {
				said = 0
				for k := int(last[0]); k <= min(int(last[1]), 63) && last[2]&15 == 0; k++ {
					said |= 1 << k
				}
			}
			for i := range int(segment[0]) {
				all[segment[1+2*i]] |= said
			}
		}
	}
	for _, said := range all {
		if said != math.MaxUint64 {
			return false
		}
	}
	return len(all) > 0
}

// jpegComponents returns the identifiers of the components in a frame header, the
// samples of each, which fill whole MCUs, and the pixels in those (T.81, sections B.2.2
// and A.2).
func jpegComponents(frame []byte) (ids []byte, samples []int64, area int64) {
	const block = 8
	height, width := int64(binary.BigEndian.Uint16(frame[1:])), int64(binary.BigEndian.Uint16(frame[3:]))
	count := int(frame[5])
	factors := func(i int) (h, v int64) {
		if count == 1 {
			return 1, 1
		}
		hv := frame[7+3*i]
		return int64(max(hv>>4, 1)), int64(max(hv&15, 1))
	}
	h0, v0 := factors(0)
	mcus := (width + block*h0 - 1) / (block * h0) * ((height + block*v0 - 1) / (block * v0))
	for i := range count {
		h, v := factors(i)
		ids = append(ids, frame[6+3*i])
		samples = append(samples, mcus*h*v*block*block)
	}
	return ids, samples, mcus * h0 * v0 * block * block
}
