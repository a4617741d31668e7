package gradcheck_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/gradcheck"
	"github.com/brushgrad/brushgrad/tensor"
)

type function = func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var

func random(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(rng.NormFloat64())
	}
	return t
}

// frozen returns the value of x with its gradient cut off. A value plus
// "frozen" terms that cancel is how the tests below build right values with
// wrong gradients.
func frozen(tape *autodiff.Tape, x *autodiff.Var) *autodiff.Var { return tape.Constant(x.Value()) }

// TestWrongGradients: every one of these functions has a mistake in its
// gradient, which Check must find, whatever directions it draws.
func TestWrongGradients(t *testing.T) {
	onePerCent := func(tape *autodiff.Tape, y *autodiff.Var) *autodiff.Var {
		return autodiff.Sub(autodiff.Scale(y, 1.01), frozen(tape, autodiff.Scale(y, 0.01)))
	}
	tests := []struct {
		name   string
		f      function
		shapes [][]int
		input  string // the one that must be blamed
	}{
		{"off by 1 % at the end", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return onePerCent(tape, autodiff.Exp(in[0]))
		}, [][]int{{3, 5}}, "input 0"},
		{"off by 1 % in the middle", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Tanh(onePerCent(tape, autodiff.MatMul(in[0], in[0])))
		}, [][]int{{6, 6}}, "input 0"},
		{"off by 1 % for a scalar", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return onePerCent(tape, autodiff.Sum(autodiff.Sigmoid(in[0])))
		}, [][]int{{100}}, "input 0"},
		{"missing term of a product", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Mul(in[0], frozen(tape, in[0]))
		}, [][]int{{4}}, "input 0"},
		{"missing term of softmax", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			e := autodiff.Exp(in[0])
			return autodiff.Div(e, frozen(tape, autodiff.SumAxes(e, -1)))
		}, [][]int{{3, 8}}, "input 0"},
		{"no gradient at all", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return frozen(tape, autodiff.Exp(in[0]))
		}, [][]int{{2, 2}}, "input 0"},
		{"gradient of nothing", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Sub(in[0], frozen(tape, in[0]))
		}, [][]int{{2, 2}}, "input 0"},
		{"wrong sign", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			y := autodiff.Exp(in[0])
			return autodiff.Sub(frozen(tape, autodiff.Scale(y, 2)), y)
		}, [][]int{{7}}, "input 0"},
		{"transposed", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			y, z := autodiff.MatMul(in[0], in[1]), autodiff.MatMul(in[0], autodiff.Transpose(in[1], 1, 0))
			return autodiff.Add(z, frozen(tape, autodiff.Sub(y, z)))
		}, [][]int{{4, 5}, {5, 5}}, "input 0"},
		{"second operand only", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Mul(in[0], onePerCent(tape, in[1]))
		}, [][]int{{4, 5}, {5}}, "input 1"},
		{"one element of 300", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			mask := tensor.New(300)
			mask.Data()[137] = 0.05
			excess := autodiff.Sub(in[0], frozen(tape, in[0]))
			return autodiff.Add(in[0], autodiff.Mul(excess, tape.Constant(mask)))
		}, [][]int{{300}}, "input 0"},
		{"two elements swapped", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			w, swapped := tensor.Full(1, 50), tensor.Full(1, 50)
			w.Data()[20], swapped.Data()[21] = 1.2, 1.2
			y, z := autodiff.Mul(in[0], tape.Constant(w)), autodiff.Mul(in[0], tape.Constant(swapped))
			return autodiff.Sum(autodiff.Add(z, frozen(tape, autodiff.Sub(y, z))))
		}, [][]int{{50}}, "input 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(20) {
				rng := rand.New(rand.NewPCG(seed, 2))
				var in []*tensor.Tensor
				for _, s := range test.shapes {
					in = append(in, random(rng, s...))
				}
				err := gradcheck.Check(test.f, in, gradcheck.Options{Seed: seed})
				if err == nil {
					t.Fatalf("seed %d: not found", seed)
				}
				if !strings.Contains(err.Error(), test.input) || !strings.Contains(err.Error(), "by Backward and") {
					t.Fatalf("seed %d: %v; want a difference in %s", seed, err, test.input)
				}
			}
		})
	}
}

// TestRightGradients: functions of many sizes and curvatures that are right
// must pass, whatever directions are drawn.
func TestRightGradients(t *testing.T) {
	tests := []struct {
		name  string
		f     function
		shape []int
		scale float32
	}{
		{"linear", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Scale(in[0], 3) }, []int{9}, 1},
		{"large values", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Mul(in[0], in[0]) }, []int{4, 4}, 300},
		{"small values", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Mul(in[0], in[0]) }, []int{4, 4}, 1e-3},
		{"strongly curved", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Exp(autodiff.Scale(in[0], 2))
		}, []int{30}, 1},
		{"deep", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			x := in[0]
			for range 10 {
				x = autodiff.Tanh(autodiff.MatMul(x, in[0]))
			}
			return x
		}, []int{5, 5}, 0.3},
		{"a constant", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.SumAxes(autodiff.Softmax(in[0]), -1)
		}, []int{3, 7}, 1},
		{"scalar to scalar", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Sigmoid(in[0]) }, nil, 1},
		{"input of zeros", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Exp(in[0]) }, []int{6}, 0},
		{"many elements", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			return autodiff.Mean(autodiff.Mul(in[0], in[0]))
		}, []int{2000}, 1},
		{"not used", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return tape.Constant(tensor.Full(2, 3)) }, []int{2}, 1},
		{"empty", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Exp(in[0]) }, []int{0, 3}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(20) {
				x := random(rand.New(rand.NewPCG(seed, 3)), test.shape...)
				tensor.Scale(x, x, test.scale)
				if err := gradcheck.Check(test.f, []*tensor.Tensor{x}, gradcheck.Options{Seed: seed}); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// TestNoVerdict: where finite differences say nothing, neither does Check.
func TestNoVerdict(t *testing.T) {
	calls := 0
	tests := []struct {
		name string
		f    function
		x    *tensor.Tensor
		want string
	}{
		{"nowhere finite", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Log(in[0]) }, tensor.Full(-1, 3), "not finite"},
		{"infinite gradient", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Sqrt(in[0]) }, tensor.New(1), "not finite"},
		{"random", func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var {
			calls++
			return autodiff.AddScalar(in[0], float32(calls*calls%7))
		}, tensor.Full(1, 3), "do not settle"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := gradcheck.Check(test.f, []*tensor.Tensor{test.x}, gradcheck.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v; want %q", err, test.want)
			}
		})
	}
}

// TestSmallerSteps: log is not finite at the largest steps from here, but it
// is at the smaller ones.
func TestSmallerSteps(t *testing.T) {
	x := tensor.FromSlice([]float32{0.1, 2, 0.12, 1, 3}, 5)
	f := func(tape *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return autodiff.Log(in[0]) }
	if err := gradcheck.Check(f, []*tensor.Tensor{x}, gradcheck.Options{}); err != nil {
		t.Fatal(err)
	}
}
