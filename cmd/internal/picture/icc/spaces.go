package icc

import "math"

// d50 is the white of the profile connection space (ICC.1:2022, section 7.2.16).
var d50 = [3]float64{0.9642, 1, 0.8249}

// A matrix multiplies a colour of three channels and adds to it.
type matrix struct {
	m      [3][3]float64
	offset [3]float64
}

var unchanged = matrix{m: [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}

func (m matrix) apply(v *[4]float64) {
	x, y, z := v[0], v[1], v[2]
	for i, row := range m.m {
		v[i] = float64(row[0]*x) + float64(row[1]*y) + float64(row[2]*z) + m.offset[i]
	}
}

// times returns the matrix that applies n first and then m. Neither may add.
func (m matrix) times(n matrix) matrix {
	var out matrix
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out.m[i][j] += float64(m.m[i][k] * n.m[k][j])
			}
		}
	}
	return out
}

// inverse returns the inverse of a matrix that adds nothing. ok is false if there is none.
func (m matrix) inverse() (out matrix, ok bool) {
	minor := func(i, j int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
		return float64(m.m[a][c]*m.m[b][d]) - float64(m.m[a][d]*m.m[b][c])
	}
	det := float64(m.m[0][0]*minor(0, 0)) + float64(m.m[0][1]*minor(0, 1)) + float64(m.m[0][2]*minor(0, 2))
	if math.Abs(det) < 1e-9 || math.IsNaN(det) || math.IsInf(det, 0) {
		return out, false
	}
	for i := range 3 {
		for j := range 3 {
			out.m[j][i] = minor(i, j) / det
		}
	}
	return out, true
}

// Chromaticity is a CIE 1931 x and y.
type Chromaticity struct{ X, Y float64 }

// xyz returns the colour with a luminance of 1.
func (c Chromaticity) xyz() [3]float64 {
	return [3]float64{c.X / c.Y, 1, (1 - c.X - c.Y) / c.Y}
}

// Primaries are red, green, blue and white.
type Primaries [4]Chromaticity

// toXYZ returns the matrix from linear red, green and blue to XYZ relative to D50, white
// being adapted by the method of Bradford (ICC.1:2022, annex E). ok is false if there is
// none: primaries on a line, or a white without luminance.
func (p Primaries) toXYZ() (m matrix, ok bool) {
	for c := range 3 {
		for row, v := range p[c].xyz() {
			m.m[row][c] = v
		}
	}
	inverse, ok := m.inverse()
	if !ok {
		return m, false
	}
	white := p[3].xyz()
	amount := [4]float64{white[0], white[1], white[2]}
	inverse.apply(&amount)
	for c := range 3 {
		for row := range 3 {
			m.m[row][c] *= amount[c]
		}
	}
	adapted, ok := adaptation(white)
	return adapted.times(m), ok
}

// adaptation returns the matrix that turns a white into D50.
func adaptation(white [3]float64) (m matrix, ok bool) {
	cones := matrix{m: [3][3]float64{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}}
	from, to := [4]float64{white[0], white[1], white[2]}, [4]float64{d50[0], d50[1], d50[2]}
	cones.apply(&from)
	cones.apply(&to)
	scale := matrix{}
	for i := range 3 {
		scale.m[i][i] = to[i] / from[i]
		if !(scale.m[i][i] > 0 && scale.m[i][i] < 1e6) {
			return m, false
		}
	}
	back, ok := cones.inverse()
	return back.times(scale.times(cones)), ok
}

// SRGB are the primaries of IEC 61966-2-1.
var SRGB = Primaries{{0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}, {0.3127, 0.3290}}

// fromXYZ leads from XYZ relative to D50 to the linear light of sRGB.
var fromXYZ = func() matrix {
	m, ok := SRGB.toXYZ()
	if inverse, invertible := m.inverse(); ok && invertible {
		return inverse
	}
	panic("icc: no matrix of sRGB")
}()

// encodeSRGB returns the value of a linear one (IEC 61966-2-1), from 0 to 1.
func encodeSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return unit(12.92 * v)
	}
	return unit(1.055*math.Pow(v, 1/2.4) - 0.055)
}

// decodeSRGB is the inverse of encodeSRGB.
func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// xyzScale is what 1 stands for in encoded XYZ (ICC.1:2022, section 6.3.4.2).
const xyzScale = 65535.0 / 32768

// decodeXYZ is the step from encoded XYZ.
func decodeXYZ(v *[4]float64) {
	for i := range 3 {
		v[i] *= xyzScale
	}
}

// encodeXYZ is the inverse of decodeXYZ.
func encodeXYZ(v *[4]float64) {
	for i := range 3 {
		v[i] /= xyzScale
	}
}

// legacyScale is by how much 1 exceeds the largest value of L*a*b* in the 16 bits of
// version 2, 0xff00 (ICC.1:2022, section 6.3.4.2, table 13).
const legacyScale = 65535.0 / 0xff00

// decodeLab is the step from encoded L*a*b*.
func (l *lut) decodeLab(v *[4]float64) {
	scale := 1.0
	if l.legacy {
		scale = legacyScale
	}
	v[0] *= 100 * scale
	v[1] = 255*scale*v[1] - 128
	v[2] = 255*scale*v[2] - 128
}

// encodeLab is the inverse of decodeLab.
func (l *lut) encodeLab(v *[4]float64) {
	scale := 1.0
	if l.legacy {
		scale = legacyScale
	}
	v[0] /= 100 * scale
	v[1] = (v[1] + 128) / (255 * scale)
	v[2] = (v[2] + 128) / (255 * scale)
}

// labToXYZ is the step from CIE 1976 L*a*b* to XYZ.
func labToXYZ(v *[4]float64) {
	y := (v[0] + 16) / 116
	x, z := y+v[1]/500, y-v[2]/200
	for i, t := range []float64{x, y, z} {
		v[i] = d50[i] * cubed(t)
	}
}

// cubed is the inverse of the function f of CIE 1976 L*a*b*.
func cubed(t float64) float64 {
	const limit = 24.0 / 116
	if t <= limit {
		return 108.0 / 841 * (t - 16.0/116)
	}
	return t * t * t
}

// lightness returns L* of a luminance from 0 to 1.
func lightness(y float64) float64 {
	const limit = 24.0 / 116
	if y <= limit*limit*limit {
		return max(0, 116*(841.0/108*y))
	}
	return 116*math.Cbrt(y) - 16
}

// luminance is the inverse of lightness.
func luminance(l float64) float64 { return max(0, cubed((l+16)/116)) }
