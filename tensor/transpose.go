package tensor

import (
	"fmt"
	"slices"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Transpose stores x with its dimensions permuted in dst: dimension i of dst
// is dimension axes[i] of x. dst must not overlap x. It panics if axes is no
// permutation or the shapes do not fit.
func Transpose(dst, x *Tensor, axes ...int) {
	shape, strides := permute(x.shape, axes)
	if want := (&Tensor{shape: shape}); !SameShape(dst, want) {
		panic(fmt.Sprintf("tensor: Transpose: %v by axes %v is %v, not %v", x.shape, axes, shape, dst.shape))
	}
	if len(x.data) == 0 {
		return
	}
	if len(axes) == 2 && axes[0] == 1 {
		rows, cols := x.shape[0], x.shape[1]
		parallel.Range(rows, 64, func(lo, hi int) {
			transposeInto(dst.data[lo:], rows, x.data[lo*cols:], cols, hi-lo, cols)
		})
		return
	}
	dims := make([]dim, len(shape))
	for i, n := range shape {
		dims[i] = dim{n, [2]int{strides[i]}}
	}
	if len(dims) == 0 {
		dims = []dim{{size: 1}}
	}
	inner := dims[len(dims)-1]
	parallelRows(dims, func(lo, hi int) {
		forEachRow(dims, lo, hi, func(row int, offsets [2]int) {
			for i := range inner.size {
				dst.data[row*inner.size+i] = x.data[offsets[0]+i*inner.strides[0]]
			}
		})
	})
}

// permute returns the shape of a transposed tensor and the strides, in the
// original, of its dimensions.
func permute(shape, axes []int) (permuted, strides []int) {
	wrong := len(axes) != len(shape)
	for i, a := range slices.Sorted(slices.Values(axes)) {
		wrong = wrong || a != i
	}
	if wrong {
		panic(fmt.Sprintf("tensor: Transpose: axes %v are no permutation of the dimensions of %v", axes, shape))
	}
	original := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		original[i] = step
		step *= shape[i]
	}
	for _, a := range axes {
		permuted, strides = append(permuted, shape[a]), append(strides, original[a])
	}
	return permuted, strides
}

// transposeInto writes the transpose of the rows x cols matrix src to dst.
func transposeInto(dst []float32, ldDst int, src []float32, ldSrc, rows, cols int) {
	r := 0
	for ; r+8 <= rows; r += 8 {
		asm.Transpose8(dst[r:], ldDst, src[r*ldSrc:], ldSrc, cols)
	}
	for ; r < rows; r++ {
		for c, v := range src[r*ldSrc:][:cols] {
			dst[c*ldDst+r] = v
		}
	}
}
