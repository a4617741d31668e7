package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Project returns the projections of the activations x (1,H,W,C) at each position on
// directions d (K,C), shape (K,H W). With X the unrolling of x, (H W, C):
//
//	y  = d X^T
//	dX = dy^T d
//
// It panics if the shapes do not fit.
func Project(x *Var, directions *tensor.Tensor) *Var {
	s, d := x.Shape(), directions.Shape()
	if len(s) != 4 || s[0] != 1 || len(d) != 2 || d[1] != s[3] {
		panic(fmt.Sprintf("autodiff: Project: wants (1,H,W,C) and (K,C), not %v and %v", s, d))
	}
	unrolled := []int{s[1] * s[2], s[3]}
	y := newVar([]int{d[0], unrolled[0]}, func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			tensor.MatMul(dx.Reshape(unrolled...), dy, directions, true, false, add)
		})
	}, x).keeps()
	tensor.MatMul(y.value, directions, x.value.Reshape(unrolled...), false, true, false)
	return y
}
