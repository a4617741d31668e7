package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// MatMul returns the matrix product of a (M,K) and b (K,N), shape (M,N):
//
//	y  = a b
//	da = dy b^T,   db = a^T dy
//
// It panics if the shapes do not fit.
func MatMul(a, b *Var) *Var {
	s, t := a.Shape(), b.Shape()
	if len(s) != 2 || len(t) != 2 || s[1] != t[0] {
		panic(fmt.Sprintf("autodiff: MatMul: wants (M,K) x (K,N), not %v x %v", s, t))
	}
	y := newVar([]int{s[0], t[1]}, func(dy *tensor.Tensor) {
		a.accumulateGrad(func(da *tensor.Tensor, add bool) { tensor.MatMul(da, dy, b.value, false, true, add) })
		b.accumulateGrad(func(db *tensor.Tensor, add bool) { tensor.MatMul(db, a.value, dy, true, false, add) })
	}, a, b).keeps(a, b)
	tensor.MatMul(y.value, a.value, b.value, false, false, false)
	return y
}
