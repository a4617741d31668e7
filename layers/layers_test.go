package layers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(7, 0)) }

// TestForwardWithoutBias covers what the comparison with PyTorch does not.
func TestForwardWithoutBias(t *testing.T) {
	tape := autodiff.NewTape()
	for _, test := range []struct {
		layer layers.Layer
		x     *tensor.Tensor
		want  []float32
	}{
		{&layers.Linear{Weight: tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)}, tensor.FromSlice([]float32{10, 1}, 1, 2), []float32{13, 24}},
		{&layers.Conv2D{Weight: tensor.Full(2, 1, 1, 1, 1)}, tensor.FromSlice([]float32{-3, 4}, 1, 1, 2, 1), []float32{-6, 8}},
		{&layers.Conv2D{Weight: tensor.Full(2, 1, 1, 1, 1), ReLU: true}, tensor.FromSlice([]float32{-3, 4}, 1, 1, 2, 1), []float32{0, 8}},
	} {
		if n := len(test.layer.Parameters()); n != 1 {
			t.Errorf("%T: %d parameters, want 1", test.layer, n)
		}
		y := test.layer.Forward(tape.Constant(test.x), layers.Constants(tape, test.layer))
		if !slices.Equal(y.Value().Data(), test.want) {
			t.Errorf("%T: %v, want %v", test.layer, y.Value().Data(), test.want)
		}
	}
}

func TestFlatten(t *testing.T) {
	tape := autodiff.NewTape()
	for _, test := range []struct{ from, to []int }{
		{[]int{2, 3, 4, 5}, []int{2, 60}}, {[]int{2}, []int{2, 1}}, {[]int{0, 3, 4}, []int{0, 12}},
	} {
		y := layers.Flatten().Forward(tape.Constant(tensor.New(test.from...)), layers.Vars{})
		if !slices.Equal(y.Shape(), test.to) {
			t.Errorf("%v became %v, want %v", test.from, y.Shape(), test.to)
		}
	}
	wantPanic(t, "layers: Flatten: wants (N,...), not a value of rank 0", func() {
		layers.Flatten().Forward(tape.Constant(tensor.New()), layers.Vars{})
	})
}

func TestParameterNames(t *testing.T) {
	rng := newRand()
	block := layers.Sequential{
		{"conv1_1", layers.NewConv2D(rng, 4, 3, 3, 3, tensor.Conv{})},
		{"relu1_1", layers.ReLU()},
		{"conv1_2", &layers.Conv2D{Weight: tensor.New(2, 1, 1, 4)}},
	}
	net := layers.Sequential{{"block1", block}, {"classify", layers.NewLinear(rng, 2, 5)}}
	var got []string
	for _, p := range net.Parameters() {
		got = append(got, fmt.Sprint(p.Name, p.Value.Shape()))
	}
	want := []string{"block1.conv1_1.weight[4 3 3 3]", "block1.conv1_1.bias[4]", "block1.conv1_2.weight[2 1 1 4]", "classify.weight[2 5]", "classify.bias[5]"}
	if !slices.Equal(got, want) {
		t.Errorf("parameters %v, want %v", got, want)
	}
}

// TestFeatures checks the order of the results, names that are asked for twice,
// and that nothing behind the deepest layer is run.
func TestFeatures(t *testing.T) {
	add := func(v float32) layers.Func {
		return func(x *autodiff.Var) *autodiff.Var { return autodiff.AddScalar(x, v) }
	}
	never := layers.Func(func(*autodiff.Var) *autodiff.Var { panic("a layer behind the deepest ran") })
	net := layers.Sequential{{"a", add(1)}, {"b", add(10)}, {"c", add(100)}, {"d", never}}
	tape := autodiff.NewTape()
	x := tape.Constant(tensor.Scalar(0))
	for _, test := range []struct {
		names []string
		want  []float64
	}{
		{[]string{"c", "a"}, []float64{111, 1}}, {[]string{"b", "b"}, []float64{11, 11}}, {nil, nil},
	} {
		var got []float64
		for _, f := range net.Features(x, layers.Vars{}, test.names...) {
			got = append(got, f.Scalar())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.names, got, test.want)
		}
	}
	if got := net[:3].Forward(x, layers.Vars{}).Scalar(); got != 111 {
		t.Errorf("the whole network gives %v, want 111", got)
	}
	wantPanic(t, `layers: Features: no layer is called "conv4_2", only ["a" "b" "c" "d"]`, func() { net.Features(x, layers.Vars{}, "conv4_2") })
}

