package main

import "math"

// house is a front with a gable roof; a church tower is a narrow one with a
// spire for a roof. x is the middle, base the y of the ground.
type house struct {
	x, base           float64
	width, wall, roof float64
	front, tiles      colour
	seed              uint32
}

var houses = []house{ // back to front
	{0.556, 0.633, 0.067, 0.038, 0.038, hex(0x6a5a80), hex(0x43355e), 201},
	{0.712, 0.628, 0.072, 0.044, 0.041, hex(0x75607e), hex(0x4c3555), 202},
	{0.898, 0.630, 0.069, 0.041, 0.038, hex(0x6d5a7c), hex(0x46335a), 203},
	{1.001, 0.636, 0.059, 0.033, 0.033, hex(0x77607a), hex(0x513652), 204},
	{0.807, 0.640, 0.040, 0.123, 0.116, hex(0x8d7488), hex(0x2f2a50), 205}, // the church tower
	{0.851, 0.640, 0.077, 0.046, 0.046, hex(0x84698a), hex(0x57304c), 206},
	{0.505, 0.643, 0.064, 0.038, 0.038, hex(0x7a5c72), hex(0x5a2f46), 207},
	{0.623, 0.645, 0.082, 0.049, 0.046, hex(0x8f6c78), hex(0x6a3040), 208},
	{0.729, 0.648, 0.074, 0.044, 0.044, hex(0x7c6688), hex(0x4a2c4c), 209},
	{0.928, 0.648, 0.084, 0.046, 0.049, hex(0x94707a), hex(0x702f3c), 210},
	{1.032, 0.650, 0.072, 0.038, 0.041, hex(0x7e6684), hex(0x52304a), 211},
	{0.300, 0.640, 0.059, 0.033, 0.036, hex(0x6c5876), hex(0x46304e), 212},
	{1.270, 0.646, 0.072, 0.038, 0.041, hex(0x80647c), hex(0x582e44), 213},
}

var lamplight = hex(0xffc860)

// village lays the houses over c, then the light of their windows.
func village(c colour, x, y float64) colour {
	if y < 0.40 {
		return c
	}
	for _, h := range houses {
		if math.Abs(x-h.x) < h.width && y > h.base-h.wall-h.roof-0.02 {
			c = h.paint(c, x, y)
		}
	}
	glow := 0.0
	for _, h := range houses {
		glow += math.Exp(-sq((x-h.x)/0.050) - sq((y-h.base+0.02)/0.032))
	}
	c = c.add(hex(0xff9a3c), 0.13*min(glow, 1.6))
	return smoke(c, x, y)
}

func (h house) paint(c colour, x, y float64) colour {
	dx, up := x-h.x, h.base-y
	if up < -0.004 {
		return c
	}
	half := h.width / 2
	eave := half * 1.14
	toSun := 0.5 + 0.5*dx/half // the right flank looks to the glow in the sky
	chimney := math.Abs(dx-0.5*half) < 0.0045 && up > h.wall && up < h.wall+0.86*h.roof
	switch {
	case up <= h.wall && math.Abs(dx) <= half:
		wall := h.front.scale(0.58 + 0.40*toSun)
		return wall.mix(h.window(dx, up))
	case up > h.wall-0.004 && math.Abs(dx) <= eave*(1-(up-h.wall+0.004)/h.roof):
		edge := 1 - math.Abs(dx)/(eave*(1-(up-h.wall+0.004)/h.roof))
		return h.tiles.scale(0.85+0.45*toSun).mix(hex(0xffb488), 0.45*smoothstep(0.16, 0, edge)*toSun)
	case chimney && h.wall < 0.07:
		return h.tiles.scale(0.8)
	}
	return c
}

// window returns the colour of the pane at a point of the front and 1, or 0 on
// the wall beside. Three in four are lit.
func (h house) window(dx, up float64) (colour, float64) {
	const pitchX, pitchY = 0.0185, 0.0220
	column, row := math.Floor(dx/pitchX+0.5), math.Floor(up/pitchY)
	if row < 0 || (math.Abs(column)+0.5)*pitchX > h.width/2 || (row+0.9)*pitchY > h.wall {
		return colour{}, 0
	}
	u, v := dx-column*pitchX, up-(row+0.5)*pitchY
	if math.Abs(u) > 0.0052 || math.Abs(v) > 0.0072 {
		return colour{}, 0
	}
	r := random(int(column), int(row), h.seed)
	if r > 0.76 {
		return hex(0x2c2a4c), 1
	}
	return hex(0xff9c34).mix(hex(0xfff0b0), 0.25+r), 1
}

// smoke rises from three chimneys and drifts to the left.
func smoke(c colour, x, y float64) colour {
	for i, h := range []house{houses[0], houses[7], houses[9]} {
		up := h.base - h.wall - 0.8*h.roof - y
		if up < 0 || up > 0.20 {
			continue
		}
		centre := h.x + 0.25*h.width - 0.9*up*up - 0.28*up + 0.030*noise(up*20, float64(i)*9+x*3, 301)*smoothstep(0, 0.06, up)
		width := 0.003 + 0.060*up
		thick := math.Exp(-sq((x-centre)/width)) * (1 - smoothstep(0.04, 0.16, up))
		thick *= 0.65 + 0.7*fbm(x*38, y*30, 3, uint32(310+i))
		c = c.mix(hex(0xd9b2bd), clamp(0.50*thick, 0, 1))
	}
	return c
}
