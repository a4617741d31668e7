package icc

import (
	"fmt"
	"math"
)

// CodePoints are those of ITU-T H.273 for colours in red, green and blue.
type CodePoints struct {
	Primaries uint8 // table 2
	Transfer  uint8 // table 3
	Narrow    bool  // of 8 bits, black is 16 and white 235
	Bits      int   // of a value, at least 8
}

// Coded returns the conversion from colours in code points. It fails if they are not
// known.
//
// What the inverse of a camera's function gives is shown as it is, and so are pictures of
// a high dynamic range (PQ and HLG), in which white, as of paper, is at 203 candelas a
// square metre (ITU-R BT.2408): that becomes the white of sRGB, and highlights are cut off
// there. Compressing them would darken everything else.
func Coded(c CodePoints) (*Transform, error) {
	p, known := primariesOf[c.Primaries]
	decode, defined := transferOf[c.Transfer]
	m, ok := p.toXYZ()
	if !known || !defined || !ok {
		return nil, fmt.Errorf("icc: code points %d and %d are not known", c.Primaries, c.Transfer)
	}
	t := &Transform{channels: 3}
	if c.Narrow {
		t.steps = append(t.steps, widen(c.Bits))
	}
	// A narrow range goes below 0 and above 1, and so may resampled values do.
	t.steps = append(t.steps, each([]curve{decode, decode, decode}))
	if c.Transfer == 18 {
		t.steps = append(t.steps, displayHLG(p))
	}
	t.steps = append(t.steps, m.apply)
	return t, nil
}

// Calibrated returns the conversion from colours with primaries, whose linear light is the
// value to the power of gamma. It fails if there are no such colours, or gamma is not from
// 0.1 to 10.
func Calibrated(p Primaries, gamma float64) (*Transform, error) {
	m, ok := p.toXYZ()
	if !ok || !(gamma >= 0.1 && gamma <= 10) {
		return nil, fmt.Errorf("icc: primaries %v with a gamma of %v", p, gamma)
	}
	f := power(gamma)
	return &Transform{channels: 3, steps: []step{each([]curve{f, f, f}), m.apply}}, nil
}

// widen returns the step from a narrow range of that many bits to one from 0 to 1.
func widen(bits int) step {
	largest := math.Exp2(float64(bits)) - 1
	unit := math.Exp2(float64(bits - 8))
	return func(v *[4]float64) {
		for i := range 3 {
			v[i] = (v[i]*largest/unit - 16) / 219
		}
	}
}

// primariesOf are those of table 2, except 10, which is XYZ.
var primariesOf = func() map[uint8]Primaries {
	d65, c := SRGB[3], Chromaticity{0.310, 0.316}
	smpte := Primaries{{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, d65}
	return map[uint8]Primaries{
		1:  SRGB, // of BT.709 as well
		4:  {{0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}, c},
		5:  {{0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}, d65},
		6:  smpte,
		7:  smpte,
		8:  {{0.681, 0.319}, {0.243, 0.692}, {0.145, 0.049}, c},
		9:  {{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, d65},
		11: {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, {0.314, 0.351}},
		12: {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, d65},
		22: {{0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}, d65},
	}
}()

// transferOf are the functions of table 3 from values to linear light, white being 1. 2
// and 3 say nothing.
var transferOf = map[uint8]curve{
	1: odd(decodeBT709), 6: odd(decodeBT709), 14: odd(decodeBT709), 15: odd(decodeBT709),
	4: odd(func(v float64) float64 { return math.Pow(v, 2.2) }),
	5: odd(func(v float64) float64 { return math.Pow(v, 2.8) }),
	7: odd(func(v float64) float64 { // SMPTE ST 240
		const alpha, beta, slope = 1.1115, 0.0228, 4.0
		if v < slope*beta {
			return v / slope
		}
		return math.Pow((v+(alpha-1))/alpha, 1/0.45)
	}),
	8:  identity,
	9:  logarithmic(2),
	10: logarithmic(2.5),
	11: odd(decodeBT709), // IEC 61966-2-4
	12: odd(decodeBT709), // BT.1361, which differs below 0, where sRGB shows nothing
	13: odd(decodeSRGB),
	16: decodePQ,
	17: odd(func(v float64) float64 { return 52.37 / 48 * math.Pow(v, 2.6) }), // SMPTE ST 428-1
	18: decodeHLG,
}

// odd continues a function below 0.
func odd(f curve) curve {
	return func(v float64) float64 { return math.Copysign(f(math.Abs(v)), v) }
}

func decodeBT709(v float64) float64 {
	const alpha, beta, slope = 1.09929682680944, 0.018053968510807, 4.5
	if v < slope*beta {
		return v / slope
	}
	return math.Pow((v+(alpha-1))/alpha, 1/0.45)
}

func logarithmic(decades float64) curve {
	return func(v float64) float64 {
		if v <= 0 {
			return 0
		}
		return math.Pow(10, decades*(v-1))
	}
}

// white is the luminance of white in pictures of a high dynamic range, and peak that of
// the display for which HLG is shown (BT.2408, sections 2.1 and 5.1), in candelas a square
// metre.
const (
	white = 203.0
	peak  = 1000.0
)

// decodePQ is the function of SMPTE ST 2084, which BT.2100 calls PQ.
func decodePQ(v float64) float64 {
	const m1, m2 = 2610.0 / 16384, 2523.0 / 32
	const c1, c2, c3 = 3424.0 / 4096, 2413.0 / 128, 2392.0 / 128
	p := math.Pow(unit(v), 1/m2)
	return 10000 / white * math.Pow(max(p-c1, 0)/(c2-float64(c3*p)), 1/m1)
}

// decodeHLG is the inverse of the function of ARIB STD-B67 (BT.2100, table 5), which gives
// the light of the scene.
func decodeHLG(v float64) float64 {
	const a, c = 0.17883277, 0.55991073
	const b = 1 - 4*a
	if v = unit(v); v <= 0.5 {
		return v * v / 3
	}
	return (math.Exp((v-c)/a) + b) / 12
}

// displayHLG returns the step from the light of the scene to that of the display, with the
// gamma of 1.2 that BT.2100 gives for its peak.
func displayHLG(p Primaries) step {
	m, _ := p.toXYZ()
	luma := m.m[1]
	return func(v *[4]float64) {
		y := float64(luma[0]*v[0]) + float64(luma[1]*v[1]) + float64(luma[2]*v[2])
		scale := peak / white * math.Pow(max(y, 0), 0.2)
		for i := range 3 {
			v[i] *= scale
		}
	}
}
