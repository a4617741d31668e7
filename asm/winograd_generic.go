package asm

func winogradInputGeneric(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	for t := range tiles {
		for c := range n {
			var d [6][6]float32 // B^T d, column by column
			for j := range 6 {
				at := (4*t+j)*pixelStride + c
				column := winogradBT([6]float32{
					src[at], src[at+rowStride], src[at+2*rowStride],
					src[at+3*rowStride], src[at+4*rowStride], src[at+5*rowStride],
				})
				for i, v := range column {
					d[i][j] = v
				}
			}
			for i := range d {
				for j, v := range winogradBT(d[i]) {
					dst[(6*i+j)*freqStride+t*tileStride+c] = v
				}
			}
		}
	}
}

// winogradBT returns B^T d.
func winogradBT(d [6]float32) [6]float32 {
	u, s := d[4]-2*d[2], winogradA*(d[3]-2*d[1])
	w, z := d[4]-d[2]/2, winogradB*(d[3]-d[1]/2)
	return [6]float32{
		d[0] + d[4] - 2.5*d[2],
		u + s, u - s,
		w + z, w - z,
		d[1] + d[5] - 2.5*d[3],
	}
}

func winogradOutputGeneric(n int, dst []float32, rowStride, pixelStride int, src []float32, freqStride int, bias []float32, mask []uint8, relu, accumulate bool) {
	for c := range n {
		var e [4][6]float32 // A^T e, column by column
		for j := range 6 {
			var m [6]float32
			for i := range m {
				m[i] = src[(6*i+j)*freqStride+c]
			}
			for i, v := range winogradAT(m) {
				e[i][j] = v
			}
		}
		for i := range e {
			for j, v := range winogradAT(e[i]) {
				at := i*rowStride + j*pixelStride + c
				if accumulate {
					v += dst[at]
				}
				if bias != nil {
					v += bias[c]
				}
				if relu {
					v = max(v, 0)
				}
				if mask != nil {
					mask[at/8] &^= 1 << (at % 8)
					if v > 0 {
						mask[at/8] |= 1 << (at % 8)
					}
				}
				dst[at] = v
			}
		}
	}
}

// winogradAT returns A^T m.
func winogradAT(m [6]float32) [4]float32 {
	s, d := m[1]+m[2], m[1]-m[2]
	t, e := m[3]+m[4], m[3]-m[4]
	return [4]float32{
		m[0] + s + t,
		winogradA*d + winogradB*e,
		0.5*s + 2*t,
		m[5] + winogradA/2*d + 2*winogradB*e,
	}
}

func winogradFilterGeneric(k int, dst []float32, freqStride int, src []float32, row [3]float32) {
	for p := range k * Cols {
		var x [3]float32 // row i of G g
		for j := range x {
			for i, v := range row {
				x[j] += v * src[(3*i+j)*k*Cols+p]
			}
		}
		for j, g := range winogradG {
			dst[j*freqStride+p] = g[0]*x[0] + g[1]*x[1] + g[2]*x[2]
		}
	}
}

func winogradOutputGradGeneric(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int) {
	for t := range tiles {
		for c := range n {
			var e [6][4]float32 // A dy, column by column
			for j := range 4 {
				at := (4*t+j)*pixelStride + c
				column := winogradAMul([4]float32{src[at], src[at+rowStride], src[at+2*rowStride], src[at+3*rowStride]})
				for i, v := range column {
					e[i][j] = v
				}
			}
			for i := range e {
				for j, v := range winogradAMul(e[i]) {
					dst[(6*i+j)*freqStride+t*tileStride+c] = v
				}
			}
		}
	}
}

// winogradAMul returns A d.
func winogradAMul(d [4]float32) [6]float32 {
	p, q := d[0]+d[2]/2, winogradA*(d[1]+d[3]/2)
	s, u := d[0]+2*d[2], winogradB*(d[1]+2*d[3])
	return [6]float32{d[0], p + q, p - q, s + u, s - u, d[3]}
}

func winogradFilterGradGeneric(n int, dst []float32, tapStride int, src []float32, freqStride int) {
	for c := range n {
		var x [3][6]float32 // G^T e
		for i, row := range winogradG {
			for j := range 6 {
				v := src[(6*i+j)*freqStride+c]
				for k, g := range row {
					x[k][j] += g * v
				}
			}
		}
		for k := range x {
			var dg [3]float32
			for j, row := range winogradG {
				for l, g := range row {
					dg[l] += g * x[k][j]
				}
			}
			for l, v := range dg {
				dst[(3*k+l)*tapStride+c] = v
			}
		}
	}
}
