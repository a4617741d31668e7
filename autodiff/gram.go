package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// Gram returns the Gram matrix (C,C) of the activations x (1,H,W,C), divided
// by the number of positions. With A the unrolling of x, (H W, C):
//
//	G  = A^T A / (H W)
//	dA = A (dG + dG^T) / (H W)
//
// G[i,j] says how strongly channels i and j respond at the same places,
// whatever those places are: style without layout (Gatys, Ecker and Bethge,
// "A Neural Algorithm of Artistic Style", 2015). It panics unless x is one
// picture.
func Gram(x *Var) *Var {
	s := x.Shape()
	if len(s) != 4 || s[0] != 1 {
		panic(fmt.Sprintf("autodiff: Gram: wants one picture (1,H,W,C), not %v", s))
	}
	positions, channels := s[1]*s[2], s[3]
	a := x.value.Reshape(positions, channels)
	scale := 1 / float32(positions)
	g := newVar([]int{channels, channels}, func(dg *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			tensor.GramGrad(dx.Reshape(positions, channels), a, dg, scale, add)
		})
	}, x).keeps(x)
	tensor.Gram(g.value, a, scale)
	return g
}
