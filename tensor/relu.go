package tensor

import (
	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/tensor/parallel"
)

// ReLU stores max(x, 0) in dst, which may be x. A NaN stays a NaN. It panics
// if the shapes differ.
func ReLU(dst, x *Tensor) {
	mustSameShape("ReLU", dst, x)
	parallel.Range(len(x.data), elementBlock, func(lo, hi int) { asm.ReLU(dst.data[lo:hi], x.data[lo:hi]) })
}

// ReLUGrad is the adjoint of ReLU: it stores in dx the gradient dy where the
// output y was positive, else 0. dx may be dy. It panics if the shapes differ.
func ReLUGrad(dx, dy, y *Tensor) {
	mustSameShape("ReLUGrad", dx, dy)
	mustSameShape("ReLUGrad", dy, y)
	parallel.Range(len(y.data), elementBlock, func(lo, hi int) { asm.ReLUGrad(dx.data[lo:hi], dy.data[lo:hi], y.data[lo:hi]) })
}
