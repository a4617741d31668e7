package tensor_test

import (
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

func TestMap(t *testing.T) {
	for _, n := range []int{0, 1, 70_000} { // the last takes several tasks
		a, b := tensor.New(n), tensor.New(n)
		sum, sign := make([]float32, n), make([]float32, n)
		for i := range n {
			a.Data()[i], b.Data()[i] = float32(i%100-50), float32(i%7)
			sum[i], sign[i] = float32(i%100-50)+10*float32(i%7), float32(50-i%100)
		}
		dst := tensor.Full(9, n)
		tensor.Map2(dst, a, b, func(v, w float32) float32 { return v + 10*w })
		if !slices.Equal(dst.Data(), sum) {
			t.Errorf("Map2 of %d values is wrong", n)
		}
		tensor.Map2(b, a, b, func(v, w float32) float32 { return v + 10*w })
		if !slices.Equal(b.Data(), sum) {
			t.Errorf("Map2 of %d values in place is wrong", n)
		}
		tensor.Map(a, a, func(v float32) float32 { return -v })
		if !slices.Equal(a.Data(), sign) {
			t.Errorf("Map of %d values in place is wrong", n)
		}
	}
}
