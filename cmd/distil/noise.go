package main

import (
	"math"
	"math/rand/v2"
)

// noise returns size x size pixels (size,size,3) of smooth random colour of mean
// 0: one to three layers of value noise, each with a random size, direction and
// elongation of its blots and a random mixture of colours. So does paint look
// from near, and so do the pictures that a painting goes through.
func noise(rng *rand.Rand, size int) []float32 {
	sum := make([]float32, size*size*3)
	for range 1 + rng.IntN(3) {
		addLayer(rng, sum, size)
	}
	return sum
}

// addLayer adds a layer of value noise: random values on a grid that is turned
// and stretched, interpolated in between.
func addLayer(rng *rand.Rand, sum []float32, size int) {
	const grid = 128 // cells before the values repeat; a power of two
	var values [grid * grid][3]float32
	for i := range values {
		for c := range 3 {
			values[i][c] = float32(rng.NormFloat64())
		}
	}
	period := math.Exp(rng.Float64() * math.Log(32)) // of a blot, in pixels: 1 to 32
	stretch := math.Exp(rng.Float64() * math.Log(8)) // its length by its width: 1 to 8
	sin, cos := math.Sincos(rng.Float64() * math.Pi)
	amplitude := float32(math.Exp(math.Log(8) + rng.Float64()*math.Log(10))) // 8 to 80 grey levels
	var colours [3][3]float32
	grey := float32(rng.Float64()) // how much the channels go together
	for c := range 3 {
		for k := range 3 {
			colours[c][k] = amplitude * (1 - grey) * float32(rng.NormFloat64()) * 0.6
		}
		colours[c][0] += amplitude * grey
	}
	ux, uy := float32(cos/period), float32(sin/period)
	vx, vy := float32(-sin/(period*stretch)), float32(cos/(period*stretch))
	offset := float32(grid * 8) // keeps coordinates positive
	for y := range size {
		for x := range size {
			u := ux*float32(x) + uy*float32(y) + offset
			v := vx*float32(x) + vy*float32(y) + offset
			i, j := int(u), int(v)
			a, b := ease(u-float32(i)), ease(v-float32(j))
			p00, p01 := &values[i%grid*grid+j%grid], &values[i%grid*grid+(j+1)%grid]
			p10, p11 := &values[(i+1)%grid*grid+j%grid], &values[(i+1)%grid*grid+(j+1)%grid]
			var mixed [3]float32
			for k := range 3 {
				mixed[k] = (1-a)*((1-b)*p00[k]+b*p01[k]) + a*((1-b)*p10[k]+b*p11[k])
			}
			at := sum[(y*size+x)*3:]
			for c := range 3 {
				at[c] += colours[c][0]*mixed[0] + colours[c][1]*mixed[1] + colours[c][2]*mixed[2]
			}
		}
	}
}

// ease is the smoothstep curve: from 0 to 1 with no slope at either end.
func ease(t float32) float32 { return t * t * (3 - 2*t) }
