package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
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
	jpegAPP1 = 0xe1
	jpegAPP2 = 0xe2
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

const iccHeader = "ICC_PROFILE\x00"

// jpegMetadata returns the EXIF data and the ICC profile of a JPEG, nil for each that
// is missing. Of two blocks of EXIF the first counts. A profile comes in numbered
// parts (ICC.1:2022, annex B.4); it is nil unless all are there, of which the first
// with a number counts, and it has at most maxProfile bytes.
func jpegMetadata(data []byte) (exif, profile []byte) {
	var parts [256][]byte
	total := 0
	for marker, segment := range jpegSegments(data) {
		if marker == jpegSOS {
			break
		}
		if marker == jpegAPP1 && exif == nil && bytes.HasPrefix(segment, []byte(exifHeader)) && isEXIF(segment) {
			exif = segment
		}
		if marker != jpegAPP2 {
			continue
		}
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
	size := 0
	for n := 1; n <= total; n++ {
		if parts[n] == nil {
			return exif, nil
		}
		size += len(parts[n])
	}
	if total == 0 || size > maxProfile {
		return exif, nil
	}
	return exif, slices.Concat(parts[1 : total+1]...)
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

// jpegCost returns the bytes that the decoder of the standard library takes for a JPEG,
// and those of the image that it returns. It fails if there are too many scans.
func jpegCost(data []byte) (decoding, image int64, err error) {
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
	for _, n := range samples {
		image += n
		if progressive {
			decoding += 4 * n // coefficients of 32 bits, from the first scan to the last
		}
	}
	decoding += image
	switch len(ids) {
	case 3: // stored as RGB, it is copied
		decoding += 4 * area
		image = max(image, 4*area)
	case 4: // always
		decoding += 4 * area
		image = 4 * area
	}
	return decoding, image, nil
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
