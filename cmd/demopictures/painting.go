package main

import (
	"image"
	"math"
	"math/rand/v2"
)

// layer is one pass over the whole canvas, from broad brushes to fine.
type layer struct {
	width, length float64 // of a stroke, in units of the picture's height
	count         int
	thickness     float64
	jitter        float64 // how far the paint strays from the design
	accents       float64 // share of strokes in the complementary colour
}

var layers = []layer{
	{0.100, 0.36, 260, 0.5, 0.05, 0.00},
	{0.052, 0.26, 700, 0.8, 0.09, 0.03},
	{0.030, 0.17, 2000, 1.2, 0.12, 0.05},
	{0.019, 0.11, 3600, 1.5, 0.14, 0.07},
	{0.012, 0.07, 1300, 1.6, 0.16, 0.12},
}

// painting covers a canvas with strokes that follow the field.
func painting() image.Image {
	const w, h, oversample = 600, 480, 2
	rng := rand.New(rand.NewPCG(1, 2))
	// The underpainting shows where the field turns on the spot, so that no
	// stroke can follow it, and between dry bristles.
	c := newCanvas(w*oversample, h*oversample, func(x, y float64) colour {
		return design(x, y).mix(hex(0x3a2a30), 0.15)
	})
	for _, l := range layers {
		for range l.count {
			x, y := -0.1+1.45*rng.Float64(), -0.05+1.1*rng.Float64()
			base := design(x, y)
			accent := rng.Float64() < l.accents
			first, second := stray(rng, base, l.jitter), stray(rng, base, 1.6*l.jitter)
			if accent {
				second = complement(base, x, y)
			}
			c.draw(stroke{x, y, l.width * (0.7 + 0.6*rng.Float64()), l.length * (0.6 + 0.8*rng.Float64()),
				first, second, l.thickness, rng.Uint32()})
		}
	}
	return c.lit(oversample)
}

// stray returns the paint a brush really picked up for c: a little lighter or
// darker, a little warmer or colder.
func stray(rng *rand.Rand, c colour, by float64) colour {
	light, warm := by*rng.NormFloat64(), by*rng.NormFloat64()
	return colour{
		clamp(c[0]*(1+light)+0.5*warm, 0, 1),
		clamp(c[1]*(1+light)+0.1*warm, 0, 1),
		clamp(c[2]*(1+light)-0.5*warm, 0, 1),
	}
}

// complement returns an accent that makes c glow: warm on blue, blue on warm.
func complement(c colour, x, y float64) colour {
	if c[2] > c[0] {
		return hex(0xf2a93c).mix(hex(0xfbe9b0), 0.5+noise(9*x, 9*y, 701))
	}
	return hex(0x1f4fa0).mix(hex(0x2fa39a), 0.5+noise(9*x, 9*y, 702))
}

var (
	skyPaints = []stop{
		{0.00, hex(0x0b1a4a)}, {0.20, hex(0x14357f)}, {0.38, hex(0x1f5fae)}, {0.52, hex(0x2f93b8)},
		{0.64, hex(0x7cc3b4)}, {0.74, hex(0x1d4b98)}, {0.88, hex(0x0f2460)}, {1.00, hex(0x0b1a4a)},
	}
	sunPaints = []stop{
		{0.00, hex(0xfff4c4)}, {0.22, hex(0xffd95a)}, {0.42, hex(0xf7a024)}, {0.60, hex(0xe0622a)},
		{0.76, hex(0xf0bb4a)}, {0.90, hex(0x5fae9e)}, {1.00, hex(0x1f5fae)},
	}
	groundPaints = []stop{
		{0.00, hex(0xf0b93c)}, {0.22, hex(0xd9822b)}, {0.40, hex(0xa8401f)}, {0.55, hex(0x5c2a2c)},
		{0.70, hex(0x6f7a2c)}, {0.85, hex(0xc9a13a)}, {1.00, hex(0xf0b93c)},
	}
)

// design is the picture in the painter's mind: the colour wanted at a point.
func design(x, y float64) colour {
	if y > ground(x) {
		depth := (y - ground(x)) / (1 - ground(x))
		furrow := 1.9*depth + 0.20*math.Sin(5*x) + 0.42*fbm(3*x, 6*y, 3, 711)
		c := gradient(groundPaints, furrow-math.Floor(furrow))
		return c.mix(hex(0x40203a), 0.40*smoothstep(0.55, 1, depth))
	}
	// Bands of colour follow the stream lines, as the strokes do.
	band := 3.4*stream(x, y) + 0.25*fbm(2*x, 2*y, 3, 721) + 0.15
	c := gradient(skyPaints, band-math.Floor(band))
	c = c.mix(hex(0xf2b86a), 0.55*smoothstep(0.16, 0, ground(x)-y))
	for i, s := range swirls {
		d := math.Hypot(x-s.x, y-s.y) / s.radius
		ring := d*0.92 + 0.10*noise(7*x, 7*y, 731)
		switch {
		case ring > 1:
		case i == 0:
			c = gradient(sunPaints, ring).mix(c, smoothstep(0.75, 1, ring))
		default:
			pale := gradient([]stop{{0, hex(0xfbe7a6)}, {0.30, hex(0xf0b548)}, {0.45, hex(0x86c5b0)}, {0.7, hex(0x2b79b4)}, {1, hex(0x14357f)}}, ring)
			c = pale.mix(c, smoothstep(0.25, 0.85, ring))
		}
	}
	return c
}
