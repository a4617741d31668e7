package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
)

// kernels is one implementation of the package's kernels.
type kernels struct {
	sgemm     func(rows, panels, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool)
	gram      func(rows, k int, a []float32, ld, j int, c []float32, accumulate bool)
	axpy      func(alpha float32, x, y []float32)
	dot       func(x, y []float32) float64
	biasReLU  func(y, bias []float32)
	relu      func(dst, x []float32)
	reluGrad  func(dst, dy, y []float32)
	transpose func(dst []float32, ldDst int, src []float32, ldSrc, cols int)
}

var implementations = twins[kernels]{
	kernels{sgemmPanelsGeneric, gramPanelGeneric, axpyGeneric, dotGeneric, biasReLUGeneric, reluGeneric, reluGradGeneric, transpose8Generic},
	kernels{SgemmPanels, GramPanel, Axpy, Dot, BiasReLU, ReLU, ReLUGrad, Transpose8},
}

func TestImplementationIsAVX2WhereCIPromisesIt(t *testing.T) {
	if os.Getenv("BRUSHGRAD_WANT_AVX2") == "" {
		t.Skip("BRUSHGRAD_WANT_AVX2 is not set")
	}
	if Implementation != "avx2" {
		t.Errorf("Implementation is %q on a machine that promises avx2", Implementation)
	}
}

func TestSgemmPanels(t *testing.T) {
	layouts := []struct {
		name string
		rs   func(k int) int
		cs   func(k, rows int) int
	}{
		{"row-major", func(k int) int { return k + 3 }, func(int, int) int { return 1 }},
		{"transposed", func(int) int { return 1 }, func(_, rows int) int { return rows + 1 }},
		{"packed", func(int) int { return 1 }, func(_, rows int) int { return rows }},
		{"general", func(k int) int { return 2*k + 1 }, func(int, int) int { return 2 }},
	}
	implementations.each(t, func(t *testing.T, impl kernels) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, layout := range layouts {
			for _, k := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 257} {
				for _, ldc := range []int{16, 17, 40, 53} {
					for _, accumulate := range []bool{false, true} {
						panels := 1 + (ldc-16)/16*(k%2)
						rs, cs, rows := layout.rs(k), layout.cs(k, 6+k%3*6), 6+k%3*6
						a, checkA := guarded(rng, max(0, (rows-1)*rs+(k-1)*cs+1), k%5)
						b, checkB := guarded(rng, panels*k*16, k%3)
						c, checkC := guarded(rng, (rows-1)*ldc+panels*16, k%7)
						before := append([]float32(nil), c...)
						impl.sgemm(rows, panels, k, a, rs, cs, b, c, ldc, accumulate)
						name := fmt.Sprintf("%s rows=%d panels=%d k=%d ldc=%d accumulate=%v", layout.name, rows, panels, k, ldc, accumulate)
						checkA(t, name)
						checkB(t, name)
						checkC(t, name)
						for o := range c {
							i, j := o/ldc, o%ldc
							if j >= panels*16 {
								if c[o] != before[o] {
									t.Fatalf("%s: wrote between the rows of c", name)
								}
								continue
							}
							want, magnitude := 0.0, 1.0
							for p := range k {
								v := float64(a[i*rs+p*cs]) * float64(b[j/16*16*k+p*16+j%16])
								want += v
								magnitude += math.Abs(v)
							}
							if accumulate {
								want += float64(before[o])
								magnitude += math.Abs(float64(before[o]))
							}
							// A sum of k products has an error below (k+1) u sum|a b|,
							// u = 2^-24 (Higham, Accuracy and Stability, section 3.1).
							if err := math.Abs(float64(c[o]) - want); !(err <= float64(k+1)*0x1p-24*magnitude) {
								t.Fatalf("%s: c[%d,%d] = %v, want %v", name, i, j, c[o], want)
							}
						}
					}
				}
			}
		}
	})
}

