package tensor

import "math"

// For the tests of package tensor_test.
var (
	Random    = random
	WantPanic = wantPanic
)

// PoisonScratch leaves buffers full of NaN, for up to the given number of
// elements, in the pools of scratch memory, so that a kernel which reads what
// it has not written gives a NaN.
func PoisonScratch(elements int) {
	for n := 1; n <= elements; n *= 2 {
		for range 2 {
			s := &scratch{make([]float32, n)}
			fill(s.data, float32(math.NaN()))
			s.put()
		}
	}
}

// ScratchIsPoisoned reports whether a buffer from the pools holds nothing but
// NaN.
func ScratchIsPoisoned() bool {
	s := getScratch(1000)
	defer s.put()
	for _, v := range s.data {
		if v == v {
			return false
		}
	}
	return true
}

// SuitsWinograd reports whether a convolution of x with w takes Winograd's path.
func SuitsWinograd(x, w *Tensor, c Conv) bool {
	g := c.geometry("SuitsWinograd", x.shape, w.shape)
	return g.suitsWinograd()
}
