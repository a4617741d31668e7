//go:build !amd64 || purego

package asm

// Implementation names the kernels in use.
const Implementation = "generic"

const haveAVX2 = false

func sgemmPanels(rows, panels, k int, a []float32, rs, cs int, b, c []float32, ldc int, accumulate bool) {
	sgemmPanelsGeneric(rows, panels, k, a, rs, cs, b, c, ldc, accumulate)
}

func gramPanel(rows, k int, a []float32, ld, j int, c []float32, accumulate bool) {
	gramPanelGeneric(rows, k, a, ld, j, c, accumulate)
}

func axpy(alpha float32, x, y []float32) { axpyGeneric(alpha, x, y) }

func dot(x, y []float32) float64 { return dotGeneric(x, y) }

func biasReLU(y, bias []float32) { biasReLUGeneric(y, bias) }

func relu(dst, x []float32) { reluGeneric(dst, x) }

func reluGrad(dst, dy, y []float32) { reluGradGeneric(dst, dy, y) }

func transpose8(dst []float32, ldDst int, src []float32, ldSrc, cols int) {
	transpose8Generic(dst, ldDst, src, ldSrc, cols)
}

func copyRows(rows, n int, dst []float32, ldDst int, src []float32, ldSrc int) {
	copyRowsGeneric(rows, n, dst, ldDst, src, ldSrc)
}

func prefetchRows(rows, n int, src []float32, ldSrc int) {}
