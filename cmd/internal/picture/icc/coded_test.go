package icc

import (
	"math"
	"testing"
)

func coded(t *testing.T, c CodePoints) *Transform {
	t.Helper()
	p, err := Coded(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Values of ITU-R BT.2408-7, table 1 and annex 1: what stands for a luminance.
func TestHighDynamicRange(t *testing.T) {
	for _, c := range []struct {
		transfer         uint8
		value, luminance float64 // candelas a square metre
	}{
		{16, 0, 0}, {16, 0.508078, 100}, {16, 0.580689, 203}, {16, 0.751827, 1000}, {16, 1, 10000},
		{18, 0, 0}, {18, 0.5, 50.70}, {18, 0.75, 203}, {18, 1, 1000},
	} {
		got, _, _ := coded(t, CodePoints{Primaries: 9, Transfer: c.transfer}).ToSRGB([4]float64{c.value, c.value, c.value})
		want := encodeSRGB(c.luminance / 203)
		if math.Abs(got-want)*255 > 0.35 {
			t.Errorf("transfer %d: %v becomes %.4f, want %.4f", c.transfer, c.value, got, want)
		}
	}
}

func TestNarrowRange(t *testing.T) {
	for _, bits := range []int{8, 10, 16} {
		p := coded(t, CodePoints{Primaries: 1, Transfer: 13, Narrow: true, Bits: bits})
		scale := math.Exp2(float64(bits-8)) / (math.Exp2(float64(bits)) - 1)
		for value, want := range map[float64]float64{0: 0, 16: 0, 125.5: 0.5, 235: 1, 255: 1} {
			if r, g, b := p.ToSRGB([4]float64{value * scale, value * scale, value * scale}); math.Abs(g-want) > 1e-4 || math.Abs(r-b) > 1e-4 {
				t.Errorf("%d bits: %v becomes %v %v %v, want %v", bits, value, r, g, b, want)
			}
		}
	}
}

// White stays white, whatever the primaries, and black stays black.
func TestWhiteAndBlack(t *testing.T) {
	for p := range 256 {
		for transfer := range 256 {
			c, err := Coded(CodePoints{Primaries: uint8(p), Transfer: uint8(transfer)})
			if err != nil {
				continue
			}
			white := 1.0
			if transfer == 17 {
				white = math.Pow(48/52.37, 1/2.6) // that of a cinema
			}
			for _, v := range []float64{0, white} {
				r, g, b := c.ToSRGB([4]float64{v, v, v})
				if want := math.Round(v); math.Abs(r-want) > 1e-3 || math.Abs(g-want) > 1e-3 || math.Abs(b-want) > 1e-3 {
					t.Errorf("code points %d and %d: %v becomes %v %v %v", p, transfer, v, r, g, b)
				}
			}
		}
	}
}

func TestUnknownCodePoints(t *testing.T) {
	for _, c := range []CodePoints{{}, {Primaries: 2, Transfer: 13}, {Primaries: 1, Transfer: 2}, {Primaries: 10, Transfer: 13}, {Primaries: 1, Transfer: 255}} {
		if _, err := Coded(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if !coded(t, CodePoints{Primaries: 1, Transfer: 13}).IsSRGB() {
		t.Error("the code points of sRGB are not sRGB")
	}
	if coded(t, CodePoints{Primaries: 1, Transfer: 1}).IsSRGB() {
		t.Error("the code points of BT.709 are sRGB")
	}
}

func TestCalibrated(t *testing.T) {
	for _, gamma := range []float64{math.NaN(), math.Inf(1), 0, -1, 0.05, 20} {
		if _, err := Calibrated(SRGB, gamma); err == nil {
			t.Errorf("gamma %v: no error", gamma)
		}
	}
	line := Primaries{{0.3, 0.3}, {0.4, 0.4}, {0.5, 0.5}, SRGB[3]}
	dark := Primaries{SRGB[0], SRGB[1], SRGB[2], {0.3, 0}}
	for _, p := range []Primaries{{}, line, dark} {
		if _, err := Calibrated(p, 1); err == nil {
			t.Errorf("primaries %v: no error", p)
		}
	}
	linear, err := Calibrated(SRGB, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b := linear.ToSRGB([4]float64{0.5, 0.2, 0}); math.Abs(r-0.7354) > 1e-3 || math.Abs(g-0.4845) > 1e-3 || b > 1e-3 {
		t.Errorf("%v %v %v, want 0.7354 0.4845 0", r, g, b)
	}
}
