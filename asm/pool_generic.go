package asm

// The plain Go twins. Adding to zero makes a zero gradient a positive zero, as
// it is where the gradients of overlapping windows add up.

func maxPool2x2Generic(y []float32, taps []uint8, top, bottom []float32, channels int) {
	for q := 0; q < len(y); q += channels {
		best, from := y[q:][:channels], taps[q:][:channels]
		copy(best, top[2*q:])
		clear(from)
		for t, pixel := range [][]float32{top[2*q+channels:], bottom[2*q:], bottom[2*q+channels:]} {
			for i, v := range pixel[:len(best)] {
				if v > best[i] || v != v {
					best[i], from[i] = v, uint8(t+1)
				}
			}
		}
	}
}

func maxPool2x2GradGeneric(dtop, dbottom, dy []float32, taps []uint8, channels int) {
	for q := 0; q < len(dy); q += channels {
		from := taps[q:][:channels]
		for t, pixel := range [][]float32{dtop[2*q:], dtop[2*q+channels:], dbottom[2*q:], dbottom[2*q+channels:]} {
			pixel = pixel[:channels]
			clear(pixel)
			for i, v := range dy[q:][:channels] {
				if int(from[i]) == t {
					pixel[i] += v
				}
			}
		}
	}
}

func meanPool2x2Generic(y, top, bottom []float32, channels int) {
	for q := 0; q < len(y); q += channels {
		a, b := top[2*q:][:channels], top[2*q+channels:][:channels]
		c, d := bottom[2*q:][:channels], bottom[2*q+channels:][:channels]
		for i := range y[q:][:channels] {
			y[q+i] = (a[i] + b[i] + c[i] + d[i]) * 0.25
		}
	}
}

func meanPool2x2GradGeneric(dtop, dbottom, dy []float32, channels int) {
	for q := 0; q < len(dy); q += channels {
		a, b := dtop[2*q:][:channels], dtop[2*q+channels:][:channels]
		c, d := dbottom[2*q:][:channels], dbottom[2*q+channels:][:channels]
		for i, v := range dy[q:][:channels] {
			v = 0 + v*0.25
			a[i], b[i], c[i], d[i] = v, v, v, v
		}
	}
}
