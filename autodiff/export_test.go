package autodiff

import "math"

// Buffers returns how many buffers of floats, and of taps, the tape has to
// lend, by length. After Reset that should be all it ever made.
func (t *Tape) Buffers() (floats, taps map[int]int) {
	return count(t.floats.free), count(t.taps.free)
}

func count[T any](free map[int][][]T) map[int]int {
	n := map[int]int{}
	for length, buffers := range free {
		n[length] = len(buffers)
	}
	return n
}

// HasGrad reports whether a gradient has been computed for v and kept.
func (v *Var) HasGrad() bool { return v.grad != nil }

// Poison fills every free buffer with values that show up in any result.
func (t *Tape) Poison() {
	for _, free := range t.floats.free {
		for _, b := range free {
			for i := range b {
				b[i] = float32(math.NaN())
			}
		}
	}
	for _, free := range t.taps.free {
		for _, b := range free {
			for i := range b {
				b[i] = 255
			}
		}
	}
}
