package autodiff

import (
	"fmt"

	"github.com/brushgrad/brushgrad/tensor"
)

// SelfSimilarity returns the cosine distances (H W,H W) between the positions of the
// activations x (1,H,W,C), each column divided by its mean. With X the unrolling of x,
// (H W,C):
//
//	u[i]   = X[i] / |X[i]|
//	d[i,j] = 1 - u[i] . u[j]
//	y[i,j] = d[i,j] / mean over k of d[k,j]
//
// It is the layout of a picture without its looks: which places are alike, whatever
// colours and strokes they are painted in. [tensor.SelfSimilarity] has the source and
// [tensor.SelfSimilarityGrad] the gradient. It panics unless x is one picture.
func SelfSimilarity(x *Var) *Var {
	mustBeOnePicture("SelfSimilarity", x, nil)
	s := x.Shape()
	n := s[1] * s[2]
	if n == 0 {
		panic(fmt.Sprintf("autodiff: SelfSimilarity: x %v has no position", s))
	}
	u, scales := x.tape.lend([]int{n, s[3]}), x.tape.lend([]int{2, n})
	var y *Var
	y = newVar([]int{n, n}, func(dy *tensor.Tensor) {
		x.accumulateGrad(func(dx *tensor.Tensor, add bool) {
			tensor.SelfSimilarityGrad(dx.Reshape(n, s[3]), dy, y.value, u, scales, add)
		})
		x.tape.giveBack(u)
		x.tape.giveBack(scales)
	}, x)
	y.keeps(y)
	tensor.SelfSimilarity(y.value, u, scales, x.value.Reshape(n, s[3]))
	if y.back == nil {
		x.tape.giveBack(u)
		x.tape.giveBack(scales)
	}
	return y
}
