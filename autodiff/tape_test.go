package autodiff_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/gradcheck"
	"github.com/brushgrad/brushgrad/tensor"
	"pgregory.net/rapid"
)

func vector(values ...float32) *tensor.Tensor { return tensor.FromSlice(values, len(values)) }

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(rng.NormFloat64())
	}
	return t
}

func wantValues(t *testing.T, what string, got *tensor.Tensor, want ...float32) {
	t.Helper()
	if !slices.Equal(got.Data(), want) {
		t.Errorf("%s is %v; want %v", what, got.Data(), want)
	}
}

func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panics with %q; want %q in it", got, want)
		}
	}()
	f()
}

// TestSharedValue: the gradient of a value is the sum over all of its uses,
// also where a use is a view of its memory or overwrites its own gradient.
func TestSharedValue(t *testing.T) {
	tape := autodiff.NewTape()
	x := tape.Leaf(vector(1, 2, 3, 4))
	y := autodiff.Mul(x, x)        // used three times below
	z := autodiff.Reshape(y, 2, 2) // a view, used twice
	w := autodiff.Div(z, z)        // all ones, no gradient
	p := autodiff.Mul(z, autodiff.Scale(z, 3))
	q := autodiff.Add(autodiff.Reshape(p, 4), y)
	autodiff.Sum(autodiff.Mul(autodiff.Reshape(w, 4), q)).Backward()
	// d/dx of 3x^4 + x^2
	wantValues(t, "gradient", x.Grad(), 14, 100, 330, 776)
	wantValues(t, "x", x.Value(), 1, 2, 3, 4)
	wantValues(t, "view", z.Value(), 1, 4, 9, 16)
}

// TestAccumulatedGradients: gradients that kernels add in place come together
// with each other and with those that are added afterwards, in any order.
func TestAccumulatedGradients(t *testing.T) {
	steps := []func(x, c *autodiff.Var) *autodiff.Var{ // of (2,2)
		func(x, c *autodiff.Var) *autodiff.Var { return autodiff.SquaredDistance(x, c) },
		func(x, c *autodiff.Var) *autodiff.Var { return autodiff.SquaredDistance(c, x) },
		func(x, c *autodiff.Var) *autodiff.Var { return autodiff.Sum(autodiff.MatMul(x, c)) },
		func(x, c *autodiff.Var) *autodiff.Var { return autodiff.Sum(autodiff.MatMul(c, x)) },
		func(x, c *autodiff.Var) *autodiff.Var { return autodiff.Sum(autodiff.Mul(c, x)) },
	}
	// By hand, for x = 1 2 / 3 4 and c = 5 6 / 7 9: 2 (x - c), twice; row sums
	// of c in each row; column sums of c in each column; c.
	want := []float32{-16 + 11 + 12 + 5, -16 + 16 + 12 + 6, -16 + 11 + 15 + 7, -20 + 16 + 15 + 9}
	for first := range steps {
		tape := autodiff.NewTape()
		x := tape.Leaf(tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2))
		c := tape.Constant(tensor.FromSlice([]float32{5, 6, 7, 9}, 2, 2))
		var terms []autodiff.Term
		for i := range steps {
			terms = append(terms, autodiff.Term{Of: steps[(first+i)%len(steps)](x, c), Weight: 1})
		}
		tape.Backward(terms...)
		wantValues(t, "gradient", x.Grad(), want...)
	}
	// Both operands are one value.
	tape := autodiff.NewTape()
	x := tape.Leaf(vector(1, 2))
	autodiff.SquaredDistance(x, x).Backward()
	wantValues(t, "gradient", x.Grad(), 0, 0)
}

