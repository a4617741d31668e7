package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// goldens reads a file that testdata/make_goldens.py has made.
func goldens(t *testing.T, name string) map[string]*tensor.Tensor {
	t.Helper()
	arrays, err := npy.ReadZip("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if len(arrays) == 0 {
		t.Fatalf("testdata/%s is empty", name)
	}
	return arrays
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

// integers returns a tensor of whole numbers from -4 to 4. Sums of their
// products are exact in float32, in any order, as long as they stay below 2^24.
func integers(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(rng.IntN(9) - 4)
	}
	return t
}

// dirty returns a tensor of NaN for a kernel to write to.
func dirty(shape ...int) *tensor.Tensor { return tensor.Full(float32(math.NaN()), shape...) }

func ones(like *tensor.Tensor) *tensor.Tensor { return tensor.Full(1, like.Shape()...) }

func magnitudes(x *tensor.Tensor) *tensor.Tensor {
	m := x.Clone()
	for i, v := range m.Data() {
		m.Data()[i] = float32(math.Abs(float64(v)))
	}
	return m
}

func widen(x *tensor.Tensor) []float64 {
	wide := make([]float64, x.Len())
	for i, v := range x.Data() {
		wide[i] = float64(v)
	}
	return wide
}

// inner returns the inner product of two tensors of one shape, in float64.
func inner(t fataler, a, b *tensor.Tensor) float64 {
	t.Helper()
	if !tensor.SameShape(a, b) {
		t.Fatalf("inner product of %v and %v", a.Shape(), b.Shape())
	}
	sum := 0.0
	for i, v := range a.Data() {
		sum += float64(v) * float64(b.Data()[i])
	}
	return sum
}

// fataler is what *testing.T and *rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkWithin checks every element of got against its error bound. A NaN is
// right where one is wanted.
func checkWithin(t fataler, name string, got, want, bound []float64) {
	t.Helper()
	if len(got) != len(want) || len(got) != len(bound) {
		t.Fatalf("%s: %d values, want %d, with %d bounds", name, len(got), len(want), len(bound))
	}
	for i, v := range got {
		same := v == want[i] || math.IsNaN(v) && math.IsNaN(want[i])
		if !same && !(math.Abs(v-want[i]) <= bound[i]) {
			t.Fatalf("%s: element %d is %v, want %v within %v", name, i, v, want[i], bound[i])
		}
	}
}

// checkEqual checks that got has the shape and the very values of want. A NaN
// is right where one is wanted.
func checkEqual(t fataler, name string, got, want *tensor.Tensor) {
	t.Helper()
	if !tensor.SameShape(got, want) {
		t.Fatalf("%s: shape %v, want %v", name, got.Shape(), want.Shape())
	}
	checkWithin(t, name, widen(got), widen(want), make([]float64, got.Len()))
}

// checkSameBits checks that two results agree to the last bit.
func checkSameBits(t *testing.T, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i, v := range got {
		if math.Float32bits(v) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v, want %v to the bit", name, i, v, want[i])
		}
	}
}
