package picture

import (
	"bytes"
	"encoding/binary"
	"io"
)

// gifReader yields a GIF whose canvas is as large as its first frame needs it. Some
// programs write a canvas of no size, or one that is too small; the decoder of the standard
// library refuses these.
func gifReader(data []byte) io.Reader {
	const size, flags, header = 6, 10, 13 // where they stand, and the length of all
	order := binary.LittleEndian
	r := bytes.NewReader(data)
	if len(data) < header {
		return r
	}
	rest := data[header:]
	if f := data[flags]; f&0x80 != 0 { // a palette
		rest = rest[min(3<<(f&7+1), len(rest)):]
	}
	for len(rest) >= 2 && rest[0] == '!' { // an extension, in blocks of which the last is empty
		rest = rest[2:]
		for len(rest) > 0 {
			n := int(rest[0])
			rest = rest[min(1+n, len(rest)):]
			if n == 0 {
				break
			}
		}
	}
	if len(rest) < 9 || rest[0] != ',' {
		return r
	}
	w, h := order.Uint16(data[size:]), order.Uint16(data[size+2:])
	right := uint32(order.Uint16(rest[1:])) + uint32(order.Uint16(rest[5:]))
	below := uint32(order.Uint16(rest[3:])) + uint32(order.Uint16(rest[7:]))
	if right <= uint32(w) && below <= uint32(h) || right > 0xffff || below > 0xffff {
		return r
	}
	canvas := order.AppendUint16(order.AppendUint16(nil, max(w, uint16(right))), max(h, uint16(below)))
	return io.MultiReader(bytes.NewReader(data[:size]), bytes.NewReader(canvas), bytes.NewReader(data[size+4:]))
}
