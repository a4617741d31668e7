package layers

import (
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Linear multiplies each row of its input (N,In) by a matrix and adds a bias:
//
//	y = x Weight + Bias      (N,Out)
//
// Its parameters are called "weight" and "bias".
type Linear struct {
	Weight *tensor.Tensor // (In,Out)
	Bias   *tensor.Tensor // (Out), or nil for none
}

// NewLinear returns a layer of in to out values, with weights by [HeNormal] and
// a bias of zero.
func NewLinear(rng *rand.Rand, in, out int) *Linear {
	return &Linear{Weight: HeNormal(rng, in, in, out), Bias: tensor.New(out)}
}

// Forward implements [Layer].
func (l *Linear) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	product := autodiff.MatMul(x, vars.Of(l.Weight, x.Tape()))
	if l.Bias == nil {
		return product
	}
	defer product.Release()
	return autodiff.Add(product, vars.Of(l.Bias, x.Tape()))
}

// Parameters implements [Layer].
func (l *Linear) Parameters() []Parameter { return weightAndBias(l.Weight, l.Bias) }
