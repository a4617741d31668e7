package main

import "math"

var (
	darkBank = hex(0x0c1128)
	darkTree = hex(0x0a1024)
)

// nearShore is the dark frame at the viewer's feet: a bank with grass in the
// left corner, tall firs on it, reeds on the right.
func nearShore(x, y float64) (colour, bool) {
	bank := 1.02 - 0.20*smoothstep(0.62, 0.0, x) - 0.010*fbm(x*9, 0, 3, 501)
	grass := 0.045 * sq(random(int(x*260), 0, 502)) * smoothstep(0.70, 0.30, x)
	if y > bank-grass*(0.6+0.4*math.Sin(x*900)) {
		rim := smoothstep(0.03, 0, y-bank+grass)
		return darkBank.mix(hex(0x3a3358), 0.55*rim+0.10*fbm(x*30, y*60, 3, 503)), true
	}
	for i, fir := range []struct{ x, foot, height float64 }{
		{0.060, 0.90, 0.74}, {0.185, 0.90, 0.53}, {-0.03, 0.86, 0.60}, {0.275, 0.93, 0.33}, {1.475, 1.02, 0.62}, {1.40, 1.04, 0.40},
	} {
		if c, hit := bigFir(x-fir.x, fir.foot-y, fir.height, uint32(520+i)); hit {
			return c, true
		}
	}
	return reeds(x, y)
}

// bigFir is a tree near enough to show its branches: tiers that droop, ragged
// at their ends, with light of the sky in the gaps.
func bigFir(dx, up, height float64, seed uint32) (colour, bool) {
	if up < 0 || up > height {
		return colour{}, false
	}
	v := 1 - up/height
	if math.Abs(dx) < 0.003+0.007*v {
		return darkTree, true
	}
	reach := height * 0.17 * math.Pow(v, 0.82) * min(1, v*9)
	out := math.Abs(dx) / (reach + 1e-9)
	if out > 1.15 {
		return colour{}, false
	}
	side := 1
	if dx < 0 {
		side = 2
	}
	// Every tier of branches widens downwards, and the branches droop: the
	// farther out, the lower a tier is met. Twigs make the outline ragged.
	tiers := height * 24
	s := (v - 0.035*out*out + 0.004*noise(dx*60, up*60, seed)) * tiers
	k := math.Floor(s)
	length := 0.62 + 0.38*random(int(k), side, seed)
	widens := 0.34 + 0.66*math.Pow(s-k, 1.3)
	twigs := 0.30 * fbm(dx*110, up*55, 2, seed+9)
	if out > length*(widens+twigs) {
		return colour{}, false
	}
	needles := 0.5 + 0.9*fbm(dx*70-40*up*float64(3-2*side), up*130, 3, seed+4)
	return darkTree.mix(hex(0x26325e), clamp(0.75*needles*(0.25+0.75*out)*(1-0.6*(s-k)), 0, 1)), true
}

// reeds stand in the lower right corner: thin blades that bend to the left.
func reeds(x, y float64) (colour, bool) {
	if x < 1.05 || y < 0.72 {
		return colour{}, false
	}
	for i := range 46 {
		r := func(k int) float64 { return random(i, k, 560) }
		foot := 1.08 + 0.44*math.Sqrt(r(1))
		height := (0.06 + 0.17*r(2)) * smoothstep(1.02, 1.35, foot)
		up := (1.0 - y) / (height + 1e-9)
		if up > 1 {
			continue
		}
		bend := (r(3) - 0.65) * 0.06
		width := 0.0030 * (1 - up*0.8)
		head := up > 0.80 && up < 0.97 && r(4) > 0.5
		if head {
			width = 0.0052
		}
		if math.Abs(x-foot-bend*up*up) < width {
			if head {
				return hex(0x3a2438), true
			}
			return hex(0x141a36).mix(hex(0x3c3a60), up*0.7), true
		}
	}
	return colour{}, false
}

// boat lies on the water with someone in it and a lantern at the bow.
func boat(x, y float64) (colour, bool) {
	const bx, by = 0.60, 0.835
	dx, up := x-bx, by-y
	mirrored := up < 0
	if mirrored {
		dx += 0.006 * noise(x*30, y*120, 571)
		up = -up * 1.15
	}
	c, hit := boatShape(dx, up)
	if hit && mirrored {
		c = c.mix(hex(0x1a2450), 0.5)
	}
	return c, hit
}

func boatShape(dx, up float64) (colour, bool) {
	hull := 0.016 + 0.016*sq(dx/0.082) // the gunwale sweeps up at both ends
	switch {
	case math.Abs(dx) < 0.082-0.55*max(0, 0.020-up)+0.1*up && up < hull && up >= 0:
		if up > hull-0.0045 {
			return hex(0xc87a58), true // light along the gunwale
		}
		return hex(0x2a1a30).mix(hex(0x5a3038), up/hull), true
	case math.Abs(dx-0.008) < 0.0105-0.10*max(0, up-0.040) && up < 0.052 && up > 0:
		return hex(0x231a38), true
	case math.Hypot(dx-0.008, up-0.058) < 0.0085:
		return hex(0x4a2c3c), true
	case math.Hypot(dx+0.068, up-0.050) < 0.0065:
		return hex(0xfff2b8), true
	case math.Abs(dx+0.068) < 0.0014 && up < 0.050 && up > 0:
		return hex(0x2a1a30), true
	}
	return colour{}, false
}
