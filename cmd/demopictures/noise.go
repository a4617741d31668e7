package main

import "math"

// hash scrambles a lattice point and a seed into 32 well-mixed bits (the
// finaliser of MurmurHash3 over a sum of odd multiples).
func hash(x, y int, seed uint32) uint32 {
	h := uint32(int32(x))*0x9e3779b1 + uint32(int32(y))*0x85ebca77 + seed*0xc2b2ae3d
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// random returns a number in [0, 1) that belongs to a lattice point.
func random(x, y int, seed uint32) float64 { return float64(hash(x, y, seed)) / (1 << 32) }

// directions are 256 unit vectors, the slopes of noise at its lattice points.
var directions = func() (d [256][2]float64) {
	for i := range d {
		d[i][1], d[i][0] = math.Sincos(2 * math.Pi * float64(i) / 256)
	}
	return d
}()

// noise is gradient noise (K. Perlin, "Improving noise", 2002): smooth, zero on
// every lattice point, about -0.7..0.7, features about one unit large.
func noise(x, y float64, seed uint32) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	x, y = x-fx, y-fy
	corner := func(i, j int) float64 {
		d := &directions[hash(ix+i, iy+j, seed)>>24]
		return d[0]*(x-float64(i)) + d[1]*(y-float64(j))
	}
	u, v := fade(x), fade(y)
	return lerp(lerp(corner(0, 0), corner(1, 0), u), lerp(corner(0, 1), corner(1, 1), u), v)
}

// fade is Perlin's 6t^5 - 15t^4 + 10t^3: its first two derivatives vanish at
// both ends, so that no lattice shows.
func fade(t float64) float64 { return t * t * t * (t*(t*6-15) + 10) }

// fbm sums octaves of noise, each of twice the frequency and half the height
// of the one before: fractional Brownian motion, about -1..1.
func fbm(x, y float64, octaves int, seed uint32) float64 {
	sum, amplitude := 0.0, 1.0
	for o := range octaves {
		sum += amplitude * noise(x, y, seed+uint32(o))
		x, y, amplitude = 2*x+17.3, 2*y-9.1, amplitude/2
	}
	return sum
}

// ridged is fbm folded at zero, which turns the zero lines of every octave
// into crests: 0..1, mountains rather than hills (F. K. Musgrave, in
// "Texturing and Modeling", chapter 16).
func ridged(x, y float64, octaves int, seed uint32) float64 {
	sum, amplitude, total := 0.0, 1.0, 0.0
	for o := range octaves {
		n := 1 - min(1, 1.7*math.Abs(noise(x, y, seed+uint32(o))))
		sum += amplitude * n * n
		total += amplitude
		x, y, amplitude = 2.1*x+5.7, 2.1*y+3.2, amplitude*0.5
	}
	return sum / total
}

func lerp(a, b, t float64) float64 { return a + t*(b-a) }

// smoothstep rises from 0 at a to 1 at b, with level ends.
func smoothstep(a, b, x float64) float64 {
	t := clamp((x-a)/(b-a), 0, 1)
	return t * t * (3 - 2*t)
}

func clamp(x, lo, hi float64) float64 { return max(lo, min(hi, x)) }