func TestGramPanel(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, k := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 257} {
			for _, ld := range []int{1, 5, 16, 31, 40} {
				for j := 0; j < ld; j += 16 {
					for _, accumulate := range []bool{false, true} {
						rows := (j + 16 + 5) / 6 * 6
						// No value past the last one that the definition names.
						a, checkA := guarded(rng, max(0, (k-1)*ld+max(rows, j+16)), k%5)
						c, checkC := guarded(rng, rows*16, k%7)
						before := append([]float32(nil), c...)
						impl.gram(rows, k, a, ld, j, c, accumulate)
						name := fmt.Sprintf("k=%d ld=%d j=%d accumulate=%v", k, ld, j, accumulate)
						checkA(t, name)
						checkC(t, name)
						for o := range c {
							i, s := o/16, o%16
							want, magnitude := 0.0, 1.0
							for p := range k {
								v := float64(a[p*ld+i]) * float64(a[p*ld+j+s])
								want += v
								magnitude += math.Abs(v)
							}
							if accumulate {
								want += float64(before[o])
								magnitude += math.Abs(float64(before[o]))
							}
							if err := math.Abs(float64(c[o]) - want); !(err <= float64(k+1)*0x1p-24*magnitude) {
								t.Fatalf("%s: c[%d,%d] = %v, want %v", name, i, s, c[o], want)
							}
							if i >= j && i < j+16 && !accumulate && c[o] != c[(j+s)*16+i-j] {
								t.Fatalf("%s: c[%d,%d] = %v, its mirror image %v", name, i, s, c[o], c[(j+s)*16+i-j])
							}
						}
					}
				}
			}
		}
	})
}

func TestVectorKernels(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		rng := rand.New(rand.NewPCG(3, 4))
		for n := range 100 {
			for offset := range 4 {
				x, checkX := guarded(rng, n, offset)
				y, checkY := guarded(rng, n, 3-offset)
				z, checkZ := guarded(rng, n, offset)
				if n > 2 {
					x[n/2], y[n-1] = 0, nan
				}
				y0 := append([]float32(nil), y...)
				check := func(name string, got []float32, want func(i int) float32, tolerance float64) {
					t.Helper()
					checkX(t, name)
					checkY(t, name)
					checkZ(t, name)
					for i := range n {
						g, w := got[i], want(i)
						if !same(g, w) && !(math.Abs(float64(g-w)) <= tolerance*(1+math.Abs(float64(w)))) {
							t.Fatalf("%s n=%d offset=%d: element %d is %v, want %v", name, n, offset, i, g, w)
						}
					}
				}
				impl.axpy(0.7, x, y)
				check("Axpy", y, func(i int) float32 { return y0[i] + 0.7*x[i] }, 2e-7)

				copy(y, y0)
				impl.biasReLU(y, x)
				check("BiasReLU", y, func(i int) float32 { return max(y0[i]+x[i], 0) }, 0)

				copy(y, y0)
				impl.relu(z, y)
				check("ReLU", z, func(i int) float32 { return max(y[i], 0) }, 0)

				impl.reluGrad(z, x, y)
				check("ReLUGrad", z, func(i int) float32 {
					if y[i] > 0 {
						return x[i]
					}
					return 0
				}, 0)

				fill(rng, y)
				want, magnitude := 0.0, 0.0
				for i := range x {
					want += float64(x[i]) * float64(y[i])
					magnitude += math.Abs(float64(x[i]) * float64(y[i]))
				}
				if got := impl.dot(x, y); !(math.Abs(got-want) <= 1e-14*magnitude) {
					t.Fatalf("Dot n=%d offset=%d = %v, want %v", n, offset, got, want)
				}
			}
		}
	})
}

func TestTranspose8(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		rng := rand.New(rand.NewPCG(7, 8))
		for cols := range 35 {
			for gap := range 3 {
				ldSrc, ldDst := cols+gap, 8+gap
				src, checkSrc := guarded(rng, max(0, 7*ldSrc+cols), gap)
				dst, checkDst := guarded(rng, max(0, (cols-1)*ldDst+8), 2*gap)
				before := append([]float32(nil), dst...)
				impl.transpose(dst, ldDst, src, ldSrc, cols)
				checkSrc(t, "Transpose8")
				checkDst(t, "Transpose8")
				for i, v := range dst {
					c, r := i/ldDst, i%ldDst
					want := before[i]
					if r < 8 {
						want = src[r*ldSrc+c]
					}
					if v != want {
						t.Fatalf("cols=%d gap=%d: dst[%d] = %v, want %v", cols, gap, i, v, want)
					}
				}
			}
		}
	})
}

func TestInPlace(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		x := []float32{-1, 2, -3, 4, 5, -6, 7, -8, 9, -10, 11}
		impl.relu(x, x)
		dy := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
		impl.reluGrad(dy, dy, x)
		for i, v := range x {
			want := float32(0)
			if i == 1 || i == 3 || i == 4 || i >= 6 && i%2 == 0 {
				want = float32(i + 1)
			}
			if v != want || dy[i] != want {
				t.Errorf("element %d: relu %v, gradient %v, want %v", i, v, dy[i], want)
			}
		}
	})
}

func TestDotKeepsWhatFloat32WouldLose(t *testing.T) {
	implementations.each(t, func(t *testing.T, impl kernels) {
		x := make([]float32, 1<<12)
		for i := range x {
			x[i] = 1
		}
		x[0] = 1 << 14 // 2^28 + 4095 does not fit float32's 24 bits
		if got, want := impl.dot(x, x), float64(1<<28+4095); got != want {
			t.Errorf("Dot = %v, want %v", got, want)
		}
	})
}

