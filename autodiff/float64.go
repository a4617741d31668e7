package autodiff

import "github.com/brushgrad/brushgrad/tensor"

// wide returns the values of a tensor as float64.
func wide(t *tensor.Tensor) []float64 {
	values := make([]float64, t.Len())
	for i, v := range t.Data() {
		values[i] = float64(v)
	}
	return values
}

// narrow rounds values to those of a tensor.
func narrow(t *tensor.Tensor, values []float64) {
	for i, v := range values {
		t.Data()[i] = float32(v)
	}
}
