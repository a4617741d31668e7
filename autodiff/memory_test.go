package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestLive counts the memory of one evaluation by hand: what is in use behind
// the forward pass, and at most. Sizes are multiples of the padding, except that
// a scalar takes a whole one.
func TestLive(t *testing.T) {
	const scalar = autodiff.Padding
	pool := tensor.Pool{KH: 2, KW: 2}
	tests := []struct {
		name            string
		f               func(x, b *autodiff.Var) *autodiff.Var // of (1,4,4,32), 512 elements, and (32)
		forward, atMost int
	}{
		// The pool's value of 128 is kept until Reset, as that of the sum. In
		// Backward, the gradients of sum and pool, then of pool and x.
		{"pool", func(x, _ *autodiff.Var) *autodiff.Var {
			return autodiff.Sum(autodiff.MaxPool2D(x, pool))
		}, 128 + scalar, 128 + scalar + 128 + 512},
		// The same with the value of the pool given up.
		{"pool, released", func(x, _ *autodiff.Var) *autodiff.Var {
			y := autodiff.MaxPool2D(x, pool)
			defer y.Release()
			return autodiff.Sum(y)
		}, scalar, scalar + 128 + 512},
		// Two gradients of 512 meet at x, and with that of the product there
		// are three.
		{"shared", func(x, _ *autodiff.Var) *autodiff.Var {
			y := autodiff.Mul(x, x)
			defer y.Release()
			return autodiff.Sum(y)
		}, scalar, scalar + 3*512},
		// b's gradient before it is summed up, and after.
		{"repeated", func(x, b *autodiff.Var) *autodiff.Var {
			y := autodiff.Add(x, b)
			defer y.Release()
			return autodiff.Sum(y)
		}, scalar, scalar + 3*512 + 32},
		// Tanh keeps its value, which the first gradient to be computed frees:
		// there are never more than three arrays.
		{"chain", func(x, _ *autodiff.Var) *autodiff.Var {
			for range 3 {
				y := autodiff.Scale(x, 0.5)
				x = autodiff.Tanh(y)
				y.Release()
				defer x.Release()
			}
			return autodiff.Sum(x)
		}, scalar + 3*512, scalar + 3*512 + 2*512},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tape := autodiff.NewTape()
			rng := rand.New(rand.NewPCG(3, 3))
			y := test.f(tape.Leaf(random(rng, 1, 4, 4, 32)), tape.Leaf(random(rng, 32)))
			if live, _, _ := tape.Live(); live != test.forward {
				t.Errorf("%d floats live before Backward, want %d", live, test.forward)
			}
			y.Backward()
			if _, most, _ := tape.Live(); most != test.atMost {
				t.Errorf("at most %d floats live, want %d", most, test.atMost)
			}
			if n := tape.LiveBytes(); n != 0 {
				t.Errorf("%d bytes live after Backward, want none", n)
			}
			tape.Reset()
			if live, _, _ := tape.Live(); live != 0 {
				t.Errorf("%d floats live after Reset, want none", live)
			}
		})
	}
}

// TestReuse: an evaluation in memory full of NaN gives the same bits as one in
// fresh memory, and so does the next on the same tape. So every operation
// writes all of its value and all of its gradients.
func TestReuse(t *testing.T) {
	cases := opCases()
	for name, g := range readGoldens(t) {
		t.Run(name, func(t *testing.T) {
			evaluate := func(tape *autodiff.Tape) []*tensor.Tensor {
				var in []*autodiff.Var
				for _, x := range g.in {
					in = append(in, tape.Leaf(x))
				}
				out := cases[name].f(in)
				results := []*tensor.Tensor{out.Value().Clone()}
				autodiff.Sum(autodiff.Mul(out, out)).Backward()
				for _, v := range in {
					results = append(results, v.Grad().Clone())
				}
				tape.Reset()
				return results
			}
			first := evaluate(autodiff.NewTape())
			tape := autodiff.NewTape()
			tape.Poison()
			var before int
			for round := range 2 {
				for i, again := range evaluate(tape) {
					wantSameBits(t, fmt.Sprint("result ", i), again, first[i])
				}
				_, _, chunks := tape.Live()
				if round == 0 {
					before = chunks
				} else if chunks != before {
					t.Errorf("memory for %d floats after the second evaluation, %d after the first", chunks, before)
				}
			}
		})
	}
}

