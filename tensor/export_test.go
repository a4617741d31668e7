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

// RingGrad is PadGrad by way of a ring: the gradients of the border are put
// there, at their positions or, with numbered, in the order of these.
func RingGrad(dx, dy *Tensor, p Padding, numbered bool) {
	n, h, w, c := padShapes("RingGrad", dy, dx, p)
	g := geometry{Conv: Conv{Padding: p}, n: n, h: h, w: w, cin: c}
	r := g.newRing()
	defer r.done()
	for image := range n {
		for i, at := range r.positions() {
			y, x := at[0]-p.Top, at[1]-p.Left
			to := r.at(image, y, x)
			if numbered {
				to = r.buffer.data[(image*r.size+i)*c:]
			}
			copy(to[:c], dy.data[((image*dy.shape[1]+at[0])*dy.shape[2]+at[1])*c:])
		}
	}
	rows := New(n, h, dy.shape[2], c)
	Slice(rows, dy, 1, p.Top)
	Slice(dx, rows, 2, p.Left)
	r.fold(dx.data)
}
