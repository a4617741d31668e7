package optim_test

import (
	"testing"

	"github.com/brushgrad/brushgrad/autodiff/optim"
)

// BenchmarkAdamStep is a network of 1.5 million parameters in 26 tensors.
func BenchmarkAdamStep(b *testing.B) {
	lengths := []int{1_500_000 - 4*331_776 - 12*128 - 9*16_384} // what the others leave
	for range 4 {
		lengths = append(lengths, 331_776)
	}
	for range 12 {
		lengths = append(lengths, 128)
	}
	for range 9 {
		lengths = append(lengths, 16_384)
	}
	params, grads := waves(lengths, 0), waves(lengths, 1)
	adam := &optim.Adam{}
	adam.Step(params, grads) // makes the moments
	for b.Loop() {
		adam.Step(params, grads)
	}
}