// TestFrozenParameters checks that constants get no gradient and leaves do,
// side by side, and that only the leaves are handed to an optimiser.
func TestFrozenParameters(t *testing.T) {
	rng := newRand()
	features, classifier := layers.NewLinear(rng, 3, 4), layers.NewLinear(rng, 4, 2)
	net := layers.Sequential{{"features", features}, {"classifier", classifier}}
	tape := autodiff.NewTape()
	vars := layers.Constants(tape, features).With(layers.Leaves(tape, classifier))
	loss := autodiff.CrossEntropy(net.Forward(tape.Constant(tensor.Full(1, 1, 3)), vars), []int{0})
	loss.Backward()
	values, gradients := vars.ValuesAndGradients(net)
	if len(values) != 2 || len(gradients) != 2 {
		t.Fatalf("%d values and %d gradients, want the classifier's 2", len(values), len(gradients))
	}
	for i, p := range classifier.Parameters() {
		if &values[i][0] != &p.Value.Data()[0] || len(gradients[i]) != p.Value.Len() {
			t.Errorf("%s is not at place %d", p.Name, i)
		}
		if slices.Max(gradients[i]) == 0 {
			t.Errorf("%s has no gradient", p.Name)
		}
	}
}

// TestSharedParameters uses one layer twice: y = w (w x) has the gradient 2 w x,
// and an optimiser is to see w once.
func TestSharedParameters(t *testing.T) {
	l := &layers.Linear{Weight: tensor.Full(3, 1, 1)}
	net := layers.Sequential{{"first", l}, {"second", l}}
	tape := autodiff.NewTape()
	vars := layers.Leaves(tape, net)
	autodiff.Sum(net.Forward(tape.Constant(tensor.Full(5, 1, 1)), vars)).Backward()
	_, gradients := vars.ValuesAndGradients(net)
	if len(gradients) != 1 || !slices.Equal(gradients[0], []float32{30}) {
		t.Errorf("gradients %v, want [[30]]", gradients)
	}
}

// TestFrozenNetwork: without Vars a network is frozen, and says so.
func TestFrozenNetwork(t *testing.T) {
	l := layers.NewLinear(newRand(), 3, 4)
	conv := layers.NewConv2D(newRand(), 1, 1, 1, 1, tensor.Conv{})
	net := layers.Sequential{{"linear", l}, {"reshape", layers.Func(func(x *autodiff.Var) *autodiff.Var {
		return autodiff.Reshape(x, 1, 2, 2, 1)
	})}, {"conv", conv}}
	x := tensor.Full(1, 1, 3)
	gradient := func(vars func(*autodiff.Tape) layers.Vars) []float32 {
		tape := autodiff.NewTape()
		x, v := tape.Leaf(x), vars(tape)
		autodiff.Sum(net.Forward(x, v)).Backward()
		if values, gradients := v.ValuesAndGradients(net); len(values)+len(gradients) != 0 {
			t.Errorf("%d parameters to train and %d gradients, want none", len(values), len(gradients))
		}
		return x.Grad().Data()
	}
	got := gradient(func(*autodiff.Tape) layers.Vars { return layers.Vars{} })
	want := gradient(func(tape *autodiff.Tape) layers.Vars { return layers.Constants(tape, net) })
	if !slices.Equal(got, want) {
		t.Errorf("gradient %v without Vars, %v with constants", got, want)
	}
}

func TestMissingParameter(t *testing.T) {
	l := layers.NewLinear(newRand(), 3, 4)
	tape := autodiff.NewTape()
	wantPanic(t, "layers: a parameter of shape [3 4] is not on the tape: put it there with Leaves or Constants", func() {
		l.Forward(tape.Constant(tensor.New(1, 3)), layers.Constants(tape, layers.Sequential{}))
	})
}

