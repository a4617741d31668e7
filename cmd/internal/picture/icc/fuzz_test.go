package icc

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse checks that no profile makes the conversion panic, or give a value
// outside 0..1.
func FuzzParse(f *testing.F) {
	for _, g := range goldens(f) {
		if len(g.profile) < 5000 {
			f.Add(g.profile)
		}
	}
	files, err := filepath.Glob("/usr/share/color/icc/*/*.icc")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil && len(data) < 5000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		p.IsSRGB()
		for i := range 125 {
			r, g, b := p.ToSRGB([4]float64{float64(i%5) / 4, float64(i/5%5) / 4, float64(i/25) / 4, float64(i%3) / 2})
			for _, v := range []float64{r, g, b} {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("%v %v %v", r, g, b)
				}
			}
		}
	})
}

// FuzzCalibrated checks that no primaries, gamma or code points give a value outside 0..1.
func FuzzCalibrated(f *testing.F) {
	f.Add(0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290, 2.2, uint8(9), uint8(16), true, uint8(8))
	f.Add(0.3, 0.3, 0.4, 0.4, 0.5, 0.5, 0.3, 0.0, 1.0, uint8(12), uint8(18), false, uint8(16))
	f.Fuzz(func(t *testing.T, rx, ry, gx, gy, bx, by, wx, wy, gamma float64, primaries, transfer uint8, narrow bool, bits uint8) {
		calibrated, err := Calibrated(Primaries{{rx, ry}, {gx, gy}, {bx, by}, {wx, wy}}, gamma)
		if err != nil {
			calibrated = nil
		}
		points, err := Coded(CodePoints{primaries, transfer, narrow, 8 + int(bits%9)})
		if err != nil {
			points = nil
		}
		for _, p := range []*Transform{calibrated, points} {
			if p == nil {
				continue
			}
			p.IsSRGB()
			for i := range 27 {
				r, g, b := p.ToSRGB([4]float64{float64(i%3) / 2, float64(i/3%3) / 2, float64(i/9) / 2})
				for _, v := range []float64{r, g, b} {
					if !(v >= 0 && v <= 1) {
						t.Fatalf("%v %v %v", r, g, b)
					}
				}
			}
		}
	})
}
