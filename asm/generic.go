package asm

// The plain Go twin of every kernel: what runs where there is no assembly,
// and what the assembly is tested against.

func sgemmPanelsGeneric(rows, panels, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool) {
	for i := range rows {
		for q := range panels {
			row := c[i*ldc+q*Cols:][:Cols]
			panel := b[q*k*Cols:]
			var sum [Cols]float32
			for p := range k {
				v := a[i*rs+p*cs]
				for j, w := range panel[p*Cols:][:Cols] {
					sum[j] += v * w
				}
			}
			for j, s := range sum {
				if accumulate {
					s += row[j]
				}
				row[j] = s
			}
		}
	}
}

func gramPanelGeneric(rows, k int, a []float32, ld, j int, c []float32, accumulate bool) {
	for i := range rows {
		row := c[i*Cols:][:Cols]
		var sum [Cols]float32
		for p := range k {
			v := a[p*ld+i]
			for s, w := range a[p*ld+j:][:Cols] {
				sum[s] += v * w
			}
		}
		for s, v := range sum {
			if accumulate {
				v += row[s]
			}
			row[s] = v
		}
	}
}

func axpyGeneric(alpha float32, x, y []float32) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

func dotGeneric(x, y []float32) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v) * float64(y[i])
	}
	return sum
}

func biasReLUGeneric(y, bias []float32) {
	for i, b := range bias {
		y[i] = max(y[i]+b, 0)
	}
}

func reluGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func reluGradGeneric(dst, dy, y []float32) {
	for i, v := range y {
		if v > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}
}

func transpose8Generic(dst []float32, ldDst int, src []float32, ldSrc, cols int) {
	for c := range cols {
		row := dst[c*ldDst:][:8]
		for r := range row {
			row[r] = src[r*ldSrc+c]
		}
	}
}

func copyRowsGeneric(rows, n int, dst []float32, ldDst int, src []float32, ldSrc int) {
	for r := range rows {
		copy(dst[r*ldDst:][:n], src[r*ldSrc:])
	}
}
