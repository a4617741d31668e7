package main

import "math"

// swirl is a vortex of the flow field: paint turns about (x, y), fastest at a
// distance of about 0.7 radius; a negative spin turns it the other way.
type swirl struct{ x, y, radius, spin float64 }

var swirls = []swirl{
	{0.900, 0.310, 0.230, +2.1}, // the sun
	{0.340, 0.230, 0.170, -2.2},
	{0.600, 0.545, 0.085, +1.5},
	{0.080, 0.520, 0.090, +1.7},
	{1.190, 0.545, 0.080, -1.6},
	{0.620, 0.085, 0.085, +1.7},
	{1.175, 0.095, 0.100, -1.8},
	{0.075, 0.075, 0.080, +1.7},
}

// stream is the stream function of the field: paint flows along its contour
// lines. Being the curl of something, such a field has neither sources nor
// sinks, so that strokes neither gather nor leave holes (R. Bridson et al.,
// "Curl-noise for procedural fluid flow", 2007).
func stream(x, y float64) float64 {
	psi := 0.55 * (y + 0.10*math.Sin(3.1*x+0.6)) // the wind, from left to right
	for _, s := range swirls {
		psi += 0.55 * s.spin * s.radius * math.Exp(-(sq(x-s.x)+sq(y-s.y))/sq(s.radius))
	}
	return psi + 0.045*fbm(2.6*x, 2.6*y, 2, 601)
}

// flow returns the direction of the field at a point, a unit vector.
func flow(x, y float64) (dx, dy float64) {
	const e = 0.002
	dx = stream(x, y+e) - stream(x, y-e)
	dy = stream(x-e, y) - stream(x+e, y)
	// Below the skyline of the painting strokes follow the ground instead.
	if g := smoothstep(-0.01, 0.03, y-ground(x)); g > 0 {
		gx, gy := groundFlow(x, y)
		n := math.Hypot(dx, dy) + 1e-9
		dx, dy = lerp(dx/n, gx, g), lerp(dy/n, gy, g)
	}
	n := math.Hypot(dx, dy) + 1e-9
	return dx / n, dy / n
}

// ground is the skyline of the painting: rolling fields.
func ground(x float64) float64 {
	return 0.72 + 0.055*math.Sin(2.7*x+2.3) + 0.025*math.Sin(6.3*x+0.5)
}

// groundFlow runs along furrows that follow the hills and fan out downwards.
func groundFlow(x, y float64) (dx, dy float64) {
	const e = 0.004
	depth := max(0, y-ground(x))
	slope := (ground(x+e) - ground(x-e)) / (2 * e) * math.Exp(-depth/0.12)
	slope += 0.55*math.Sin(4.2*x+9*depth) + 0.9*noise(3.5*x, 5*y, 611)
	n := math.Hypot(1, slope)
	return 1 / n, slope / n
}
