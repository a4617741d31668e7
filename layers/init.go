package layers

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/brushgrad/brushgrad/tensor"
)

// HeNormal returns a tensor of normally distributed values of mean 0 and
// variance 2/fanIn, where fanIn is the number of inputs that one output sees:
// KH KW Cin/groups of a convolution. A ReLU halves the mean square of what
// passes it, and this variance makes up for that, so that values neither fade
// nor explode on their way through many layers: He, Zhang, Ren and Sun,
// "Delving Deep into Rectifiers" (ICCV 2015), equation 10. It panics if fanIn
// is not positive.
//
// The same seed gives the same values: rng is rand.New(rand.NewPCG(seed, 0)).
func HeNormal(rng *rand.Rand, fanIn int, shape ...int) *tensor.Tensor {
	if fanIn < 1 {
		panic(fmt.Sprintf("layers: HeNormal: fan-in %d for shape %v", fanIn, shape))
	}
	t := tensor.New(shape...)
	std := math.Sqrt(2 / float64(fanIn))
	for i := range t.Data() {
		t.Data()[i] = float32(rng.NormFloat64() * std)
	}
	return t
}

// XavierUniform returns a tensor of values that are uniformly distributed between
// -a and a, where a is the square root of 6/(fanIn+fanOut): of mean 0 and variance
// 2/(fanIn+fanOut). fanIn is the number of inputs that one output sees, KH KW
// Cin/groups of a convolution; fanOut the number of outputs that one input
// reaches, KH KW Cout/groups. The variance is between 1/fanIn, with which values
// neither fade nor explode forwards, and 1/fanOut, with which gradients do not
// backwards, where what stands between the layers is about the identity near 0,
// as tanh is: Glorot and Bengio, "Understanding the difficulty of training deep
// feedforward neural networks" (AISTATS 2010), equation 16. Before a ReLU take
// [HeNormal]. It panics unless fanIn and fanOut are positive.
//
// The same seed gives the same values.
func XavierUniform(rng *rand.Rand, fanIn, fanOut int, shape ...int) *tensor.Tensor {
	if fanIn < 1 || fanOut < 1 {
		panic(fmt.Sprintf("layers: XavierUniform: fan-in %d and fan-out %d for shape %v", fanIn, fanOut, shape))
	}
	t := tensor.New(shape...)
	a := math.Sqrt(6 / (float64(fanIn) + float64(fanOut)))
	for i := range t.Data() {
		t.Data()[i] = float32((2*rng.Float64() - 1) * a)
	}
	return t
}