func wantSameBits(t *testing.T, what string, got, want *tensor.Tensor) {
	t.Helper()
	for i, v := range got.Data() {
		if math.Float32bits(v) != math.Float32bits(want.Data()[i]) {
			t.Fatalf("%s: element %d is %v; want %v", what, i, v, want.Data()[i])
		}
	}
}

// gradientBuffers evaluates a case with some inputs constant, the others
// leaves. It returns the gradients of the leaves and how many buffers of each
// length were lent in Backward.
func gradientBuffers(t *testing.T, c opCase, g golden, leaf func(i int) bool) ([]*tensor.Tensor, map[int]int) {
	t.Helper()
	tape, lent := autodiff.NewTape(), map[int]int{}
	var in []*autodiff.Var
	for i, x := range g.in {
		if leaf(i) {
			in = append(in, tape.Leaf(x))
		} else {
			in = append(in, tape.Constant(x))
		}
		if in[i].NeedsGrad() != leaf(i) {
			t.Fatalf("NeedsGrad of input %d is %v", i, in[i].NeedsGrad())
		}
	}
	out := autodiff.Sum(c.f(in))
	tape.OnLend(func(n int) { lent[n]++ })
	out.Backward()
	tape.OnLend(nil)
	var grads []*tensor.Tensor
	for i, v := range in {
		if v.HasGrad() != leaf(i) {
			t.Errorf("input %d has a gradient: %v", i, v.HasGrad())
		}
		if leaf(i) {
			grads = append(grads, v.Grad().Clone())
		}
	}
	return grads, lent
}

// TestConstants: the gradient of one input is the same to the bit if the
// others are constant, and if all are, Backward needs no buffer at all.
func TestConstants(t *testing.T) {
	cases := opCases()
	for name, g := range readGoldens(t) {
		t.Run(name, func(t *testing.T) {
			all, buffers := gradientBuffers(t, cases[name], g, func(int) bool { return true })
			if len(buffers) == 0 {
				t.Fatal("gradients took no buffers; the check below says nothing")
			}
			if _, buffers := gradientBuffers(t, cases[name], g, func(int) bool { return false }); len(buffers) != 0 {
				t.Errorf("constants took buffers for gradients, by length %v", buffers)
			}
			for i := range g.in {
				grads, _ := gradientBuffers(t, cases[name], g, func(j int) bool { return i == j })
				wantSameBits(t, fmt.Sprint("gradient of input ", i, " alone"), grads[0], all[i])
			}
		})
	}
}

// TestFrozen: no buffer of the size of a constant operand is lent in Backward,
// so no kernel can have computed its gradient. In these cases all operands and
// results differ in size.
func TestFrozen(t *testing.T) {
	goldens, cases := readGoldens(t), opCases()
	for _, name := range []string{"conv/5x5", "conv/wide", "conv_relu/apart", "matmul_wide"} {
		g := goldens[name]
		for i := range g.in {
			_, buffers := gradientBuffers(t, cases[name], g, func(j int) bool { return i == j })
			for j, x := range g.in {
				if made := buffers[x.Len()] > 0; made != (i == j) {
					t.Errorf("%s: with input %d as the only leaf, a buffer of the size of input %d was lent: %v", name, i, j, made)
				}
			}
		}
	}
}

// stack is a small network of the kind that the tape is made for: picture x,
// two blocks of frozen convolutions, costs at two depths.
type stack struct {
	x       *tensor.Tensor
	weights []*tensor.Tensor
	style   *tensor.Tensor
	content *tensor.Tensor
}

func newStack(size int) *stack {
	rng := rand.New(rand.NewPCG(4, 4))
	s := &stack{x: random(rng, 1, size, size+3, 3), style: random(rng, 24, 24), content: random(rng, 1, size/2, (size+3)/2, 40)}
	channels := 3
	for _, c := range []int{24, 24, 40} {
		w := random(rng, c, 3, 3, channels)
		tensor.Scale(w, w, 0.1)
		s.weights = append(s.weights, w, random(rng, c))
		channels = c
	}
	return s
}

