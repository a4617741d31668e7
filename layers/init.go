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
