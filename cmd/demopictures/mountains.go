package main

import "math"

// ridge is one range of mountains or hills.
type ridge struct {
	foot, height float64 // y of the foot; height of the highest crest
	frequency    float64
	octaves      int
	seed         uint32
	rock, light  colour // in shadow, and where the last light falls
	haze         colour // what lies in the valley before it
	hazeHeight   float64
	relief       float64 // how much the gullies show, 0..1
}

// The farther a range, the more air lies before it: its colours move towards
// those of the sky behind (aerial perspective).
var ridges = []ridge{
	{0.62, 0.430, 1.55, 6, 37, hex(0x6c5f98), hex(0xf0a08c), hex(0xf3b493), 0.20, 1.0},
	{0.64, 0.245, 2.30, 6, 52, hex(0x454680), hex(0xc98590), hex(0xd592a0), 0.14, 0.9},
	{0.66, 0.150, 3.10, 5, 64, hex(0x2f3668), hex(0x7c6490), hex(0xa9799f), 0.09, 0.5},
	{0.66, 0.085, 3.60, 5, 71, hex(0x232c55), hex(0x3e4270), hex(0x76639a), 0.05, 0.3},
}

// crest returns the y of the skyline at x.
func (r ridge) crest(x float64) float64 {
	h := ridged(x*r.frequency, 0.37, r.octaves, r.seed)
	valley := 0.75 + 0.25*math.Cos(2.6*(x-0.25)) // lower before the sun
	return r.foot - r.height*(0.15+0.95*h)*valley
}

// mountains lays the ranges over c, the farthest first.
func mountains(c colour, x, y float64) colour {
	for i, r := range ridges {
		top := r.crest(x)
		if y < top {
			continue
		}
		lit := r.gullies(x, y-top)
		rock := r.rock.mix(r.light, lit*r.relief)
		if i == 0 { // snow on the farthest and highest
			snow := smoothstep(0.47, 0.41, y+0.10*fbm(x*14, y*9, 4, 5))
			rock = rock.mix(hex(0x8f8ac6).mix(hex(0xffe2cc), smoothstep(0.25, 0.70, lit)), 0.9*snow)
		}
		mist := smoothstep(r.foot-r.hazeHeight, r.foot, y+0.03*fbm(x*5, y*16, 3, r.seed+20))
		c = rock.mix(r.haze, 0.8*mist)
	}
	return c
}

// gullies returns how much light falls on the slope, 0..1: crests run down from
// the skyline, and the side that faces the sun is lit.
func (r ridge) gullies(x, below float64) float64 {
	height := func(x float64) float64 {
		return ridged(x*r.frequency*3.4+0.10*noise(x*20, below*30, 3), below*6.5, 5, r.seed+7)
	}
	side := 1.0
	if x > sunX {
		side = -1
	}
	const e = 0.004
	return clamp(0.38+3.0*side*(height(x-e)-height(x+e)), 0, 1)
}

// wood lays the trees of the far shore over c: three rows of conifers, the
// nearest darkest, on a bank that rises to the left and to the right.
func wood(c colour, x, y float64) colour {
	for row := range 3 {
		k := float64(row)
		bank := shore - 0.012 - 0.055*(1-k/2.4)*smoothstep(0.35, 0, min(x, 1.62-x)) - 0.012*(2-k)*(1+fbm(x*4, k, 3, 80))
		tall := 0.045 + 0.008*k
		if x > 0.46 && x < 1.08 { // the village stands in a clearing
			tall *= 0.55
		}
		green := hex(0x2a3058).mix(hex(0x121a30), k/2)
		if y > bank || conifers(x, bank-y, tall, 0.014+0.003*k, uint32(90+row)) {
			c = green.mix(hex(0x53507c), 0.45*smoothstep(shore-0.02, shore, y)*(1-k/3))
		}
	}
	return c
}

// conifers reports whether the point, up above the ground, lies in one of a row
// of firs that stand about spacing apart and are up to tall high.
func conifers(x, up, tall, spacing float64, seed uint32) bool {
	if up < 0 || up > tall {
		return false
	}
	cell := int(math.Floor(x / spacing))
	for i := cell - 2; i <= cell+2; i++ {
		height := tall * (0.45 + 0.55*random(i, 1, seed))
		at := (float64(i) + random(i, 2, seed)) * spacing
		v := 1 - up/height // 0 at the tip, 1 at the foot
		if v < 0 {
			continue
		}
		tier := v*6 - math.Floor(v*6) // branches: each tier widens downwards
		if math.Abs(x-at) < height*0.21*(0.25+v*0.75)*(0.45+0.55*tier)*min(1, v*4) {
			return true
		}
	}
	return false
}
