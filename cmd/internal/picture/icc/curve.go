package icc

import (
	"encoding/binary"
	"errors"
	"math"
)

// A curve is a function from 0..1 to 0..1. What is given may be outside.
type curve func(v float64) float64

// each returns the step that applies a curve to each channel.
func each(curves []curve) step {
	return func(v *[4]float64) {
		for i, f := range curves {
			v[i] = f(v[i])
		}
	}
}

func identity(v float64) float64 { return v }

// maxCurve is the most entries of a curve: more than one for each value of 16 bits are of
// no use.
const maxCurve = 1 << 16

var errCurve = errors.New("icc: a curve that is missing, damaged or of an unknown kind")

// parseCurve returns the curve at the beginning of data, a curveType or a
// parametricCurveType (ICC.1:2022, sections 10.6 and 10.18), and its length in bytes.
func parseCurve(data []byte) (f curve, size int, err error) {
	if len(data) < 12 {
		return nil, 0, errCurve
	}
	switch string(data[:4]) {
	case "curv":
		n := binary.BigEndian.Uint32(data[8:])
		if n > maxCurve || int(n)*2 > len(data)-12 {
			return nil, 0, errCurve
		}
		values := data[12:][:n*2]
		switch n {
		case 0:
			f = identity
		case 1:
			f = power(float64(binary.BigEndian.Uint16(values)) / 256)
		default:
			f = table(words(values))
		}
		return f, 12 + len(values), nil
	case "para":
		kind := binary.BigEndian.Uint16(data[8:])
		counts := []int{1, 3, 4, 5, 7}
		if int(kind) >= len(counts) || len(data) < 12+4*counts[kind] {
			return nil, 0, errCurve
		}
		var p [7]float64
		for i := range counts[kind] {
			p[i] = fixed(data[12+4*i:])
		}
		f, err = parametric(kind, p)
		return f, 12 + 4*counts[kind], err
	}
	return nil, 0, errCurve
}

// parseCurves returns the curves that follow each other in data, each padded to a multiple
// of four bytes.
func parseCurves(data []byte, n int) ([]curve, error) {
	var curves []curve
	for range n {
		f, size, err := parseCurve(data)
		if err != nil {
			return nil, err
		}
		curves = append(curves, f)
		data = data[min(len(data), (size+3)&^3):]
	}
	return curves, nil
}

// power returns v^gamma; identity, to the last bit, for 1.
func power(gamma float64) curve {
	if gamma == 1 {
		return identity
	}
	return func(v float64) float64 { return math.Pow(unit(v), gamma) }
}

// parametric returns a curve of a kind from 0 to 4 (ICC.1:2022, table 68) with its g, a,
// b, c, d, e and f.
func parametric(kind uint16, p [7]float64) (curve, error) {
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		return power(g), nil
	case 1, 2: // c is added throughout
		if a == 0 {
			return nil, errCurve
		}
		c, d, e, f = 0, -b/a, c, c
	}
	return func(v float64) float64 {
		v = unit(v)
		if v >= d {
			return unit(math.Pow(max(0, float64(a*v)+b), g) + e)
		}
		return unit(float64(c*v) + f)
	}, nil
}

// table returns a curve through values at equal distances, at least two.
func table(values []float32) curve {
	last := float64(len(values) - 1)
	return func(v float64) float64 {
		x := unit(v) * last
		i := min(int(x), len(values)-2)
		low, high := float64(values[i]), float64(values[i+1])
		return low + float64((x-float64(i))*(high-low))
	}
}

// words returns values of 16 bits, from 0 to 1.
func words(data []byte) []float32 {
	out := make([]float32, len(data)/2)
	for i := range out {
		out[i] = float32(binary.BigEndian.Uint16(data[2*i:])) / 0xffff
	}
	return out
}

// octets returns values of 8 bits, from 0 to 1.
func octets(data []byte) []float32 {
	out := make([]float32, len(data))
	for i, v := range data {
		out[i] = float32(v) / 0xff
	}
	return out
}

// unit cuts off what is outside 0..1; NaN becomes 0.
func unit(v float64) float64 {
	if v >= 1 {
		return 1
	}
	if v > 0 {
		return v
	}
	return 0
}
