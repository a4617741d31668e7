package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// random returns a tensor of normally distributed values.
func random(rng *rand.Rand, shape ...int) *Tensor {
	t := New(shape...)
	for i := range t.data {
		t.data[i] = float32(rng.NormFloat64())
	}
	return t
}

// widen returns the elements as float64.
func widen(t *Tensor) []float64 {
	w := make([]float64, len(t.data))
	for i, v := range t.data {
		w[i] = float64(v)
	}
	return w
}

func transposeFlag(t bool) blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// TestMatMul compares with gonum's float64 product, within the bound that the
// doc comment states.
func TestMatMul(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	sizes := [][3]int{
		{1, 1, 1}, {5, 7, 3}, {6, 16, 4}, {7, 17, 300}, {96, 16, 256}, {97, 257, 257}, {200, 33, 513},
		{3, 300, 40}, {0, 4, 3}, {4, 4, 0}, // nothing to compute, and a sum of nothing
		{16, 24, 5000}, {100, 20, 4097}, // long and thin: k is split
	}
	for _, s := range sizes {
		m, n, k := s[0], s[1], s[2]
		for flags := range 8 {
			transA, transB, accumulate := flags&1 != 0, flags&2 != 0, flags&4 != 0
			a, b, c := random(rng, m, k), random(rng, k, n), random(rng, m, n)
			if transA {
				a = random(rng, k, m)
			}
			if transB {
				b = random(rng, n, k)
			}
			want, bound := widen(c), make([]float64, m*n)
			if m > 0 && k > 0 {
				general := func(t *Tensor, f func(float64) float64) blas64.General {
					d := widen(t)
					for i := range d {
						d[i] = f(d[i])
					}
					return blas64.General{Rows: t.Dim(0), Cols: t.Dim(1), Stride: t.Dim(1), Data: d}
				}
				same := func(v float64) float64 { return v }
				beta := 0.0
				if accumulate {
					beta = 1
				}
				blas64.Gemm(transposeFlag(transA), transposeFlag(transB), 1, general(a, same), general(b, same),
					beta, blas64.General{Rows: m, Cols: n, Stride: n, Data: want})
				blas64.Gemm(transposeFlag(transA), transposeFlag(transB), 1, general(a, math.Abs), general(b, math.Abs),
					0, blas64.General{Rows: m, Cols: n, Stride: n, Data: bound})
			} else if !accumulate {
				clear(want)
			}
			MatMul(c, a, b, transA, transB, accumulate)
			for i, v := range c.data {
				if err := math.Abs(float64(v) - want[i]); !(err <= float64(k+2)*0x1p-24*(bound[i]+math.Abs(want[i]))) {
					t.Fatalf("%dx%dx%d transA=%v transB=%v accumulate=%v: element %d is %v, want %v", m, n, k, transA, transB, accumulate, i, v, want[i])
				}
			}
		}
	}
}

func TestMatMulSameBitsOnAnyNumberOfThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, s := range [][3]int{{300, 300, 700}, {20, 30, 9000}} {
		a, b := random(rng, s[2], s[0]), random(rng, s[2], s[1])
		var first *Tensor
		for _, threads := range []int{1, 2, 3, 8} {
			old := runtime.GOMAXPROCS(threads)
			c := New(s[0], s[1])
			MatMul(c, a, b, true, false, false)
			runtime.GOMAXPROCS(old)
			if first == nil {
				first = c
			}
			for i, v := range c.data {
				if v != first.data[i] {
					t.Fatalf("%v: element %d is %v on %d threads and %v on one", s, i, v, threads, first.data[i])
				}
			}
		}
	}
}

func TestMatMulPanicsNameTheShapes(t *testing.T) {
	wantPanic(t, "tensor: MatMul: [2 3] x [4 5] does not give [2 5]", func() {
		MatMul(New(2, 5), New(2, 3), New(4, 5), false, false, false)
	})
}

// wantPanic checks that f panics with the given message.
func wantPanic(t *testing.T, message string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != message {
			t.Errorf("panic %q, want %q", got, message)
		}
	}()
	f()
}

// BenchmarkMatMul covers a large square product and, for pictures of 256x256,
// the products behind VGG19's convolutions (positions x channels x 9
// channels). In turn with each product it runs multiply-adds on registers
// alone, the FMA peak; "of-peak" is the ratio of the medians, which holds even
// where other programs slow the machine down.
func BenchmarkMatMul(b *testing.B) {
	const rounds = 4_000_000 // some 10 ms, so that starting the goroutines does not count
	threads := runtime.GOMAXPROCS(0)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{
		{1024, 1024, 1024},
		{256 * 256, 64, 27}, {256 * 256, 64, 576},
		{128 * 128, 128, 576}, {128 * 128, 128, 1152},
		{64 * 64, 256, 1152}, {64 * 64, 256, 2304},
		{32 * 32, 512, 2304}, {32 * 32, 512, 4608},
		{16 * 16, 512, 4608},
	} {
		m, n, k := s[0], s[1], s[2]
		x, y, c := random(rng, m, k), random(rng, n, k), New(m, n)
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			var product, peak []float64 // GFLOP/s
			for range b.N {
				start := time.Now()
				parallel.For(threads, func(int) { asm.FMABurst(rounds) })
				middle := time.Now()
				MatMul(c, x, y, false, true, false)
				end := time.Now()
				peak = append(peak, float64(threads)*rounds*asm.FMABurstFLOP/middle.Sub(start).Seconds()/1e9)
				product = append(product, 2*float64(m)*float64(n)*float64(k)/end.Sub(middle).Seconds()/1e9)
			}
			slices.Sort(product)
			slices.Sort(peak)
			b.ReportMetric(product[len(product)/2], "GFLOP/s")
			b.ReportMetric(product[len(product)/2]/peak[len(peak)/2], "of-peak")
			b.ReportMetric(0, "ns/op") // of both together: means nothing
		})
	}
}
