package layers

import (
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// Conv2D convolves its input (N,H,W,Cin) to (N,P,Q,Cout), see [tensor.Conv].
// Its parameters are called "weight" and "bias".
type Conv2D struct {
	Weight *tensor.Tensor // (Cout,KH,KW,Cin/groups)
	Bias   *tensor.Tensor // (Cout), or nil for none
	Conv   tensor.Conv    // stride, dilation, groups, padding
	ReLU   bool           // rectify the result, which takes less memory than a layer for it
	// MaxPool, which wants ReLU, takes the largest value of each window of 2x2
	// pixels of that: (N,P/2,Q/2,Cout), without the memory for the rest.
	MaxPool bool
}

// NewConv2D returns a convolution of cin to cout channels by filters of kh x kw
// pixels, with weights by [HeNormal] and a bias of zero.
func NewConv2D(rng *rand.Rand, cout, kh, kw, cin int, c tensor.Conv) *Conv2D {
	cinGroup := cin / max(1, c.Groups)
	return &Conv2D{
		Weight: HeNormal(rng, kh*kw*cinGroup, cout, kh, kw, cinGroup),
		Bias:   tensor.New(cout),
		Conv:   c,
	}
}

// Forward implements [Layer]. It panics if MaxPool is set without ReLU.
func (l *Conv2D) Forward(x *autodiff.Var, vars Vars) *autodiff.Var {
	var bias *autodiff.Var
	if l.Bias != nil {
		bias = vars.Of(l.Bias, x.Tape())
	}
	weight := vars.Of(l.Weight, x.Tape())
	switch {
	case l.ReLU && l.MaxPool:
		return autodiff.Conv2DReLUMaxPool(x, weight, bias, l.Conv)
	case l.MaxPool:
		panic("layers: Conv2D: MaxPool wants ReLU")
	case l.ReLU:
		return autodiff.Conv2DReLU(x, weight, bias, l.Conv)
	}
	return autodiff.Conv2D(x, weight, bias, l.Conv)
}

// Parameters implements [Layer].
func (l *Conv2D) Parameters() []Parameter { return weightAndBias(l.Weight, l.Bias) }

func weightAndBias(weight, bias *tensor.Tensor) []Parameter {
	parameters := []Parameter{{Name: "weight", Value: weight}}
	if bias != nil {
		parameters = append(parameters, Parameter{Name: "bias", Value: bias})
	}
	return parameters
}
