package main

// colour is red, green and blue, each 0..1, as an sRGB file stores them. A
// painter's mixtures are judged by eye, so the arithmetic is done on these
// values and not on linear light.
type colour [3]float64

// hex returns the colour written 0xRRGGBB.
func hex(v int) colour {
	return colour{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

// mix returns c where t is 0 and d where it is 1.
func (c colour) mix(d colour, t float64) colour {
	t = clamp(t, 0, 1)
	return colour{lerp(c[0], d[0], t), lerp(c[1], d[1], t), lerp(c[2], d[2], t)}
}

// add returns c + s d: light d of strength s falling on it.
func (c colour) add(d colour, s float64) colour {
	return colour{c[0] + s*d[0], c[1] + s*d[1], c[2] + s*d[2]}
}

func (c colour) scale(s float64) colour { return colour{c[0] * s, c[1] * s, c[2] * s} }

// stop is a colour at a position of a gradient.
type stop struct {
	at float64
	c  colour
}

// gradient interpolates between stops in ascending order.
func gradient(stops []stop, t float64) colour {
	for i, s := range stops[1:] {
		if t < s.at {
			before := stops[i]
			return before.c.mix(s.c, (t-before.at)/(s.at-before.at))
		}
	}
	return stops[len(stops)-1].c
}