// evaluate returns the cost and the gradient, which is valid until Reset.
func (s *stack) evaluate(tape *autodiff.Tape) (float64, *tensor.Tensor) {
	tape.Reset()
	conv := tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}
	x := tape.Leaf(s.x)
	layer := func(y *autodiff.Var, i int) *autodiff.Var {
		return autodiff.Conv2DReLU(y, tape.Constant(s.weights[2*i]), tape.Constant(s.weights[2*i+1]), conv)
	}
	y := layer(layer(autodiff.Normalize(x, []float32{0.4, 0.5, 0.6}, []float32{0.2, 0.3, 0.2}), 0), 1)
	style := autodiff.SquaredDistance(autodiff.Gram(y), tape.Constant(s.style))
	y = layer(autodiff.MaxPool2D(y, tensor.Pool{KH: 2, KW: 2}), 2)
	content := autodiff.SquaredDistance(y, tape.Constant(s.content))
	smooth := autodiff.TotalVariation(x)
	tape.Backward(
		autodiff.Term{Of: style, Weight: 1}, autodiff.Term{Of: content, Weight: 0.1}, autodiff.Term{Of: smooth, Weight: 0.01})
	return style.Scalar() + 0.1*content.Scalar() + 0.01*smooth.Scalar(), x.Grad()
}

// TestSteadyState: from the second evaluation on, a loop takes no memory.
func TestSteadyState(t *testing.T) {
	s, tape := newStack(48), autodiff.NewTape()
	s.evaluate(tape)
	_, most, chunks := tape.Live()
	for range 3 {
		s.evaluate(tape)
		if _, m, c := tape.Live(); m != most || c != chunks {
			t.Fatalf("at most %d floats in use and memory for %d; after the first evaluation %d and %d", m, c, most, chunks)
		}
	}
}

// TestAllocations counts what an evaluation allocates apart from kernels and
// memory for values: the note of each operation, and all Vars at once. Values
// of no elements keep the kernels from doing anything.
func TestAllocations(t *testing.T) {
	const operations = 200
	tape, empty := autodiff.NewTape(), tensor.New(0)
	var terms []autodiff.Term
	evaluate := func() {
		tape.Reset()
		x := tape.Leaf(empty)
		terms = terms[:0]
		for range operations {
			y := autodiff.Tanh(x)
			terms = append(terms, autodiff.Term{Of: autodiff.SquaredDistance(y, tape.Constant(empty)), Weight: 1})
			x = y
		}
		tape.Backward(terms...)
	}
	evaluate()
	got := testing.AllocsPerRun(10, evaluate)
	kernels := testing.AllocsPerRun(10, func() {
		for range operations {
			tensor.Map(empty, empty, func(v float32) float32 { return v })
			tensor.SquaredDistance(empty, empty)
			tensor.Map2(empty, empty, empty, func(v, w float32) float32 { return v })
			tensor.SquaredDistanceGrad(empty, empty, empty, 1, true)
			tensor.AddScaled(empty, 1, empty)
		}
	})
	// Two notes, the variable y of the one for Tanh, and the second gradient.
	if perPair := (got - kernels) / operations; perPair > 4.5 {
		t.Errorf("%v allocations for a Tanh and a SquaredDistance, want 4", perPair)
	}
}

func BenchmarkEvaluation(b *testing.B) {
	s, tape := newStack(48), autodiff.NewTape()
	s.evaluate(tape)
	b.ReportAllocs()
	for b.Loop() {
		s.evaluate(tape)
	}
}

// TestThreads: the number of threads does not change a bit of the result.
func TestThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	s, tape := newStack(70), autodiff.NewTape()
	rng := rand.New(rand.NewPCG(5, 5))
	a, b, c := random(rng, 300, 200), random(rng, 200, 170), random(rng, 170)
	rest := func() []*tensor.Tensor {
		tape.Reset()
		a, b, c := tape.Leaf(a), tape.Leaf(b), tape.Leaf(c)
		y := autodiff.Add(autodiff.MatMul(autodiff.Tanh(a), autodiff.Sigmoid(b)), c)
		y = autodiff.Concat(1, autodiff.Softmax(y), autodiff.LogSoftmax(y), autodiff.Exp(autodiff.Scale(y, 0.1)))
		autodiff.Mean(autodiff.Mul(y, autodiff.MeanAxes(y, 0))).Backward()
		return []*tensor.Tensor{y.Value().Clone(), a.Grad().Clone(), b.Grad().Clone(), c.Grad().Clone()}
	}
	var cost float64
	var want []*tensor.Tensor
	for _, threads := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(threads)
		j, grad := s.evaluate(tape)
		got := append([]*tensor.Tensor{grad.Clone()}, rest()...)
		if threads == 1 {
			cost, want = j, got
			continue
		}
		if j != cost {
			t.Errorf("with %d threads the cost is %v; with one it is %v", threads, j, cost)
		}
		for i := range got {
			wantSameBits(t, fmt.Sprintf("%d threads, result %d", threads, i), got[i], want[i])
		}
	}
}
