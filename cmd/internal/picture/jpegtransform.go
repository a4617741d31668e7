package picture

import "math"

// jpegZigzag is the place, row by row, of each coefficient (section A.3.6).
var jpegZigzag = func() (places [64]int) {
	x, y := 0, 0
	for i := range places {
		places[i] = y*8 + x
		switch up := (x+y)%2 == 0; {
		case up && x == 7, !up && x == 0 && y < 7:
			y++
		case up && y == 0, !up && y == 7:
			x++
		case up:
			x, y = x+1, y-1
		default:
			x, y = x-1, y+1
		}
	}
	return places
}()

// jpegCosines[u][x] is C(u)/2 cos((2x+1) u pi/16), of which the product of two is a
// function of the inverse transform (section A.3.3).
var jpegCosines = func() (t [8][8]float32) {
	for u := range t {
		for x := range t[u] {
			t[u][x] = float32(math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) / 2)
			if u == 0 {
				t[u][x] = float32(math.Sqrt2 / 4)
			}
		}
	}
	return t
}()

// transform turns coefficients into samples, and frees them.
func (c *jpegComponent) transform() {
	for by := range c.down {
		for bx := range c.across {
			coef := c.coef[64*(by*c.across+bx):][:64]
			var rows [8][8]float32 // v, x
			var used [8]bool
			for k, v := range coef {
				if v == 0 {
					continue
				}
				place := jpegZigzag[k]
				f := float32(int(v) * int(c.table[k]))
				used[place/8] = true
				for x, cosine := range jpegCosines[place%8] {
					rows[place/8][x] += f * cosine
				}
			}
			for y := range 8 {
				var sum [8]float32
				for v := range rows {
					if used[v] {
						for x, f := range rows[v] {
							sum[x] += f * jpegCosines[v][y]
						}
					}
				}
				to := c.pix[(by*8+y)*8*c.across+bx*8:][:8]
				for x, f := range sum {
					to[x] = byteOf(f + 128)
				}
			}
		}
	}
	c.coef = nil
}
