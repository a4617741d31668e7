package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// convKernels is one implementation of the kernels for few channels.
type convKernels struct {
	convRow func(pixels, outputs, kh, k int, a []float32, ld, step int, b, bias, c []float32, ldc int, relu bool, mask []uint8)
	sumTaps func(dst []float32, step, n int, t []float32, ld int, offsets []int)
}

var convImplementations = twins[convKernels]{
	convKernels{convRowGeneric, sumTapsGeneric},
	convKernels{ConvRow, SumTaps},
}

func TestConvRow(t *testing.T) {
	convImplementations.each(t, func(t *testing.T, impl convKernels) {
		rng := rand.New(rand.NewPCG(11, 1))
		trial := 0
		for _, pixels := range []int{6, 12, 30} {
			for _, outputs := range []int{16, 32, 64} {
				for _, kernel := range [][3]int{{1, 1, 1}, {3, 3, 3}, {2, 3, 4}, {3, 2, 2}, {1, 7, 1}, {5, 1, 3}} {
					for _, relu := range []bool{false, true} {
						for _, masked := range []bool{false, true} {
							trial++
							kh, step := kernel[0], kernel[2]
							k := kernel[1] * step
							ld, ldc := pixels*step+k+trial%3, outputs+trial%3*8
							a, checkA := guarded(rng, (kh-1)*ld+(pixels-1)*step+k, trial%5)
							b, checkB := guarded(rng, outputs*kh*k, trial%3)
							bias, checkBias := guarded(rng, outputs, trial%4)
							c, checkC := guarded(rng, (pixels-1)*ldc+outputs, trial%7)
							mask, checkMask := guardedBytes(rng, len(c)/8, trial%3)
							before, bitsBefore := append([]float32(nil), c...), append([]uint8(nil), mask...)
							if trial%4 == 0 {
								bias[trial%outputs] = nan
							}
							name := fmt.Sprintf("pixels=%d outputs=%d kernel=%v relu=%v masked=%v", pixels, outputs, kernel, relu, masked)
							bits := mask
							if !masked {
								bits = nil
							}
							impl.convRow(pixels, outputs, kh, k, a, ld, step, b, bias, c, ldc, relu, bits)
							checkA(t, name)
							checkB(t, name)
							checkBias(t, name)
							checkC(t, name)
							checkMask(t, name)
							for at, got := range c {
								i, o := at/ldc, at%ldc
								if o >= outputs || !masked {
									if bit(mask, at) != bit(bitsBefore, at) {
										t.Fatalf("%s: bit %d was touched", name, at)
									}
								} else if bit(mask, at) != (got > 0) {
									t.Fatalf("%s: bit of c[%d,%d] = %v is %v", name, i, o, got, bit(mask, at))
								}
								if o >= outputs {
									if got != before[at] {
										t.Fatalf("%s: wrote between the pixels of c", name)
									}
									continue
								}
								want, magnitude := float64(bias[o]), math.Abs(float64(bias[o]))
								for r := range kh {
									for p := range k {
										v := float64(a[r*ld+i*step+p]) * float64(b[((o/16*kh+r)*k+p)*16+o%16])
										want += v
										magnitude += math.Abs(v)
									}
								}
								if relu {
									want = max(want, 0)
								}
								err := math.Abs(float64(got) - want)
								if !(err <= float64(kh*k+1)*0x1p-24*magnitude) && !same(got, float32(want)) {
									t.Fatalf("%s: c[%d,%d] = %v, want %v", name, i, o, got, want)
								}
							}
						}
					}
				}
			}
		}
	})
}

func TestSumTaps(t *testing.T) {
	convImplementations.each(t, func(t *testing.T, impl convKernels) {
		rng := rand.New(rand.NewPCG(11, 2))
		for n := range 14 {
			for step := 1; step <= 4; step++ {
				for _, taps := range []int{0, 1, 2, 9} {
					ld, extent := 16+n%3, 40
					size, room := 0, 0
					if n > 0 {
						size, room = extent+(n-1)*ld+4, (n-1)*step+4
					}
					src, checkT := guarded(rng, size, n%4)
					dst, checkDst := guarded(rng, room, step)
					offsets := make([]int, taps)
					for i := range offsets {
						offsets[i] = rng.IntN(extent + 1)
					}
					impl.sumTaps(dst, step, n, src, ld, offsets)
					checkT(t, "SumTaps")
					checkDst(t, "SumTaps")
					for at, got := range dst {
						i := min(at/step, n-1) // the last to write here
						want := float32(0)
						for _, offset := range offsets {
							want += src[offset+i*ld+at-i*step]
						}
						if got != want {
							t.Fatalf("n=%d step=%d taps=%d: element %d is %v, want %v", n, step, taps, at, got, want)
						}
					}
				}
			}
		}
	})
}

func TestConvKernelsPanic(t *testing.T) {
	s, mask := make([]float32, 2000), make([]uint8, 100)
	wantPanics(t, map[string]func(){
		"pixels":  func() { ConvRow(5, 16, 3, 9, s, 100, 3, s, s, s, 16, true, mask) },
		"outputs": func() { ConvRow(6, 8, 3, 9, s, 100, 3, s, s, s, 16, true, mask) },
		"taps":    func() { ConvRow(6, 16, 0, 9, s, 100, 3, s, s, s, 16, true, mask) },
		"size":    func() { ConvRow(6, 16, 3, 9, s, -100, 3, s, s, s, 16, true, mask) },
		"a":       func() { ConvRow(6, 16, 3, 9, s[:223], 100, 3, s, s, s, 16, true, mask) },
		"b":       func() { ConvRow(6, 16, 3, 9, s, 100, 3, s[:431], s, s, 16, true, mask) },
		"bias":    func() { ConvRow(6, 16, 3, 9, s, 100, 3, s, s[:15], s, 16, true, mask) },
		"c":       func() { ConvRow(6, 16, 3, 9, s, 100, 3, s, s, s[:95], 16, true, mask) },
		"mask":    func() { ConvRow(6, 16, 3, 9, s, 100, 3, s, s, s, 16, true, mask[:11]) },
		"ldc":     func() { ConvRow(6, 16, 3, 9, s, 100, 3, s, s, s, 20, true, mask) },
		"step":    func() { SumTaps(s, 5, 4, s, 16, []int{0}) },
		"n":       func() { SumTaps(s, 3, -1, s, 16, []int{0}) },
		"dst":     func() { SumTaps(s[:12], 3, 4, s, 16, []int{0}) },
		"t":       func() { SumTaps(s, 3, 4, s[:61], 16, []int{3, 10}) },
		"offset":  func() { SumTaps(s, 3, 4, s, 16, []int{3, -1}) },
	})
}
