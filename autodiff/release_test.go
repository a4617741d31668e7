package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
	"pgregory.net/rapid"
)

// TestRelease: gradients are the same to the bit if operands and result are
// released as soon as they have been used, and what is free is full of NaN. So
// every operation keeps what its gradient reads.
func TestRelease(t *testing.T) {
	cases := opCases()
	for name, g := range readGoldens(t) {
		t.Run(name, func(t *testing.T) {
			evaluate := func(release bool) []*tensor.Tensor {
				tape := autodiff.NewTape()
				if release {
					tape.Poison()
				}
				var leaves, in []*autodiff.Var
				for _, x := range g.in {
					leaf := tape.Leaf(x)
					leaves, in = append(leaves, leaf), append(in, autodiff.Scale(leaf, 1))
				}
				out := cases[name].f(in)
				sum := autodiff.Sum(autodiff.Mul(out, tape.Constant(outputGradient(out.Shape()))))
				results := []*tensor.Tensor{out.Value().Clone()}
				if release {
					for _, v := range append(in, out) {
						v.Release()
					}
				}
				sum.Backward()
				for _, v := range leaves {
					results = append(results, v.Grad().Clone())
				}
				return results
			}
			want := evaluate(false)
			for i, got := range evaluate(true) {
				wantSameBits(t, fmt.Sprint("result ", i), got, want[i])
			}
		})
	}
}

// TestKeeps: operations keep no more than they should, of an operand of 1024
// elements and a result of another size or, for those that are applied element
// by element, of the same.
func TestKeeps(t *testing.T) {
	pool := tensor.Pool{KH: 2, KW: 2}
	half := tensor.Full(0.5, 32)
	tests := []struct {
		name    string
		f       func(tape *autodiff.Tape, x *autodiff.Var) *autodiff.Var // of (1,4,8,32)
		x, y    bool                                                     // which are kept
		element bool
	}{
		{"Add", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Add(x, x) }, false, false, true},
		{"Sub", func(tape *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Sub(x, tape.Constant(half)) }, false, false, true},
		{"Mul", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Mul(x, x) }, true, false, true},
		{"Div", func(tape *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Div(x, tape.Constant(half)) }, false, true, true},
		{"Scale", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Scale(x, 2) }, false, false, true},
		{"AddScalar", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.AddScalar(x, 2) }, false, false, true},
		{"ReLU", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.ReLU(x) }, false, true, true},
		{"Exp", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Exp(x) }, false, true, true},
		{"Log", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Log(x) }, true, false, true},
		{"Softmax", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Softmax(x) }, false, true, true},
		{"Reshape", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Reshape(x, -1) }, false, false, true},
		{"Transpose", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Transpose(x, 0, 2, 1, 3) }, false, false, true},
		{"Normalize", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var {
			return autodiff.Normalize(x, half.Data(), half.Data())
		}, false, false, true},
		{"MaxPool2D", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.MaxPool2D(x, pool) }, false, false, false},
		{"AvgPool2D", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.AvgPool2D(x, pool) }, false, false, false},
		{"Concat", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Concat(0, x, x) }, false, false, false},
		{"Pad", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var {
			return autodiff.Pad(x, tensor.PadAll(1, tensor.PadZero))
		}, false, false, false},
		{"Sum", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.Sum(x) }, false, false, false},
		{"SquaredDistance", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.SquaredDistance(x, x) }, true, false, false},
		{"CensoredSquaredDistance", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var {
			return autodiff.CensoredSquaredDistance(x, tensor.New(x.Shape()...))
		}, true, false, false},
		{"MeanSquaredError", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.MeanSquaredError(x, x) }, true, false, false},
		{"BatchNorm", func(tape *autodiff.Tape, x *autodiff.Var) *autodiff.Var {
			y, _ := autodiff.BatchNorm(x, tape.Constant(half), tape.Constant(half), 1e-5)
			return y
		}, true, false, true},
		{"NormalizeGradient", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.NormalizeGradient(x, 2) }, false, false, true},
		{"Dropout", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var {
			return autodiff.Dropout(x, 0.5, rand.New(rand.NewPCG(1, 1)))
		}, false, false, true},
		{"BoundPenalty", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.BoundPenalty(x, 0, 1) }, true, false, false},
		{"TotalVariation", func(_ *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return autodiff.TotalVariation(x) }, true, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tape := autodiff.NewTape()
			live := func() int { n, _, _ := tape.Live(); return n }
			x := autodiff.Scale(tape.Leaf(tensor.Full(1, 1, 4, 8, 32)), 1)
			size := live()
			y := test.f(tape, x)
			both := live()
			x.Release()
			y.Release()
			want := 0
			if test.x {
				want += size
			}
			if test.y {
				want += both - size
			}
			if got := live(); got != want {
				t.Errorf("%d floats kept, want %d", got, want)
			}

			// Without a gradient nothing is kept.
			tape.Reset()
			x = autodiff.Scale(tape.Constant(tensor.Full(1, 1, 4, 8, 32)), 1)
			test.f(tape, x).Release()
			x.Release()
			if got := live(); got != 0 || tape.LiveBytes() != 0 {
				t.Errorf("%d floats and %d bytes kept for a constant, want none", got, tape.LiveBytes())
			}
		})
	}
}

