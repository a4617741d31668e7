package tensor_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestTranspose finds each element by its indices. Transposing is a
// permutation, so transposing back restores the input, and its adjoint is its
// inverse.
func TestTranspose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 6), 0, 4).Draw(t, "shape")
		if len(shape) == 2 {
			shape[0], shape[1] = shape[0]*rapid.IntRange(1, 30).Draw(t, "rows"), shape[1]*rapid.IntRange(1, 8).Draw(t, "columns")
		}
		identity := make([]int, len(shape))
		for i := range identity {
			identity[i] = i
		}
		axes := rapid.Permutation(identity).Draw(t, "axes")
		x := tensor.Random(newRand(1), shape...)
		permuted, inverse := make([]int, len(axes)), make([]int, len(axes))
		for i, a := range axes {
			permuted[i], inverse[a] = shape[a], i
		}
		y, back := dirty(permuted...), dirty(shape...)
		tensor.Transpose(y, x, axes...)
		for i, v := range y.Data() {
			index := make([]int, len(axes))
			for j, at := range naiveIndices(i, permuted) {
				index[axes[j]] = at
			}
			if want := x.At(index...); v != want {
				t.Fatalf("element %d is %v, want %v", i, v, want)
			}
		}
		tensor.Transpose(back, y, inverse...)
		checkEqual(t, "transposed twice", back, x)
	})
}
