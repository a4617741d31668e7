package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestWinogradOutputGrad(t *testing.T) {
	_, at := winogradMatrices()
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 5))
		for _, tiles := range []int{1, 2, 5} {
			for _, n := range []int{8, 16, 24} {
				pixel, tile := n+8*(n%3), n+3
				row, freq := 4*tiles*pixel+5, tiles*tile+1
				src, checkSrc := guarded(rng, 3*row+(4*tiles-1)*pixel+n, tiles)
				dst, checkDst := guarded(rng, 35*freq+(tiles-1)*tile+n, n%5)
				before := append([]float32(nil), dst...)
				impl.outputGrad(tiles, n, dst, tile, freq, src, row, pixel)
				name := fmt.Sprintf("tiles=%d n=%d", tiles, n)
				checkSrc(t, name)
				checkDst(t, name)
				written := make(map[int]bool)
				for k := range tiles * n * WinogradSize {
					p, q, c := k/6%6, k%6, k/WinogradSize%n
					o := (6*p+q)*freq + k/WinogradSize/n*tile + c
					written[o] = true
					want := 0.0
					for i := range 4 {
						for j := range 4 {
							want += at[i][p] * at[j][q] * float64(src[i*row+(4*(k/WinogradSize/n)+j)*pixel+c])
						}
					}
					if err := math.Abs(float64(dst[o]) - want); !(err <= 2e-5) {
						t.Fatalf("%s: element %d, channel %d (%d,%d) is %v, want %v", name, o, c, p, q, dst[o], want)
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

// TestWinogradFilterGrad holds the kernel to the definition of an adjoint, with
// the matrix G in float64.
func TestWinogradFilterGrad(t *testing.T) {
	a, b := math.Sqrt(0.5), math.Sqrt2
	g := [6][3]float64{
		{1, 0, 0},
		{-2. / 3, -2 * a / 3, -1. / 3},
		{-2. / 3, 2 * a / 3, -1. / 3},
		{1. / 6, b / 6, 1. / 3},
		{1. / 6, -b / 6, 1. / 3},
		{0, 0, 1},
	}
	winogradImplementations.each(t, func(t *testing.T, impl winogradKernels) {
		rng := rand.New(rand.NewPCG(11, 6))
		for _, n := range []int{8, 16, 24, 40} {
			tap, freq := n+n%3, n+1
			src, checkSrc := guarded(rng, 35*freq+n, n%5)
			dst, checkDst := guarded(rng, 8*tap+n, n%7)
			before := append([]float32(nil), dst...)
			impl.filterGrad(n, dst, tap, src, freq)
			name := fmt.Sprintf("n=%d", n)
			checkSrc(t, name)
			checkDst(t, name)
			for o := range dst {
				k, c := o/tap, o%tap
				if c >= n {
					if dst[o] != before[o] {
						t.Fatalf("%s: wrote between the taps", name)
					}
					continue
				}
				want := 0.0
				for f := range WinogradSize {
					want += g[f/6][k/3] * g[f%6][k%3] * float64(src[f*freq+c])
				}
				if err := math.Abs(float64(dst[o]) - want); !(err <= 2e-6) {
					t.Fatalf("%s: tap %d of filter %d is %v, want %v", name, k, c, dst[o], want)
				}
			}
		}
	})
}

func TestWinogradGradPanics(t *testing.T) {
	s := make([]float32, 10000)
	wantPanics(t, map[string]func(){
		"output by the eight": func() { WinogradOutputGrad(1, 4, s, 4, 4, s, 16, 4) },
		"output src":          func() { WinogradOutputGrad(1, 8, s, 8, 8, s[:16*8-1], 32, 8) },
		"output dst":          func() { WinogradOutputGrad(1, 8, s[:36*8-1], 8, 8, s, 32, 8) },
		"output stride":       func() { WinogradOutputGrad(1, 8, s, -8, 8, s, 32, 8) },
		"filter by the eight": func() { WinogradFilterGrad(4, s, 4, s, 4) },
		"filter src":          func() { WinogradFilterGrad(8, s, 8, s[:36*8-1], 8) },
		"filter dst":          func() { WinogradFilterGrad(8, s[:9*8-1], 8, s, 8) },
		"filter stride":       func() { WinogradFilterGrad(8, s, 8, s, -8) },
	})
}