// TestRandomGraphs builds random graphs in which every value can be used any
// number of times, and checks them with finite differences.
func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type step struct{ op, a, b int }
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.IntRange(0, 9).Draw(t, "op"), rapid.IntRange(0, 99).Draw(t, "a"), rapid.IntRange(0, 99).Draw(t, "b")}
		}), 1, 12).Draw(t, "steps")
		f := func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			values := slices.Clone(in) // all (3,4)
			for _, s := range steps {
				a, b := values[s.a%len(values)], values[s.b%len(values)]
				var y *autodiff.Var
				switch s.op {
				case 0:
					y = autodiff.Add(a, b)
				case 1:
					y = autodiff.Sub(a, autodiff.Scale(b, 0.5))
				case 2:
					y = autodiff.Mul(autodiff.Tanh(a), b)
				case 3:
					y = autodiff.Div(a, autodiff.AddScalar(autodiff.Mul(b, b), 2))
				case 4:
					y = autodiff.Reshape(autodiff.Transpose(a, 1, 0), 3, 4)
				case 5:
					y = autodiff.Reshape(autodiff.Tanh(autodiff.Reshape(a, 12)), 3, 4)
				case 6:
					y = autodiff.Sub(a, autodiff.MeanAxes(b, -1))
				case 7:
					y = autodiff.MatMul(autodiff.Softmax(autodiff.MatMul(a, autodiff.Transpose(b, 1, 0))), b)
				case 8:
					y = autodiff.Mul(tape.Constant(tensor.Full(0.5, 4)), autodiff.Sigmoid(a))
				case 9:
					y = autodiff.MeanAxes(autodiff.Reshape(autodiff.Concat(0, a, b, a), 3, 3, 4), 0)
					y = autodiff.Reshape(y, 3, 4)
				}
				values = append(values, autodiff.Tanh(y), y)
			}
			// The inputs keep the gradient away from 0, where only the rounding
			// errors of terms that cancel would be compared.
			return autodiff.Add(values[len(values)-1], autodiff.Add(in[0], in[1]))
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		in := []*tensor.Tensor{random(rng, 3, 4), random(rng, 3, 4)}
		if err := gradcheck.Check(f, in, gradcheck.Options{Step: 1. / 16, Tolerance: 2e-3}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestTerms: Backward of a weighted sum, with a term that appears twice, a
// leaf, and one that needs no gradient.
func TestTerms(t *testing.T) {
	tape := autodiff.NewTape()
	autodiff.Sum(autodiff.Exp(tape.Leaf(vector(1, 2, 3)))).Backward()
	tape.Reset()
	tape.Poison() // the gradient of the unused leaf gets one of these buffers
	x, s, c := tape.Leaf(vector(1, 2)), tape.Leaf(tensor.Scalar(5)), tape.Constant(tensor.Scalar(7))
	sum, squares := autodiff.Sum(x), autodiff.Sum(autodiff.Mul(x, x))
	unused := tape.Leaf(vector(1, 2, 3))
	tape.Backward(
		autodiff.Term{Of: squares, Weight: 10}, autodiff.Term{Of: sum, Weight: 1}, autodiff.Term{Of: c, Weight: 3},
		autodiff.Term{Of: squares, Weight: -2}, autodiff.Term{Of: s, Weight: 0.5}, autodiff.Term{Of: s, Weight: 0.25})
	wantValues(t, "gradient of x", x.Grad(), 17, 33)
	wantValues(t, "gradient of s", s.Grad(), 0.75)
	wantValues(t, "gradient of a leaf that nothing depends on", unused.Grad(), 0, 0, 0)
}

func TestScalar(t *testing.T) {
	tape := autodiff.NewTape()
	x := tape.Leaf(vector(1<<24, 1)) // 2^24 + 1 is not a float32
	one := tape.Constant(tensor.Full(1, 1, 1, 1, 1))
	tests := []struct {
		name string
		v    *autodiff.Var
		want float64
	}{
		{"Sum", autodiff.Sum(x), 1<<24 + 1},
		{"Mean", autodiff.Mean(x), 1<<23 + 0.5},
		{"SquaredDistance", autodiff.SquaredDistance(x, tape.Constant(vector(0, 0))), 1<<48 + 1},
		{"MeanSquaredError", autodiff.MeanSquaredError(x, tape.Constant(vector(0, 0))), 1<<47 + 0.5},
		{"TotalVariation", autodiff.TotalVariation(autodiff.Reshape(tape.Leaf(vector(1<<25, 1<<25, 2, 2)), 1, 1, 2, 2)), 1<<26 - 6},
		{"BoundPenalty", autodiff.BoundPenalty(x, -1, 0), 1<<48 + 1},
		{"CrossEntropy", autodiff.CrossEntropy(autodiff.Reshape(one, 1, 1), []int{0}), 0},
		// The rest is rounded to float32.
		{"Leaf", tape.Leaf(tensor.Scalar(3)), 3},
		{"Scale", autodiff.Scale(autodiff.Sum(x), 2), 1 << 25},
		{"Reshape", autodiff.Reshape(one), 1},
	}
	for _, test := range tests {
		if got := test.v.Scalar(); got != test.want {
			t.Errorf("%s: Scalar is %v; want %v", test.name, got, test.want)
		}
	}
	wantPanic(t, "Scalar: value has shape [2]", func() { x.Scalar() })
}

// TestMisuse: what cannot give a right gradient panics.
func TestMisuse(t *testing.T) {
	tape, other := autodiff.NewTape(), autodiff.NewTape()
	x := tape.Leaf(vector(1, 2))
	y := autodiff.Sum(x)
	wantPanic(t, "different tapes", func() { autodiff.Add(x, other.Leaf(vector(1, 2))) })
	wantPanic(t, "different tapes", func() { autodiff.Add(x, other.Constant(vector(1, 2))) })
	wantPanic(t, "different tapes", func() { autodiff.Add(other.Constant(vector(1, 2)), x) })
	wantPanic(t, "scalars of this tape, not a value of shape [2]", func() { x.Backward() })
	wantPanic(t, "scalars of this tape", func() { other.Backward(autodiff.Term{Of: y, Weight: 1}) })
	wantPanic(t, "Backward first", func() { x.Grad() })

	y.Backward()
	wantPanic(t, "only a Leaf", func() { y.Grad() })
	wantPanic(t, "twice", func() { y.Backward() })
	wantValues(t, "gradient", x.Grad(), 1, 1)

	c := tape.Constant(vector(1, 2))
	tape.Reset()
	for name, f := range map[string]func(){
		"Value": func() { y.Value() }, "Scalar": func() { y.Scalar() }, "Grad": func() { x.Grad() },
		"Backward": func() { y.Backward() }, "operand": func() { autodiff.Exp(x) },
		"constant operand": func() { autodiff.Add(tape.Leaf(vector(1, 2)), c) },
	} {
		t.Run(name+" after Reset", func(t *testing.T) { wantPanic(t, "after its tape's Reset", f) })
	}
}

// TestArgumentsCanBeUsedAgain: what an operation was called with, other than
// tensors, is the caller's again when it returns.
func TestArgumentsCanBeUsedAgain(t *testing.T) {
	tape := autodiff.NewTape()
	a, b, logits := tape.Leaf(vector(1, 2)), tape.Leaf(vector(3)), tape.Leaf(tensor.New(1, 2))
	parts, labels, std := []*autodiff.Var{a, b}, []int{0}, []float32{0.5}
	joined := autodiff.Concat(0, parts...)
	loss := autodiff.CrossEntropy(logits, labels)
	scaled := autodiff.Normalize(autodiff.Reshape(joined, 3, 1), []float32{0}, std)
	parts[0], labels[0], std[0] = b, 1, 0
	weighted := autodiff.Sum(autodiff.Mul(scaled, tape.Constant(tensor.FromSlice([]float32{4, 5, 6}, 3, 1))))
	tape.Backward(autodiff.Term{Of: weighted, Weight: 1}, autodiff.Term{Of: loss, Weight: 1})
	wantValues(t, "gradient of a", a.Grad(), 8, 10)
	wantValues(t, "gradient of b", b.Grad(), 12)
	wantValues(t, "gradient of the logits", logits.Grad(), -0.5, 0.5)
}