func TestShortSlicesPanic(t *testing.T) {
	s := make([]float32, 1000)
	wantPanics(t, map[string]func(){
		"a":        func() { SgemmPanels(6, 1, 4, s[:23], 4, 1, s, s, 16, false) },
		"b":        func() { SgemmPanels(6, 1, 4, s, 4, 1, s[:63], s, 16, false) },
		"c":        func() { SgemmPanels(6, 1, 4, s, 4, 1, s, s[:95], 16, false) },
		"panels b": func() { SgemmPanels(6, 2, 4, s, 4, 1, s[:127], s, 32, false) },
		"panels c": func() { SgemmPanels(6, 2, 4, s, 4, 1, s, s[:5*32+31], 32, false) },
		"panels":   func() { SgemmPanels(6, -1, 4, s, 4, 1, s, s, 16, false) },
		"rows":     func() { SgemmPanels(5, 1, 4, s, 4, 1, s, s, 16, false) },
		"negative": func() { SgemmPanels(6, 1, 4, s, -4, 1, s, s, 16, false) },
		"gram a":   func() { GramPanel(18, 4, s[:3*16+17], 16, 0, s, false) },
		"gram b":   func() { GramPanel(18, 4, s[:3*20+31], 20, 16, s, false) },
		"gram c":   func() { GramPanel(18, 4, s, 16, 0, s[:18*16-1], false) },
		"gram row": func() { GramPanel(16, 4, s, 16, 0, s, false) },
		"gram j":   func() { GramPanel(18, 4, s, 16, -1, s, false) },
		"Axpy":     func() { Axpy(1, s, s[:10:10]) },
		"Dot":      func() { Dot(s, s[:10:10]) },
		"BiasReLU": func() { BiasReLU(s[:10:10], s) },
		"ReLU":     func() { ReLU(s[:10:10], s) },
		"ReLUGrad": func() { ReLUGrad(s, s[:10:10], s) },
		"dst":      func() { Transpose8(s[:63], 8, s, 8, 8) },
		"src":      func() { Transpose8(s, 8, s[:63], 8, 8) },
		"rows dst": func() { CopyRows(s[:15], 8, s, 8, 2, 8) },
		"rows src": func() { CopyRows(s, 8, s[:15], 8, 2, 8) },
		"prefetch": func() { PrefetchRows(s[:15], 8, 2, 8) },
		"rows n":   func() { CopyRows(s, 8, s, 8, 2, 7) },
	})
}

func BenchmarkSgemmPanels(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const k = 256
	x, y, c := make([]float32, 6*k), make([]float32, 16*k), make([]float32, 96)
	fill(rng, x)
	fill(rng, y)
	run := func(impl kernels) func(b *testing.B) {
		return func(b *testing.B) {
			for range b.N {
				impl.sgemm(6, 1, k, x, k, 1, y, c, 16, true)
			}
			b.ReportMetric(2*6*16*k*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		}
	}
	b.Run("generic", run(implementations.generic))
	if haveAVX2 {
		b.Run("avx2", run(implementations.dispatched))
	}
	b.Run("peak", func(b *testing.B) {
		for range b.N {
			FMABurst(1000)
		}
		b.ReportMetric(FMABurstFLOP*1000*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
	runtime.KeepAlive(c)
}

func TestCopyRows(t *testing.T) {
	copiers := twins[func(rows, n int, dst []float32, ldDst int, src []float32, ldSrc int)]{copyRowsGeneric, copyRows}
	copiers.each(t, func(t *testing.T, copyRows func(rows, n int, dst []float32, ldDst int, src []float32, ldSrc int)) {
		rng := rand.New(rand.NewPCG(7, 8))
		for rows := 1; rows < 40; rows += 3 {
			for _, n := range []int{8, 16, 24, 32} {
				dst, checkDst := guarded(rng, (rows-1)*(n+3)+n, rows%4)
				src, checkSrc := guarded(rng, (rows-1)*(n+5)+n, n%3)
				before := append([]float32(nil), dst...)
				copyRows(rows, n, dst, n+3, src, n+5)
				checkDst(t, "CopyRows")
				checkSrc(t, "CopyRows")
				for i, v := range dst {
					want := before[i]
					if c := i % (n + 3); c < n {
						want = src[i/(n+3)*(n+5)+c]
					}
					if v != want {
						t.Fatalf("%d rows of %d: value %d is %v, want %v", rows, n, i, v, want)
					}
				}
			}
		}
	})
}
