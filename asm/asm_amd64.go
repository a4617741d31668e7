//go:build !purego

package asm

import "github.com/klauspost/cpuid/v2"

// haveAVX2 says that the processor and the operating system support the
// instructions that the assembly uses.
var haveAVX2 = cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3)

// Implementation names the kernels in use: "avx2" or "generic".
var Implementation = implementation()

func implementation() string {
	if haveAVX2 {
		return "avx2"
	}
	return "generic"
}

//go:noescape
func sgemmPanelsAVX2(rows, panels, k int, a *float32, rs, cs int, b, c *float32, ldc int, accumulate bool)

//go:noescape
func gramPanelAVX2(rows, k int, a, b *float32, ld int, c *float32, accumulate bool)

//go:noescape
func axpyAVX2(n int, alpha float32, x, y *float32)

//go:noescape
func dotAVX2(n int, x, y *float32) float64

//go:noescape
func biasReLUAVX2(n int, y, bias *float32)

//go:noescape
func reluAVX2(n int, dst, x *float32)

//go:noescape
func reluGradAVX2(n int, dst, dy, y *float32)

//go:noescape
func transpose8AVX2(cols int, dst *float32, ldDst int, src *float32, ldSrc int)

//go:noescape
func copyRowsAVX2(rows, n int, dst *float32, ldDst int, src *float32, ldSrc int)

//go:noescape
func prefetchRowsAVX2(rows, n int, src *float32, ldSrc int)

// first returns a pointer to the first element, nil for an empty slice.
func first(s []float32) *float32 {
	if len(s) == 0 {
		return nil
	}
	return &s[0]
}

func sgemmPanels(rows, panels, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool) {
	if haveAVX2 {
		sgemmPanelsAVX2(rows, panels, k, first(a), rs, cs, first(b), first(c), ldc, accumulate)
		return
	}
	sgemmPanelsGeneric(rows, panels, k, a, rs, cs, b, c, ldc, accumulate)
}

func gramPanel(rows, k int, a []float32, ld, j int, c []float32, accumulate bool) {
	if haveAVX2 && k > 0 {
		gramPanelAVX2(rows, k, &a[0], &a[j], ld, &c[0], accumulate)
		return
	}
	gramPanelGeneric(rows, k, a, ld, j, c, accumulate)
}

func axpy(alpha float32, x, y []float32) {
	if haveAVX2 {
		axpyAVX2(len(x), alpha, first(x), first(y))
		return
	}
	axpyGeneric(alpha, x, y)
}

func dot(x, y []float32) float64 {
	if haveAVX2 {
		return dotAVX2(len(x), first(x), first(y))
	}
	return dotGeneric(x, y)
}

func biasReLU(y, bias []float32) {
	if haveAVX2 {
		biasReLUAVX2(len(bias), first(y), first(bias))
		return
	}
	biasReLUGeneric(y, bias)
}

func relu(dst, x []float32) {
	if haveAVX2 {
		reluAVX2(len(x), first(dst), first(x))
		return
	}
	reluGeneric(dst, x)
}

func reluGrad(dst, dy, y []float32) {
	if haveAVX2 {
		reluGradAVX2(len(y), first(dst), first(dy), first(y))
		return
	}
	reluGradGeneric(dst, dy, y)
}

func transpose8(dst []float32, ldDst int, src []float32, ldSrc, cols int) {
	if haveAVX2 {
		whole := cols &^ 7
		transpose8AVX2(whole, first(dst), ldDst, first(src), ldSrc)
		if whole < cols {
			transpose8Generic(dst[whole*ldDst:], ldDst, src[whole:], ldSrc, cols-whole)
		}
		return
	}
	transpose8Generic(dst, ldDst, src, ldSrc, cols)
}

func copyRows(rows, n int, dst []float32, ldDst int, src []float32, ldSrc int) {
	if haveAVX2 {
		copyRowsAVX2(rows, n, first(dst), ldDst, first(src), ldSrc)
		return
	}
	copyRowsGeneric(rows, n, dst, ldDst, src, ldSrc)
}

func prefetchRows(rows, n int, src []float32, ldSrc int) {
	if haveAVX2 {
		prefetchRowsAVX2(rows, n, &src[0], ldSrc)
	}
}