// TestReleased: what has been released cannot be used, whatever it shares its
// memory with.
func TestReleased(t *testing.T) {
	tape := autodiff.NewTape()
	tape.Poison()
	live := func() int { n, _, _ := tape.Live(); return n }
	x := tape.Leaf(vector(1, 2, 3, 4))
	y := autodiff.Scale(x, 2)
	view := autodiff.Reshape(y, 2, 2)
	again := autodiff.Reshape(view, 4, 1)
	y.Release()
	y.Release() // is allowed
	for name, f := range map[string]func(){
		"Value":        func() { y.Value() },
		"operand":      func() { autodiff.Exp(y) },
		"second":       func() { autodiff.Add(x, y) },
		"view":         func() { autodiff.Reshape(y, 2, 2) },
		"sum":          func() { autodiff.Sum(y) },
		"concatenated": func() { autodiff.Concat(0, x, y) },
	} {
		t.Run(name, func(t *testing.T) { wantPanic(t, "shape [4] is used after its Release", f) })
	}
	wantValues(t, "view", view.Value(), 2, 4, 6, 8)
	view.Release()
	wantValues(t, "view of the view", again.Value(), 2, 4, 6, 8)
	sum := autodiff.Sum(autodiff.Mul(again, again))
	again.Release()

	// A leaf is its owner's; it keeps its gradient, and its value is intact.
	x.Release()
	wantPanic(t, "after its Release", func() { x.Value() })
	scalar := autodiff.Scale(sum, 1)
	scalar.Release()
	wantPanic(t, "after its Release", func() { scalar.Scalar() })
	scalar.Backward()
	wantValues(t, "gradient", x.Grad(), 8, 16, 24, 32)
	before := live()
	sum.Release() // after Backward
	if got := live(); got != before-autodiff.Padding {
		t.Errorf("%d floats live after a scalar was released, %d before", got, before)
	}
	tape.Reset()
	wantPanic(t, "after its tape's Reset", func() { sum.Release() })
	wantPanic(t, "after its tape's Reset", func() { y.Release() })
}

// TestConstantIsNeverLent: neither the tensor of a caller nor a view of it
// becomes memory for other values.
func TestConstantIsNeverLent(t *testing.T) {
	tape := autodiff.NewTape()
	tape.Poison()
	c, l := vector(1, 2, 3, 4), vector(5, 6, 7, 8)
	for _, v := range []*autodiff.Var{tape.Constant(c), tape.Leaf(l)} {
		view := autodiff.Reshape(v, 2, 2)
		v.Release()
		sum := autodiff.Sum(view)
		view.Release()
		sum.Release()
	}
	tape.Reset()
	wantValues(t, "constant", c, 1, 2, 3, 4)
	wantValues(t, "leaf", l, 5, 6, 7, 8)
}

// TestReleaseInRandomGraphs applies operations at random to values that may
// serve any number of times, and releases some of them along the way.
func TestReleaseInRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type step struct {
			op, a, b int
			release  bool
		}
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.IntRange(0, 7).Draw(t, "op"), rapid.IntRange(0, 9).Draw(t, "a"),
				rapid.IntRange(0, 9).Draw(t, "b"), rapid.Bool().Draw(t, "release")}
		}), 1, 20).Draw(t, "steps")
		rng := rand.New(rand.NewPCG(1, 1))
		in := []*tensor.Tensor{random(rng, 4, 4), random(rng, 4, 4)}
		evaluate := func(release bool) (*tensor.Tensor, *tensor.Tensor) {
			tape := autodiff.NewTape()
			tape.Poison()
			x := tape.Leaf(in[0])
			values := []*autodiff.Var{x, tape.Constant(in[1])} // that may still be used
			for _, s := range steps {
				i := s.a % len(values)
				a, b := values[i], values[s.b%len(values)]
				var y *autodiff.Var
				switch s.op {
				case 0:
					y = autodiff.Add(a, b)
				case 1:
					y = autodiff.Mul(autodiff.Tanh(a), b)
				case 2:
					y = autodiff.Div(a, autodiff.Exp(autodiff.Tanh(b)))
				case 3:
					y = autodiff.Reshape(autodiff.Reshape(a, 2, 8), 4, 4)
				case 4:
					y = autodiff.MatMul(autodiff.Tanh(a), autodiff.Softmax(b))
				case 5:
					half := autodiff.Reshape(autodiff.MaxPool2D(autodiff.Reshape(a, 1, 4, 2, 2), tensor.Pool{KH: 2, KW: 1}), 2, 4)
					y = autodiff.Concat(0, half, half)
				case 6:
					y = autodiff.Scale(b, float32(autodiff.SquaredDistance(autodiff.Tanh(a), b).Scalar()))
				case 7:
					y = autodiff.ReLU(autodiff.Sub(a, b))
				}
				if s.release && len(values) > 1 {
					values = append(values[:i], values[i+1:]...)
					if release {
						a.Release()
					}
				}
				values = append(values, autodiff.Tanh(y))
				if release {
					y.Release()
				}
			}
			last := values[len(values)-1]
			out := last.Value().Clone()
			autodiff.Sum(autodiff.Mul(last, last)).Backward()
			return out, x.Grad().Clone()
		}
		out, grad := evaluate(true)
		wantOut, wantGrad := evaluate(false)
		for _, pair := range [][2]*tensor.Tensor{{out, wantOut}, {grad, wantGrad}} {
			for i, v := range pair[0].Data() {
				if want := pair[1].Data()[i]; math.Float32bits(v) != math.Float32bits(want) {
					t.Fatalf("element %d is %v; without Release %v", i, v, want)
				}
			}
		}
	})
}
