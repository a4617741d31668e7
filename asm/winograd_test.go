package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// winogradKernels is one implementation of the transforms.
type winogradKernels struct {
	input  func(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int)
	output func(n int, dst []float32, rowStride, pixelStride int, src []float32, freqStride int, bias []float32, mask []uint8, relu, accumulate bool)
	filter func(k, i int, dst []float32, freqStride int, src []float32)

	outputGrad func(tiles, n int, dst []float32, tileStride, freqStride int, src []float32, rowStride, pixelStride int)
	filterGrad func(n int, dst []float32, tapStride int, src []float32, freqStride int)
}

var winogradImplementations = twins[winogradKernels]{
	winogradKernels{winogradInputGeneric, winogradOutputGeneric,
		func(k, i int, dst []float32, freqStride int, src []float32) {
			winogradFilterGeneric(k, dst, freqStride, src, winogradG[i])
		}, winogradOutputGradGeneric, winogradFilterGradGeneric},
	winogradKernels{WinogradInput, WinogradOutput, WinogradFilter, WinogradOutputGrad, WinogradFilterGrad},
}

// The matrices of the comment on winogradA, in float64.
func winogradMatrices() (bt [6][6]float64, at [4][6]float64) {
	a, b := math.Sqrt(0.5), math.Sqrt2
	bt = [6][6]float64{
		{1, 0, -2.5, 0, 1, 0},
		{0, -2 * a, -2, a, 1, 0},
		{0, 2 * a, -2, -a, 1, 0},
		{0, -b / 2, -0.5, b, 1, 0},
		{0, b / 2, -0.5, -b, 1, 0},
		{0, 1, 0, -2.5, 0, 1},
	}
	for i := range at {
		n := float64(i)
		at[i] = [6]float64{0, math.Pow(a, n), math.Pow(-a, n), math.Pow(b, n), math.Pow(-b, n), 0}
	}
	at[0][0], at[3][5] = 1, 1
	return bt, at
}

// sandwich returns m x m^T for a matrix m with six columns.
func sandwich[R [4][6]float64 | [6][6]float64](m R, x [6][6]float64) [6][6]float64 {
	var rows [][6]float64
	switch m := any(m).(type) {
	case [4][6]float64:
		rows = m[:]
	case [6][6]float64:
		rows = m[:]
	}
	var y [6][6]float64
	for i, u := range rows {
		for j, v := range rows {
			for p := range 6 {
				for q := range 6 {
					y[i][j] += u[p] * x[p][q] * v[q]
				}
			}
		}
	}
	return y
}

func TestWinogradInput(t *testing.T) {
	bt, _ := winogradMatrices()
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 1))
		for _, tiles := range []int{1, 2, 5} {
			for _, n := range []int{8, 16, 24} {
				pixel, tile := n+8*(n%3), n+3
				row, freq := (4*tiles+2)*pixel+5, tiles*tile+1
				src, checkSrc := guarded(rng, 5*row+(4*tiles+1)*pixel+n, tiles)
				dst, checkDst := guarded(rng, 35*freq+(tiles-1)*tile+n, n%5)
				before := append([]float32(nil), dst...)
				impl.input(tiles, n, dst, tile, freq, src, row, pixel)
				name := fmt.Sprintf("tiles=%d n=%d", tiles, n)
				checkSrc(t, name)
				checkDst(t, name)
				written := make(map[int]bool)
				for at := range tiles {
					for c := range n {
						var d [6][6]float64
						for i := range 6 {
							for j := range 6 {
								d[i][j] = float64(src[i*row+(4*at+j)*pixel+c])
							}
						}
						want := sandwich(bt, d)
						for i := range 6 {
							for j := range 6 {
								o := (6*i+j)*freq + at*tile + c
								written[o] = true
								if err := math.Abs(float64(dst[o]) - want[i][j]); !(err <= 2e-5) {
									t.Fatalf("%s: tile %d channel %d (%d,%d) is %v, want %v", name, at, c, i, j, dst[o], want[i][j])
								}
							}
						}
					}
				}
				for o, v := range before {
					if !written[o] && dst[o] != v {
						t.Fatalf("%s: wrote between the frequencies", name)
					}
				}
			}
		}
	})
}

func TestWinogradOutput(t *testing.T) {
	_, at := winogradMatrices()
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 2))
		for _, n := range []int{8, 16, 24} {
			for flags := range 16 {
				withBias, relu, accumulate, withMask := flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
				name := fmt.Sprintf("n=%d bias=%v relu=%v accumulate=%v mask=%v", n, withBias, relu, accumulate, withMask)
				pixel, freq := n+8, n+1
				row := 4*pixel + 16
				src, checkSrc := guarded(rng, 35*freq+n, flags)
				dst, checkDst := guarded(rng, 3*row+3*pixel+n, n%5)
				before := append([]float32(nil), dst...)
				var bias []float32
				if withBias {
					bias = randomSlice(rng, n)
				}
				var mask, maskBefore []uint8
				if withMask {
					mask = make([]uint8, len(dst)/8)
					for i := range mask {
						mask[i] = uint8(rng.Uint32())
					}
					maskBefore = append(maskBefore, mask...)
				}
				src[7*freq] = nan // reaches all of channel 0
				impl.output(n, dst, row, pixel, src, freq, bias, mask, relu, accumulate)
				checkSrc(t, name)
				checkDst(t, name)
				written := make(map[int]bool)
				for c := range n {
					var e [6][6]float64
					for i := range 36 {
						e[i/6][i%6] = float64(src[i*freq+c])
					}
					y := sandwich(at, e)
					for i := range 4 {
						for j := range 4 {
							o := i*row + j*pixel + c
							written[o] = true
							want := y[i][j]
							if accumulate {
								want += float64(before[o])
							}
							if withBias {
								want += float64(bias[c])
							}
							if relu {
								want = max(want, 0)
							}
							if same := want != want && dst[o] != dst[o]; !same && !(math.Abs(float64(dst[o])-want) <= 1e-4) {
								t.Fatalf("%s: channel %d (%d,%d) is %v, want %v", name, c, i, j, dst[o], want)
							}
							if withMask && (mask[o/8]>>(o%8)&1 == 1) != (dst[o] > 0) {
								t.Fatalf("%s: channel %d (%d,%d) is %v, but its bit says otherwise", name, c, i, j, dst[o])
							}
						}
					}
				}
				for o, v := range before {
					if !written[o] && dst[o] != v {
						t.Fatalf("%s: wrote between the pixels", name)
					}
				}
				for i := range mask {
					if !written[i*8] && mask[i] != maskBefore[i] {
						t.Fatalf("%s: wrote between the masks", name)
					}
				}
			}
		}
	})
}

