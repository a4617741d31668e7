package optim

import (
	"fmt"
	"math"
)

// ClipNorm returns the Euclidean norm of all gradients together, as if they
// were one vector. If it is larger than max, it multiplies them all by max/norm:
// their direction stays, and their norm becomes max, but for the rounding to
// float32 (R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training
// recurrent neural networks", ICML 2013, Algorithm 1). The norm is a float64, of
// the same bits for any number of threads.
//
// If an element is NaN or infinite, so is the norm, and the gradients stay as
// they are: the caller sees that and skips the step. ClipNorm panics unless
// max > 0; with an infinite max it only computes the norm.
func ClipNorm(grads [][]float32, max float64) (norm float64) {
	if !(max > 0) {
		panic(fmt.Sprintf("optim: ClipNorm: max %g, wants max > 0", max))
	}
	sum := 0.0
	for _, g := range grads {
		sum += dot(g, g)
	}
	norm = math.Sqrt(sum)
	if norm > max && finite(norm) {
		for _, g := range grads {
			scale(max/norm, g)
		}
	}
	return norm
}
