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

func describeBuffers(tape *autodiff.Tape) string {
	floats, taps := tape.Buffers()
	return fmt.Sprintf("buffers by length: floats %v, taps %v", floats, taps)
}

// TestBuffers counts the buffers of one evaluation by hand: one for each value
// on the tape, one for each gradient that has to exist at the same time.
func TestBuffers(t *testing.T) {
	tests := []struct {
		name string
		f    func(x, b *autodiff.Var) *autodiff.Var // of (1,4,4,2), 32 elements, and (2)
		want string
	}{
		// Values of 8, 4 and 1, gradients of 32, 8, 4 and 1; the taps of
		// the pool.
		{"pool and Gram", func(x, _ *autodiff.Var) *autodiff.Var {
			return autodiff.Sum(autodiff.Gram(autodiff.MaxPool2D(x, tensor.Pool{KH: 2, KW: 2})))
		}, "buffers by length: floats map[1:2 4:2 8:2 32:1], taps map[8:1]"},
		// Values of 32 and 1, gradients of the same, that of x in two parts.
		{"shared", func(x, _ *autodiff.Var) *autodiff.Var {
			return autodiff.Sum(autodiff.Mul(x, x))
		}, "buffers by length: floats map[1:2 32:4], taps map[]"},
		// Values of 32 and 1, gradients of the same and of b, the latter before
		// and after it is summed up; b's size is that of no value.
		{"repeated", func(x, b *autodiff.Var) *autodiff.Var {
			return autodiff.Sum(autodiff.Add(x, b))
		}, "buffers by length: floats map[1:2 2:1 32:4], taps map[]"},
		// Values of 32 (the logarithms) and 1, gradients of the same.
		{"cross-entropy", func(x, _ *autodiff.Var) *autodiff.Var {
			return autodiff.CrossEntropy(autodiff.Reshape(x, 1, 32), []int{7})
		}, "buffers by length: floats map[1:2 32:3], taps map[]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tape := autodiff.NewTape()
			rng := rand.New(rand.NewPCG(3, 3))
			test.f(tape.Leaf(random(rng, 1, 4, 4, 2)), tape.Leaf(random(rng, 2))).Backward()
			tape.Reset()
			if got := describeBuffers(tape); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestReuse: an evaluation on a tape that has been Reset gives the same bits
// as the first, although the buffers it gets are full of NaN. So every
// operation writes all of its value and all of its gradients.
func TestReuse(t *testing.T) {
	cases := opCases()
	for name, g := range readGoldens(t) {
		t.Run(name, func(t *testing.T) {
			tape := autodiff.NewTape()
			evaluate := func() []*tensor.Tensor {
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
			first := evaluate()
			buffers := describeBuffers(tape)
			tape.Poison()
			for i, again := range evaluate() {
				wantSameBits(t, fmt.Sprint("result ", i), again, first[i])
			}
			if got := describeBuffers(tape); got != buffers {
				t.Errorf("%s after the second evaluation, %s after the first", got, buffers)
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
// length were made in Backward.
func gradientBuffers(t *testing.T, c opCase, g golden, leaf func(i int) bool) ([]*tensor.Tensor, map[int]int) {
	t.Helper()
	evaluate := func(tape *autodiff.Tape, backward bool) (grads []*tensor.Tensor) {
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
		if backward {
			out.Backward()
			for i, v := range in {
				if v.HasGrad() != leaf(i) {
					t.Errorf("input %d has a gradient: %v", i, v.HasGrad())
				}
				if leaf(i) {
					grads = append(grads, v.Grad().Clone())
				}
			}
		}
		tape.Reset()
		return grads
	}
	forward, both := autodiff.NewTape(), autodiff.NewTape()
	evaluate(forward, false)
	grads := evaluate(both, true)
	buffers, _ := both.Buffers()
	before, _ := forward.Buffers()
	for length, n := range before {
		if buffers[length] -= n; buffers[length] == 0 {
			delete(buffers, length)
		}
	}
	return grads, buffers
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

// TestFrozen: no buffer of the size of a constant operand is made in Backward,
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
					t.Errorf("%s: with input %d as the only leaf, a buffer of the size of input %d was made: %v", name, i, j, made)
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

// TestSteadyState: from the second evaluation on, a loop makes no buffers.
func TestSteadyState(t *testing.T) {
	s, tape := newStack(48), autodiff.NewTape()
	s.evaluate(tape)
	tape.Reset()
	want := describeBuffers(tape)
	for range 3 {
		s.evaluate(tape)
		tape.Reset()
		if got := describeBuffers(tape); got != want {
			t.Fatalf("%s; after the first evaluation %s", got, want)
		}
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
