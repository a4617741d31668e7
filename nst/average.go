package nst

import "github.com/brushgrad/brushgrad/tensor"

// average is an exponential moving average of pictures. After pictures x_0 to x_n
// it is
//
//	sum_i d^(n-i) x_i / sum_i d^(n-i)
//
// with the decay d: dividing by the sum of the weights is the bias correction,
// without which the first pictures would be averaged with black ones. Adam's
// steps do not get shorter near the minimum; the average takes out how they
// shake the picture (B. Polyak, A. Juditsky, "Acceleration of Stochastic
// Approximation by Averaging", SIAM J. Control Optim. 30, 1992).
type average struct {
	decay  float64
	weight float64        // sum_i d^(n-i) (1-d)
	sum    *tensor.Tensor // sum_i d^(n-i) (1-d) x_i
	mean   *tensor.Tensor
}

func newAverage(picture *tensor.Tensor, decay float64) *average {
	a := &average{decay: decay, sum: tensor.New(picture.Shape()...), mean: tensor.New(picture.Shape()...)}
	a.add(picture)
	return a
}

// add takes in the next picture.
func (a *average) add(picture *tensor.Tensor) {
	a.weight = a.decay*a.weight + 1 - a.decay
	tensor.Scale(a.sum, a.sum, float32(a.decay))
	tensor.AddScaled(a.sum, float32(1-a.decay), picture)
}

// picture returns the average, in memory that the next call uses again.
func (a *average) picture() *tensor.Tensor {
	tensor.Scale(a.mean, a.sum, float32(1/a.weight))
	return a.mean
}
