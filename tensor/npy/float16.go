package npy

import "math"

// IEEE 754 binary16 has one sign bit, five of exponent with bias 15, and ten of
// fraction; float32 has 1, 8 with bias 127, and 23. A number that float16 holds
// fits in float32 exactly.

// fromFloat16 returns the value of the float16 with the given bits.
func fromFloat16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h & 0x3ff)
	switch exponent {
	case 0: // zero and subnormal numbers: fraction * 2^-24
		v := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// toFloat16 returns the bits of the float16 nearest to v; of two that are
// equally near, the one with an even last bit. Numbers from 65520 on become
// infinity.
func toFloat16(v float32) uint16 {
	b := math.Float32bits(v)
	sign := uint16(b>>16) & 0x8000
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN keeps the head of its payload, and stays a NaN
		return sign | 0x7e00 | uint16(b>>13)&0x3ff
	case b >= 0x477ff000: // 65520 and above
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14, the smallest normal number
		// Adding 0.5 lets the addition itself round: one unit in the last
		// place of 0.5 is 2^-24, the spacing of subnormal float16.
		rounded := math.Float32frombits(b) + 0.5
		return sign | uint16(math.Float32bits(rounded)-math.Float32bits(0.5))
	}
	// Half of the last kept bit, less one if that bit is even, carries into
	// it exactly when rounding goes up; a carry out of the fraction moves the
	// exponent, which is right too.
	b += 0xfff + b>>13&1
	return sign | uint16((b-(127-15)<<23)>>13)
}