// randomSlice returns n random values.
func randomSlice(rng *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	fill(rng, s)
	return s
}

// TestWinogradConvolves: the filter's transform is right if the three together
// convolve.
func TestWinogradConvolves(t *testing.T) {
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 3))
		const k = 16 // channels, each with filters of its own
		for rows := 1; rows < 4; rows++ {
			g, checkG := guarded(rng, 9*rows*16, rows)
			u, checkU := guarded(rng, 36*rows*16, rows+1)
			for i := range 6 {
				impl.filter(rows, i, u[6*i*rows*16:], rows*16, g)
			}
			checkG(t, "filters")
			checkU(t, "transformed filters")
			d, y := randomSlice(rng, 36*k), make([]float32, 16*k)
			v := make([]float32, 36*k)
			impl.input(1, k, v, k, k, d, 6*k, k)
			for p := range rows {
				e := make([]float32, 36*k)
				for f := range 36 {
					for c := range k {
						e[f*k+c] = v[f*k+c] * u[(f*rows+p)*16+c]
					}
				}
				impl.output(k, y, 4*k, k, e, k, nil, nil, false, false)
				for o, got := range y {
					i, j, c := o/k/4, o/k%4, o%k
					want := 0.0
					for tap := range 9 {
						want += float64(d[((i+tap/3)*6+j+tap%3)*k+c]) * float64(g[(tap*rows+p)*16+c])
					}
					if !(math.Abs(float64(got)-want) <= 2e-5) {
						t.Fatalf("row %d: pixel (%d,%d) of channel %d is %v, want %v", p, i, j, c, got, want)
					}
				}
			}
		}
	})
}

func TestWinogradPanics(t *testing.T) {
	s := make([]float32, 10000)
	wantPanics(t, map[string]func(){
		"input by the eight":  func() { WinogradInput(1, 4, s, 4, 4, s, 24, 4) },
		"input src":           func() { WinogradInput(1, 8, s, 8, 8, s[:36*8-1], 48, 8) },
		"input dst":           func() { WinogradInput(1, 8, s[:36*8-1], 8, 8, s, 48, 8) },
		"output by the eight": func() { WinogradOutput(4, s, 16, 4, s, 4, nil, nil, false, false) },
		"output src":          func() { WinogradOutput(8, s, 32, 8, s[:36*8-1], 8, nil, nil, false, false) },
		"output dst":          func() { WinogradOutput(8, s[:16*8-1], 32, 8, s, 8, nil, nil, false, false) },
		"output bias":         func() { WinogradOutput(8, s, 32, 8, s, 8, s[:7], nil, false, false) },
		"output mask":         func() { WinogradOutput(8, s, 32, 8, s, 8, nil, make([]uint8, 15), false, false) },
		"filter row":          func() { WinogradFilter(1, 6, s, 16, s) },
		"filter src":          func() { WinogradFilter(1, 0, s, 16, s[:9*16-1]) },
		"filter dst":          func() { WinogradFilter(1, 0, s[:6*16-1], 16, s) },
	})
}

func BenchmarkWinograd(b *testing.B) {
	const n, tiles = 64, 24
	s := make([]float32, 36*tiles*(n+16))
	x := make([]float32, 6*(4*tiles+2)*n)
	b.Run("input", func(b *testing.B) {
		for range b.N {
			WinogradInput(tiles, n, s, n, tiles*n+16, x, (4*tiles+2)*n, n)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tiles/(n/8), "ns/patch")
	})
	b.Run("output", func(b *testing.B) {
		for range b.N {
			for t := range tiles {
				WinogradOutput(n, x[t*4*n:], (4*tiles+2)*n, n, s[t*n:], tiles*n+16, s, nil, true, false)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tiles/(n/8), "ns/patch")
	})
	b.Run("outputGrad", func(b *testing.B) {
		for range b.N {
			WinogradOutputGrad(tiles, n, s, n, tiles*n+16, x, 4*tiles*n, n)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tiles/(n/8), "ns/tile")
	})
	b.Run("filterGrad", func(b *testing.B) {
		for range b.N {
			WinogradFilterGrad(tiles*n, x, tiles*n, s, tiles*n+16)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tiles/(n/8), "ns/filters")
	})
	b.Run("filter", func(b *testing.B) {
		for range b.N {
			for i := range 6 {
				WinogradFilter(64, i, s, 1024, x)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64/2, "ns/filters")
	})
}