// TestHeNormal checks mean and variance to four of their own standard
// deviations, which a fixed seed passes always or never, and that the variance
// does its work: behind twenty layers values are about as large as before.
func TestHeNormal(t *testing.T) {
	const n, fanIn = 100_000, 50
	w := layers.HeNormal(newRand(), fanIn, n)
	mean := tensor.Sum(w) / n
	variance := tensor.SquaredNorm(w) / n
	if want := 2.0 / fanIn; !(math.Abs(mean) <= 4*math.Sqrt(want/n)) || !(math.Abs(variance/want-1) <= 4*math.Sqrt(2.0/n)) {
		t.Errorf("mean %v and variance %v, want 0 and %v", mean, variance, want)
	}
	again := layers.HeNormal(newRand(), fanIn, n)
	if !slices.Equal(w.Data(), again.Data()) {
		t.Error("the same seed gives other values")
	}
	wantPanic(t, "layers: HeNormal: fan-in 0 for shape [2]", func() { layers.HeNormal(newRand(), 0, 2) })

	rng := newRand()
	tape := autodiff.NewTape()
	x := tape.Constant(layers.HeNormal(rng, 2, 16, 256)) // of variance 1
	for range 20 {
		l := layers.NewLinear(rng, 256, 256)
		x = autodiff.ReLU(l.Forward(x, layers.Constants(tape, l)))
	}
	// The weights double the mean square, ReLU halves it.
	square := tensor.SquaredNorm(x.Value()) / float64(x.Value().Len())
	if square < 0.2 || square > 5 {
		t.Errorf("behind 20 layers the mean square is %v, want about 1", square)
	}
}

// TestXavierUniform checks mean, variance and range as TestHeNormal does, and that
// behind twenty layers with tanh both values and gradients are still there.
func TestXavierUniform(t *testing.T) {
	const n, fanIn, fanOut = 100_000, 50, 30
	w := layers.XavierUniform(newRand(), fanIn, fanOut, n)
	mean := tensor.Sum(w) / n
	variance := tensor.SquaredNorm(w) / n
	// The square of a uniform value has a variance of 4/5 of its mean's square.
	if want := 2.0 / (fanIn + fanOut); !(math.Abs(mean) <= 4*math.Sqrt(want/n)) || !(math.Abs(variance/want-1) <= 4*math.Sqrt(0.8/n)) {
		t.Errorf("mean %v and variance %v, want 0 and %v", mean, variance, want)
	}
	a := float32(math.Sqrt(6.0 / (fanIn + fanOut)))
	if low, high := slices.Min(w.Data()), slices.Max(w.Data()); low < -a || high > a || high-low < 1.99*a {
		t.Errorf("values from %v to %v, want all of %v to %v", low, high, -a, a)
	}
	if !slices.Equal(w.Data(), layers.XavierUniform(newRand(), fanIn, fanOut, n).Data()) {
		t.Error("the same seed gives other values")
	}
	wantPanic(t, "layers: XavierUniform: fan-in 0 and fan-out 3 for shape [2]", func() { layers.XavierUniform(newRand(), 0, 3, 2) })
	wantPanic(t, "layers: XavierUniform: fan-in 3 and fan-out 0 for shape [2]", func() { layers.XavierUniform(newRand(), 3, 0, 2) })

	rng := newRand()
	tape := autodiff.NewTape()
	in := layers.HeNormal(rng, 200, 16, 256)
	x := tape.Leaf(in)
	y := x
	for range 20 {
		y = autodiff.Tanh(autodiff.MatMul(y, tape.Constant(layers.XavierUniform(rng, 256, 256, 256, 256))))
	}
	dy := layers.HeNormal(rng, 2, 16, 256)
	autodiff.Sum(autodiff.Mul(y, tape.Constant(dy))).Backward()
	if r := tensor.SquaredNorm(y.Value()) / tensor.SquaredNorm(in); r < 0.3 || r > 1.1 {
		t.Errorf("behind 20 layers the mean square is %v of what it was, want a little less than all of it", r)
	}
	if r := tensor.SquaredNorm(x.Grad()) / tensor.SquaredNorm(dy); r < 0.3 || r > 1.1 {
		t.Errorf("before 20 layers the gradient's mean square is %v of what it was behind, want a little less than all of it", r)
	}
}

func TestNewConv2D(t *testing.T) {
	l := layers.NewConv2D(newRand(), 64, 5, 3, 32, tensor.Conv{Groups: 4})
	if want := []int{64, 5, 3, 8}; !slices.Equal(l.Weight.Shape(), want) {
		t.Errorf("weight %v, want %v", l.Weight.Shape(), want)
	}
	if !slices.Equal(l.Bias.Data(), make([]float32, 64)) {
		t.Errorf("bias %v, want 64 zeros", l.Bias)
	}
	variance := tensor.SquaredNorm(l.Weight) / float64(l.Weight.Len())
	if want := 2.0 / (5 * 3 * 8); !(math.Abs(variance/want-1) <= 4*math.Sqrt(2.0/float64(l.Weight.Len()))) {
		t.Errorf("variance %v, want %v", variance, want)
	}
}

func wantPanic(t *testing.T, message string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != message {
			t.Errorf("panic %q, want %q", got, message)
		}
	}()
	f()
}
