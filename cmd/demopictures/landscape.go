package main

import (
	"image"
	"math"
)

// The landscape, from back to front: sky, mountains in four depths, a wood and
// a village on the far shore, the lake that mirrors all of it, a boat, and the
// dark near shore. Coordinates are in units of the picture's height, x 0..1.5,
// y down.
const (
	shore = 0.655 // y of the far waterline
	sunX  = 1.02  // the sun has just set here
	sunY  = 0.60
)

func landscape() image.Image { return render(600, 400, 2, lakeAtDusk) }

func lakeAtDusk(x, y float64) colour {
	if c, hit := nearShore(x, y); hit {
		return c
	}
	if c, hit := boat(x, y); hit {
		return c
	}
	if y < shore {
		return farShore(x, y)
	}
	return water(x, y)
}

var duskSky = []stop{
	{0.00, hex(0x0f1a44)},
	{0.28, hex(0x27407f)},
	{0.50, hex(0x6a5a9c)},
	{0.68, hex(0xc46f8c)},
	{0.82, hex(0xf09468)},
	{0.94, hex(0xfcc070)},
	{1.00, hex(0xffdf9c)},
}

// sky is the gradient of dusk with the glow of the sun, stars, the moon and
// clouds that are lit from below.
func sky(x, y float64) colour {
	t := y / 0.60
	c := gradient(duskSky, t-0.10*math.Exp(-sq((x-sunX)/0.5))*(1-t)+0.02)
	d := math.Hypot((x-sunX)*0.8, y-sunY)
	c = c.add(hex(0xffb050), 0.55*math.Exp(-sq(d/0.20)))
	c = c.add(hex(0xff9040), 0.20*math.Exp(-sq(d/0.45)))
	c = c.add(hex(0xffffff), stars(x, y)*(1-smoothstep(0.15, 0.55, t)))
	c = moon(c, x, y)
	return clouds(c, x, y)
}

// stars returns brightness: in every cell of a grid at most one star.
func stars(x, y float64) float64 {
	const cells = 26
	ix, iy := int(x*cells), int(y*cells)
	r := random(ix, iy, 901)
	if r > 0.36 {
		return 0
	}
	sx := (float64(ix) + 0.2 + 0.6*random(ix, iy, 902)) / cells
	sy := (float64(iy) + 0.2 + 0.6*random(ix, iy, 903)) / cells
	size := 0.0009 + 0.0014*sq(1-r/0.36)
	return 0.95 * math.Exp(-sq(math.Hypot(x-sx, y-sy)/size))
}

// moon lays a crescent, lit from the side of the sun, with its halo over c.
func moon(c colour, x, y float64) colour {
	const mx, my, radius = 0.44, 0.155, 0.047
	d := math.Hypot(x-mx, y-my)
	c = c.add(hex(0x9fb0e0), 0.33*math.Exp(-d/0.075))
	disc := 1 - smoothstep(radius-0.0015, radius+0.0015, d)
	shadow := 1 - smoothstep(radius-0.006, radius+0.006, math.Hypot(x-mx+0.022, y-my+0.013))
	c = c.mix(hex(0x4a5a94), disc*0.35)
	return c.mix(hex(0xfff6da), disc*(1-shadow))
}

// clouds lays streaks of cloud over c. What hides less sky towards the sun than
// here is lit: the difference of two samples of the density.
func clouds(c colour, x, y float64) colour {
	density := func(x, y float64) float64 {
		wx := 0.20 * fbm(x*1.7, y*4, 3, 11)
		wy := 0.06 * fbm(x*2.1+7, y*5, 3, 12)
		n := fbm(1.5*(x+wx), 6.5*(y+wy)+0.8*x, 5, 13)
		return smoothstep(-0.02, 0.62, n+0.08-0.6*sq((y-0.28)/0.3))
	}
	n := density(x, y)
	if n <= 0 {
		return c
	}
	towards := density(x+0.025*(sunX-x), y+0.022)
	lit := clamp(0.42+1.9*(n-towards), 0, 1)
	warm := gradient([]stop{{0, hex(0x8a6fa8)}, {0.4, hex(0xe98d86)}, {0.75, hex(0xffb066)}, {1, hex(0xffd890)}},
		y/0.52*0.8+0.35*math.Exp(-sq((x-sunX)/0.45)))
	cool := hex(0x39457f).mix(hex(0x9a6486), y/0.5)
	return c.mix(cool.mix(warm, lit), 0.92*n)
}

// farShore is what stands or hangs above the waterline.
func farShore(x, y float64) colour {
	c := mountains(sky(x, y), x, y)
	c = wood(c, x, y)
	return village(c, x, y)
}

func sq(x float64) float64 { return x * x }
