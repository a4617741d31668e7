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
//
// The gradient needs the activations. Where these are quick to compute again,
// as those of VGG19's first layer, the largest of all, they are not kept.
func Gram(x *Var) *Var {
	s := x.Shape()
	if len(s) != 4 || s[0] != 1 {
		panic(fmt.Sprintf("autodiff: Gram: wants one picture (1,H,W,C), not %v", s))
	}
	scale := 1 / float32(s[1]*s[2])
	g := newVar([]int{s[3], s[3]}, func(dg *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			if x.again != nil {
				gramGradAgain(dx, x, dg, scale, add)
				return
			}
			tensor.GramGrad(dx, x.value, dg, scale, add)
		})
	}, x)
	if x.again != nil {
		g.keeps()
	} else {
		g.keeps(x)
	}
	tensor.Gram(g.value, x.value, scale)
	return g
}

// gramGradAgain is the gradient of Gram, a band of rows at a time for which the
// activations are computed again.
func gramGradAgain(dx *tensor.Tensor, x *Var, dg *tensor.Tensor, scale float32, add bool) {
	const bandPixels = 1 << 15
	h, w, c := dx.Dim(1), dx.Dim(2), dx.Dim(3)
	rows := min(h, max(1, bandPixels/w))
	for lo := 0; lo < h; lo += rows {
		n := min(rows, h-lo)
		a := x.tape.lend([]int{1, n, w, c})
		x.again(a, lo, lo+n)
		d := tensor.Over(dx.Data()[lo*w*c:][:n*w*c], a.Shape())
		tensor.GramGrad(&d, a, dg, scale, add)
		x.tape.giveBack(a)
	}
}
