package tensor

import (
	"encoding/binary"
	"fmt"
)

// TapsLen returns the number of bytes that hold the taps of n windows of 2x2
// pixels, two bits each: those of value e are bits 2*(e%4) and the next of byte
// e/4, and say which of the four pixels the largest value came from, row by row.
func TapsLen(n int) int { return (n + 3) / 4 }

// mustHaveTaps panics unless there are taps and a mask for every value of y.
func mustHaveTaps(op string, taps, mask []uint8, y *Tensor) {
	n := len(y.data)
	if len(taps) != TapsLen(n) || len(mask) != MaskLen(n) {
		panic(fmt.Sprintf("tensor: %s: taps of %d and a mask of %d bytes for y %v, not %d and %d", op, len(taps), len(mask), y.shape, TapsLen(n), MaskLen(n)))
	}
}

// packTaps stores taps of 0 to 3, a byte each, as two bits each.
func packTaps(packed, taps []uint8) {
	for ; len(taps) >= 8; packed, taps = packed[2:], taps[8:] {
		// Neighbours move together: pairs, then fours, then all eight.
		x := binary.LittleEndian.Uint64(taps)
		x = (x | x>>6) & 0x000f000f000f000f
		x = (x | x>>12) & 0x000000ff000000ff
		binary.LittleEndian.PutUint16(packed, uint16(x|x>>24))
	}
	for i, t := range taps {
		if i%4 == 0 {
			packed[i/4] = 0
		}
		packed[i/4] |= t << (i % 4 * 2)
	}
}

// unpackTaps is the inverse of packTaps.
func unpackTaps(taps, packed []uint8) {
	for ; len(taps) >= 8; packed, taps = packed[2:], taps[8:] {
		x := uint64(binary.LittleEndian.Uint16(packed))
		x = (x | x<<24) & 0x000000ff000000ff
		x = (x | x<<12) & 0x000f000f000f000f
		binary.LittleEndian.PutUint64(taps, (x|x<<6)&0x0303030303030303)
	}
	for i := range taps {
		taps[i] = packed[i/4] >> (i % 4 * 2) & 3
	}
}
