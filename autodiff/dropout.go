package autodiff

import (
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/tensor"
)

// Dropout sets each element of x to zero with probability p, in [0,1), and
// divides the others by 1-p, so that the mean stays what it was:
//
//	y  = x m / (1-p),   m[i] = 0 with probability p, else 1
//	dx = dy m / (1-p)
//
// A network that cannot count on any single value learns to spread what it
// knows: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout"
// (JMLR 2014); it divides here, in training, what the paper multiplies later, in
// section 10. The mask m takes a bit for each element. It follows from the one
// number that Dropout draws from rng. It panics if p is outside [0,1).
func Dropout(x *Var, p float64, rng *rand.Rand) *Var {
	mask := x.tape.bytes.lend(tensor.MaskLen(x.value.Len()))
	tensor.DropoutMask(mask, x.value.Len(), p, rng.Uint64())
	y := newVar(x.Shape(), func(dy *tensor.Tensor) {
		x.addGrad(func(dx *tensor.Tensor) { tensor.Dropout(dx, dy, mask, p) })
	}, x).keeps()
	tensor.Dropout(y.value, x.value, mask, p)
	y.keepsBytes(mask)
	return y
}
