package tensor_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brushgrad/brushgrad/tensor"
)

type binaryOp = func(dst, a, b *tensor.Tensor)

var binaryOps = map[string]struct {
	op    binaryOp
	naive func(a, b float64) float64
}{
	"add": {tensor.Add, func(a, b float64) float64 { return a + b }},
	"sub": {tensor.Sub, func(a, b float64) float64 { return a - b }},
	"mul": {tensor.Mul, func(a, b float64) float64 { return a * b }},
	"div": {tensor.Div, func(a, b float64) float64 { return a / b }},
}

// TestBroadcastingAgreesWithNumPy compares to the bit: an element is rounded
// once, and the sums of the goldens are exact.
func TestBroadcastingAgreesWithNumPy(t *testing.T) {
	arrays := goldens(t, "broadcast.npz")
	for key, a := range arrays {
		name, ok := strings.CutSuffix(key, ".a")
		if !ok {
			continue
		}
		get := func(array string) *tensor.Tensor { return arrays[name+"."+array] }
		b, dy := get("b"), get("dy")
		t.Run(fmt.Sprint(a.Shape(), b.Shape()), func(t *testing.T) {
			if got := tensor.BroadcastShape("Add", a.Shape(), b.Shape()); !slices.Equal(got, dy.Shape()) {
				t.Fatalf("combined shape %v, want %v", got, dy.Shape())
			}
			for name, test := range binaryOps {
				y := dirty(dy.Shape()...)
				test.op(y, a, b)
				checkEqual(t, name, y, get(name))
			}
			for name, x := range map[string]*tensor.Tensor{"a": a, "b": b} {
				sum, wide := dirty(x.Shape()...), dirty(dy.Shape()...)
				tensor.SumTo(sum, dy)
				checkEqual(t, "sum_to_"+name, sum, get("sum_to_"+name))
				tensor.BroadcastTo(wide, x)
				checkEqual(t, name+"_to", wide, get(name+"_to"))
			}
		})
	}
}

// drawBroadcast draws a shape and one that repeats to it.
func drawBroadcast(t *rapid.T, label string) (shape, narrow []int) {
	shape = rapid.SliceOfN(rapid.IntRange(1, 5), 0, 5).Draw(t, label)
	narrow = slices.Clone(shape[rapid.IntRange(0, len(shape)).Draw(t, label+" missing"):])
	for i := range narrow {
		if rapid.Bool().Draw(t, label+" repeated") {
			narrow[i] = 1
		}
	}
	return shape, narrow
}

// TestBroadcastAdjoint checks <BroadcastTo(x), y> = <x, SumTo(y)>, exactly.
func TestBroadcastAdjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape, narrow := drawBroadcast(t, "shape")
		rng := newRand(1)
		x, y := integers(rng, narrow...), integers(rng, shape...)
		wide, sum := dirty(shape...), dirty(narrow...)
		tensor.BroadcastTo(wide, x)
		tensor.SumTo(sum, y)
		if a, b := inner(t, wide, y), inner(t, x, sum); a != b {
			t.Fatalf("%v to %v: %v but %v", narrow, shape, a, b)
		}
	})
}

// TestBroadcastingAgreesWithNaive finds both operands of each element by its
// indices.
func TestBroadcastingAgreesWithNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape, narrow := drawBroadcast(t, "shape")
		other := slices.Clone(shape)
		for i := range other {
			j := i - len(shape) + len(narrow)
			// What a repeats, b must not, so that the combined shape is known.
			if j >= 0 && narrow[j] == shape[i] && rapid.Bool().Draw(t, "other repeated") {
				other[i] = 1
			}
		}
		rng := newRand(2)
		a, b := tensor.Random(rng, narrow...), tensor.Random(rng, other...)
		if rapid.Bool().Draw(t, "swap") {
			a, b = b, a
		}
		for name, test := range binaryOps {
			y := dirty(shape...)
			test.op(y, a, b)
			for i, v := range y.Data() {
				index := naiveIndices(i, shape)
				want := float32(test.naive(float64(naiveBroadcastAt(a, index)), float64(naiveBroadcastAt(b, index))))
				if v != want {
					t.Fatalf("%s of %v and %v at %v: %v, want %v", name, a.Shape(), b.Shape(), index, v, want)
				}
			}
		}
	})
}

// TestElementwiseInPlace checks that the result may take the place of either
// operand, also where the other one is repeated.
func TestElementwiseInPlace(t *testing.T) {
	rng := newRand(3)
	for _, narrow := range [][]int{{3, 4, 300}, {300}, {4, 1}, {}} {
		a, b := tensor.Random(rng, 3, 4, 300), tensor.Random(rng, narrow...)
		for name, test := range binaryOps {
			want := dirty(3, 4, 300)
			test.op(want, a, b)
			got := a.Clone()
			test.op(got, got, b)
			checkEqual(t, name+" in place of a", got, want)
			test.op(want, b, a)
			got = a.Clone()
			test.op(got, b, got)
			checkEqual(t, name+" in place of b", got, want)
		}
	}
}

// TestSumToError checks that sums run in float64: a sum of a million equal
// values is off by a rounding to float32 and no more.
func TestSumToError(t *testing.T) {
	x := tensor.Full(0.1, 1_000_000)
	sum := dirty(1)
	tensor.SumTo(sum, x)
	want := 1e6 * float64(float32(0.1))
	if got := float64(sum.Data()[0]); !(math.Abs(got-want) <= 0x1p-24*want) {
		t.Errorf("sum is %v, want %v", got, want)
	}
}

// BenchmarkBroadcast covers what a network does with a picture: the bias of a
// wide layer, the channel means of an RGB picture, a scalar, and their
// gradients, next to the addition of two equal shapes.
func BenchmarkBroadcast(b *testing.B) {
	rng := newRand(1)
	for _, test := range []struct{ shape, narrow []int }{
		{[]int{1, 128, 128, 64}, []int{1, 128, 128, 64}},
		{[]int{1, 128, 128, 64}, []int{64}},
		{[]int{1, 512, 512, 3}, []int{3}},
		{[]int{1, 128, 128, 64}, []int{1, 128, 128, 1}},
		{[]int{1, 128, 128, 64}, nil},
	} {
		x, narrow := tensor.Random(rng, test.shape...), tensor.Random(rng, test.narrow...)
		y := tensor.New(test.shape...)
		run := func(name string, f func()) {
			b.Run(fmt.Sprint(name, test.shape, test.narrow), func(b *testing.B) {
				b.SetBytes(int64(4 * x.Len()))
				for b.Loop() {
					f()
				}
			})
		}
		run("add", func() { tensor.Add(y, x, narrow) })
		run("sum", func() { tensor.SumTo(narrow, x) })
	}
}
