package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// Scale stores s x in dst, which may be x. It panics if the shapes differ.
func Scale(dst, x *Tensor, s float32) {
	mustSameShape("Scale", dst, x)
	parallel.Range(len(x.data), elementBlock, func(lo, hi int) {
		out := dst.data[lo:hi]
		for i, v := range x.data[lo:hi] {
			out[i] = s * v
		}
	})
}

// AddScaled adds s x to dst. It panics if the shapes differ.
func AddScaled(dst *Tensor, s float32, x *Tensor) {
	mustSameShape("AddScaled", dst, x)
	parallel.Range(len(x.data), elementBlock, func(lo, hi int) { asm.Axpy(s, x.data[lo:hi], dst.data[lo:hi]) })
}
