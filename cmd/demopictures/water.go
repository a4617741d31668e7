package main

import "math"

// water mirrors the far shore. Waves tilt the mirror, so that what is seen lies
// a little beside, above or below the true reflection, more so towards the
// viewer; the farther they are, the flatter and denser the waves look.
func water(x, y float64) colour {
	near := (y - shore) / (1 - shore) // 0 at the far shore, 1 at the viewer
	// Rows of a flat lake crowd towards the horizon like 1/distance.
	row := 9 / (near + 0.07)
	scale := 3.2 / (near + 0.16)
	wave := fbm(x*scale*1.4, row, 4, 401)
	swell := fbm(x*scale*0.45+3, row*0.5, 3, 405)
	mx := x + (0.002+0.016*near)*wave
	my := shore - (y-shore)*1.02 + (0.004+0.050*near)*(wave+0.7*swell) - 0.004
	c := farShore(mx, min(my, shore-0.0005))
	c = c.add(lamplight, lampGlow(x, near, wave))
	deep := hex(0x17306a).mix(hex(0x0b1a40), near)
	tilt := smoothstep(-0.15, 0.55, wave+0.35*swell) // faces turned to the viewer show depth
	c = c.mix(deep, 0.12+0.30*near+0.42*tilt*(0.25+0.75*near))
	// The sun's path: crests catch the brightest part of the sky.
	path := math.Exp(-sq((x - sunX + 0.04*swell) / (0.05 + 0.16*near)))
	c = c.add(hex(0xffb860), 0.62*path*smoothstep(0.12, 0.42, -wave)*(1-0.45*near))
	// A bright line of calm water under the far bank.
	return c.mix(hex(0xe6b0b0), 0.55*math.Exp(-sq((y-shore-0.004)/0.0035)))
}

// lampGlow returns the strength of the long broken streaks that lit windows
// draw on the water.
func lampGlow(x, near, wave float64) float64 {
	sum := 0.0
	for _, h := range houses {
		width := 0.008 + 0.012*near
		sum += math.Exp(-sq((x-h.x+0.010*wave)/width)) * math.Exp(-sq(near/0.42))
	}
	return 0.42 * sum * smoothstep(-0.22, 0.25, -wave)
}
