package layers

import "github.com/brushgrad/brushgrad/autodiff"

// Dropout is the probability, in [0,1), with which each value is set to zero in
// training, see [autodiff.Dropout]. In eval mode it passes on its input. It has
// no parameters.
type Dropout float64

// Forward implements [Layer]. It panics in training if the probability is
// outside [0,1).
func (p Dropout) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	if vars.Rand() == nil {
		return x
	}
	return autodiff.Dropout(x, float64(p), vars.Rand())
}

// Parameters implements [Layer]: there are none.
func (p Dropout) Parameters() []Parameter { return nil }
