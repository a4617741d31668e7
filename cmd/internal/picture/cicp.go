package picture

import (
	"math"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
)

// Code points of a PNG's cICP chunk (ITU-T H.273; PNG, third edition, section 11.3.2.6)
// say which colours are meant without a profile.

// codePoints are those of a cICP chunk.
type codePoints struct {
	primaries, transfer, matrix, fullRange uint8
}

var srgbPoints = codePoints{1, 13, 0, 1}

// pipeline returns the conversion to sRGB, or nil if there is none to be done or the
// code points are not known. A picture in red, green and blue has the matrix 0.
func (c codePoints) pipeline() *icc.Pipeline {
	from, known := chromaticities[c.primaries]
	decode, defined := transferFunctions[c.transfer]
	if c == srgbPoints || !known || !defined || c.matrix != 0 || c.fullRange > 1 {
		return nil
	}
	if c.fullRange == 0 { // odd functions, as the range goes below 0
		f := decode
		decode = func(x float64) float64 { return math.Copysign(1, x) * f(math.Abs(x)) }
	}
	toXYZ := from.toXYZ()
	fromXYZ := chromaticities[srgbPoints.primaries].toXYZ()
	fromXYZ, err := fromXYZ.Inverted()
	if err != nil {
		return nil
	}
	p := &icc.Pipeline{}
	if c.transfer != 2 && c.transfer != 8 { // linear
		p.Append(icc.NewUniformFunctionTransformer("to linear light", decode))
	}
	p.Append(&toXYZ, &fromXYZ, icc.NewUniformFunctionTransformer("sRGB", func(x float64) float64 {
		return max(0, min(srgbFromLinear(x), 1))
	}))
	p.Finalize(true)
	return p
}

// chromaticity is a CIE 1931 x and y.
type chromaticity struct{ x, y float64 }

// xyz returns the colour with a luminance of 1.
func (c chromaticity) xyz() [3]float64 {
	return [3]float64{c.x / c.y, 1, (1 - c.x - c.y) / c.y}
}

// primaries are red, green, blue and white.
type primaries [4]chromaticity

// toXYZ returns the matrix from linear red, green and blue to XYZ, white having a
// luminance of 1.
func (p primaries) toXYZ() icc.Matrix3 {
	var m icc.Matrix3
	for c := range 3 {
		for row, v := range p[c].xyz() {
			m[row][c] = v
		}
	}
	inverse, err := m.Inverted()
	if err != nil {
		panic(err) // none of the tables below
	}
	white := p[3].xyz()
	for c := range 3 {
		scale := float64(inverse[c][0]*white[0]) + float64(inverse[c][1]*white[1]) + float64(inverse[c][2]*white[2])
		for row := range 3 {
			m[row][c] *= scale
		}
	}
	return m
}

// chromaticities are the primaries of H.273, table 2, but 10, which is XYZ.
var chromaticities = func() map[uint8]primaries {
	d65, c := chromaticity{0.3127, 0.3290}, chromaticity{0.310, 0.316}
	smpte := primaries{{0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}, d65}
	return map[uint8]primaries{
		1:  {{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, d65},
		4:  {{0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}, c},
		5:  {{0.64, 0.33}, {0.29, 0.69}, {0.15, 0.06}, c},
		6:  smpte,
		7:  smpte,
		8:  {{0.681, 0.319}, {0.243, 0.692}, {0.145, 0.049}, c},
		9:  {{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, d65},
		11: {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, {0.314, 0.351}},
		12: {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, d65},
		22: {{0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}, d65},
	}
}()

// transferFunctions are those of H.273, table 3, from stored values to linear light,
// both from 0 to 1.
var transferFunctions = func() map[uint8]func(float64) float64 {
	linear := func(v float64) float64 { return v }
	power := func(gamma float64) func(float64) float64 {
		return func(v float64) float64 { return math.Pow(v, gamma) }
	}
	bt709 := func(v float64) float64 {
		const alpha, beta, slope = 1.099, 0.018, 4.5
		if v < slope*beta {
			return v / slope
		}
		return math.Pow((v+(alpha-1))/alpha, 1/0.45)
	}
	logarithmic := func(decades float64) func(float64) float64 {
		return func(v float64) float64 {
			return (1 - math.Pow(10, -decades*v)) / (1 - math.Pow(10, -decades))
		}
	}
	return map[uint8]func(float64) float64{
		1: bt709, 6: bt709, 12: bt709, 14: bt709, 15: bt709,
		2: linear, 8: linear,
		4: power(2.2), 5: power(2.8),
		7: func(v float64) float64 { // SMPTE ST 240
			const alpha, beta, slope = 1.1115, 0.0228, 4.0
			if v < slope*beta {
				return v / slope
			}
			return math.Pow((v+(alpha-1))/alpha, 1/0.45)
		},
		9: logarithmic(2), 10: logarithmic(2.5),
		11: func(v float64) float64 { // IEC 61966-2-4
			if v < 0 {
				return -bt709(-v)
			}
			return bt709(v)
		},
		13: func(v float64) float64 { // IEC 61966-2-1
			if v <= 0.04045 {
				return v / 12.92
			}
			return math.Pow((v+0.055)/1.055, 2.4)
		},
		16: func(v float64) float64 { // SMPTE ST 2084
			const m1, m2 = 2610.0 / 16384.0, 2523.0 / 32.0
			const c1, c2, c3 = 3424.0 / 4096.0, 2413.0 / 4096.0 * 32.0, 2392.0 / 4096.0 * 32.0
			p := math.Pow(v, 1/m2)
			return math.Pow(math.Max(p-c1, 0)/math.Max(c2-float64(c3*p), 1e-6), 1/m1)
		},
		17: func(v float64) float64 { return (52.37 / 48.0) * math.Pow(v, 2.6) }, // SMPTE ST 428-1
		18: func(v float64) float64 { // ARIB STD-B67
			const a, c = 0.17883277, 0.55991073
			const b = 1 - 4*a
			if v <= 0.5 {
				return v * v / 3
			}
			return (math.Exp((v-c)/a) + b) / 12
		},
	}
}()

func srgbFromLinear(l float64) float64 {
	if l <= 0.0031308 {
		return 12.92 * l
	}
	return 1.055*math.Pow(l, 1/2.4) - 0.055
}
