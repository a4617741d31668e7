package layers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// counter is a source of the numbers 1, 2, 3...
type counter uint64

func (c *counter) Uint64() uint64 { *c++; return uint64(*c) }

// TestModesAgreeWithPyTorch trains a network with batch normalisation and dropout
// and compares the first gradients and running averages, the loss of every step,
// the parameters at the end and then the scores in eval mode with what
// testdata/make_goldens.py has found. The masks of dropout follow from the
// numbers of a counter.
func TestModesAgreeWithPyTorch(t *testing.T) {
	goldens, err := npy.ReadZip("testdata/modes.npz")
	if err != nil {
		t.Fatal(err)
	}
	before := func(name string) *tensor.Tensor { return goldens["before."+name] }
	norm := func(name string) layers.Layer {
		return &layers.BatchNorm{
			Gamma: before(name + ".gamma"), Beta: before(name + ".beta"),
			RunningMean: before(name + ".running_mean"), RunningVariance: before(name + ".running_variance"),
		}
	}
	net := layers.Sequential{
		{"conv1", &layers.Conv2D{Weight: before("conv1.weight"), Conv: tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)}}},
		{"norm1", norm("norm1")},
		{"relu1", layers.ReLU()},
		{"pool1", layers.MaxPool2D(tensor.Pool{KH: 2, KW: 2})},
		{"drop1", layers.Dropout(0.25)},
		{"conv2", &layers.Conv2D{Weight: before("conv2.weight")}},
		{"norm2", norm("norm2")},
		{"relu2", layers.ReLU()},
		{"flatten", layers.Flatten()},
		{"hidden", &layers.Linear{Weight: before("hidden.weight")}},
		{"norm3", norm("norm3")},
		{"relu3", layers.ReLU()},
		{"drop3", layers.Dropout(0.5)},
		{"classify", &layers.Linear{Weight: before("classify.weight"), Bias: before("classify.bias")}},
	}
	var labels []int
	for _, label := range goldens["labels"].Data() {
		labels = append(labels, int(label))
	}

	tape := autodiff.NewTape()
	sgd := &optim.SGD{LearningRate: 0.02, Momentum: 0.9}
	rng := rand.New(new(counter))
	x := goldens["x"]
	for step, want := range goldens["losses"].Data() {
		batch := tensor.New(x.Shape()[1:]...)
		copy(batch.Data(), x.Data()[step*batch.Len():])
		vars := layers.Leaves(tape, net).Training(rng)
		loss := autodiff.CrossEntropy(net.Forward(tape.Constant(batch), vars), labels)
		loss.Backward()
		if got := loss.Scalar(); !(math.Abs(got-float64(want)) <= 2e-5*float64(want)) {
			t.Errorf("step %d: loss %v, want %v", step, got, want)
		}
		if step == 0 {
			for _, p := range net.Parameters() {
				if p.Buffer {
					checkClose(t, "first."+p.Name, p.Value, goldens["first."+p.Name], 1e-6)
				} else {
					checkClose(t, "gradient."+p.Name, vars.Of(p.Value, tape).Grad(), goldens["gradient."+p.Name], 1e-5)
				}
			}
		}
		sgd.Step(vars.ValuesAndGradients(net))
		tape.Reset()
	}

	checkTrained(t, net, goldens)
	s := x.Shape()
	scores := net.Forward(tape.Constant(x.Reshape(s[0]*s[1], s[2], s[3], s[4])), layers.Vars{})
	checkClose(t, "scores", scores.Value(), goldens["scores"], 1e-4)
}

// TestBuffers: what is saved but not trained is among the parameters, on the tape
// as a constant, and none of an optimiser's business.
func TestBuffers(t *testing.T) {
	net := layers.Sequential{{"linear", layers.NewLinear(newRand(), 3, 2)}, {"norm", layers.NewBatchNorm(2)}, {"drop", layers.Dropout(0.5)}}
	want := []string{"norm.gamma[2] [1 1]", "norm.beta[2] [0 0]", "norm.running_mean[2] [0 0]", "norm.running_variance[2] [1 1]"}
	parameters := net.Parameters()
	if len(parameters) != 6 {
		t.Fatalf("%d parameters, want 6", len(parameters))
	}
	for i, p := range parameters[2:] {
		if g := fmt.Sprint(p.Name, p.Value.Shape(), " ", p.Value.Data()); g != want[i] || p.Buffer != (i >= 2) {
			t.Errorf("parameter %q, buffer: %v; want %q, buffer: %v", g, p.Buffer, want[i], i >= 2)
		}
	}
	tape := autodiff.NewTape()
	vars := layers.Leaves(tape, net).Training(newRand())
	autodiff.Sum(net.Forward(tape.Constant(random(4, 3)), vars)).Backward()
	for _, p := range net.Parameters() {
		if vars.Of(p.Value, tape).NeedsGrad() == p.Buffer {
			t.Errorf("%s needs a gradient: %v", p.Name, p.Buffer)
		}
	}
	if values, gradients := vars.ValuesAndGradients(net); len(values) != 4 || len(gradients) != 4 {
		t.Errorf("%d values and %d gradients, want 4", len(values), len(gradients))
	}
}

func random(shape ...int) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(8, 0))
	t := tensor.New(shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(rng.NormFloat64())
	}
	return t
}

// TestRunningAverages: in training they move a tenth of the way to the mean and
// the variance of the batch, which divides by n-1; in eval mode they stay.
func TestRunningAverages(t *testing.T) {
	l := layers.NewBatchNorm(1)
	tape := autodiff.NewTape()
	x := tensor.FromSlice([]float32{1, 2, 3, 6}, 2, 2, 1, 1) // of mean 3 and variance 14/3
	want := []float64{0, 1}
	for range 3 {
		l.Forward(tape.Constant(x), layers.Leaves(tape, l).Training(newRand()))
		want[0] += 0.1 * (3 - want[0])
		want[1] += 0.1 * (14./3 - want[1])
		for range 2 {
			l.Forward(tape.Constant(x), layers.Leaves(tape, l))
			l.Forward(tape.Constant(x), layers.Vars{})
			got := []float64{float64(l.RunningMean.At(0)), float64(l.RunningVariance.At(0))}
			for i := range got {
				if !(math.Abs(got[i]-want[i]) <= 1e-6) {
					t.Fatalf("mean and variance %v, want %v", got, want)
				}
			}
		}
	}
}

// TestEvalMode: a result does not depend on the rest of the batch, and nothing is
// dropped, whether the parameters are constants or leaves.
func TestEvalMode(t *testing.T) {
	l := layers.NewBatchNorm(2)
	l.RunningMean, l.RunningVariance = tensor.FromSlice([]float32{1, -2}, 2), tensor.FromSlice([]float32{4, 0.25}, 2)
	l.Gamma, l.Beta = tensor.FromSlice([]float32{2, 3}, 2), tensor.FromSlice([]float32{10, 20}, 2)
	net := layers.Sequential{{"drop", layers.Dropout(0.9)}, {"norm", l}, {"drop again", layers.Dropout(0.9)}}
	tape := autodiff.NewTape()
	for _, x := range [][]float32{{5, -1}, {5, -1, 100, 100}} {
		for name, vars := range map[string]layers.Vars{"zero": {}, "leaves": layers.Leaves(tape, net), "constants": layers.Constants(tape, net)} {
			y := net.Forward(tape.Constant(tensor.FromSlice(x, len(x)/2, 2)), vars).Value().Data()
			if want := []float64{14, 26}; !(math.Abs(float64(y[0])-want[0]) <= 1e-4) || !(math.Abs(float64(y[1])-want[1]) <= 1e-3) {
				t.Errorf("%s: %v becomes %v, want %v first", name, x, y, want)
			}
		}
	}
}

// TestModeIsOfVars: training mode is a property of a value of Vars, which others
// on the same tape do not share, and With keeps it.
func TestModeIsOfVars(t *testing.T) {
	tape := autodiff.NewTape()
	drop := layers.Dropout(0.5)
	x := tape.Constant(tensor.Full(1, 1000))
	eval := layers.Leaves(tape, layers.Sequential{})
	training := eval.Training(newRand())
	for _, test := range []struct {
		name string
		vars layers.Vars
		want bool
	}{
		{"zero", layers.Vars{}, false}, {"zero, training", layers.Vars{}.Training(newRand()), true},
		{"eval", eval, false}, {"training", training, true},
		{"eval with training", eval.With(training), false}, {"training with eval", training.With(eval), true},
	} {
		if got := drop.Forward(x, test.vars) != x; got != test.want || (test.vars.Rand() != nil) != test.want {
			t.Errorf("%s: drops: %v, want %v", test.name, got, test.want)
		}
	}

	// With leaves both of its operands alone.
	a, b := layers.NewLinear(newRand(), 1, 1), layers.NewLinear(newRand(), 1, 1)
	of := layers.Constants(tape, a)
	both := of.With(layers.Leaves(tape, b))
	if both.Of(a.Weight, tape).NeedsGrad() || !both.Of(b.Weight, tape).NeedsGrad() {
		t.Error("With has lost which parameters are frozen")
	}
	wantPanic(t, "layers: a parameter of shape [1 1] is not on the tape: put it there with Leaves or Constants", func() { of.Of(b.Weight, tape) })
	wantPanic(t, "layers: With: the zero Vars holds no parameters: put them on the tape with Constants", func() { layers.Vars{}.With(of) })
	wantPanic(t, "layers: Training: wants random numbers, not nil", func() { of.Training(nil) })
	wantPanic(t, "tensor: DropoutMask: the probability 1 is not in [0,1)", func() { layers.Dropout(1).Forward(x, training) })
	wantPanic(t, "autodiff: BatchNorm: wants x (...,C), gamma (C) and beta (C), not [1 3], [2] and [2]", func() {
		l := layers.NewBatchNorm(2)
		l.Forward(tape.Constant(tensor.New(1, 3)), layers.Leaves(tape, l).Training(newRand()))
	})
}

// TestFrozenBatchNorm: a layer that is frozen goes by its averages, and leaves
// them alone, in the training of others.
func TestFrozenBatchNorm(t *testing.T) {
	frozen, trained := layers.NewBatchNorm(2), layers.NewBatchNorm(2)
	net := layers.Sequential{{"frozen", frozen}, {"trained", trained}}
	tape := autodiff.NewTape()
	vars := layers.Constants(tape, frozen).With(layers.Leaves(tape, trained)).Training(newRand())
	x := tensor.FromSlice([]float32{1, 2, 3, 5}, 2, 2)
	y := frozen.Forward(tape.Constant(x), vars)
	if d := tensor.SquaredDistance(y.Value(), x); d > 1e-8 {
		t.Errorf("a frozen layer has made %v of %v", y.Value().Data(), x.Data())
	}
	net.Forward(tape.Constant(x), vars)
	if !slices.Equal(frozen.RunningMean.Data(), []float32{0, 0}) || !slices.Equal(frozen.RunningVariance.Data(), []float32{1, 1}) {
		t.Errorf("the averages of a frozen layer moved to %v and %v", frozen.RunningMean.Data(), frozen.RunningVariance.Data())
	}
	if slices.Equal(trained.RunningMean.Data(), []float32{0, 0}) {
		t.Error("the averages of a trained layer did not move")
	}
}

// TestTrainingOnThreads: the number of threads does not change a bit of a network
// that has been trained.
func TestTrainingOnThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	x, labels := random(16, 30, 31, 3), make([]int, 16)
	for i := range labels {
		labels[i] = i % 5
	}
	train := func() []*tensor.Tensor {
		rng := newRand()
		net := layers.Sequential{
			{"conv", layers.NewConv2D(rng, 16, 3, 3, 3, tensor.Conv{Padding: tensor.PadAll(1, tensor.PadZero)})},
			{"norm", layers.NewBatchNorm(16)},
			{"relu", layers.ReLU()},
			{"drop", layers.Dropout(0.2)},
			{"conv2", layers.NewConv2D(rng, 16, 3, 3, 16, tensor.Conv{StrideH: 2, StrideW: 2})},
			{"flatten", layers.Flatten()},
			{"classify", layers.NewLinear(rng, 14*15*16, 5)},
		}
		tape, adam := autodiff.NewTape(), &optim.Adam{}
		for range 3 {
			vars := layers.Leaves(tape, net).Training(rng)
			autodiff.CrossEntropy(net.Forward(tape.Constant(x), vars), labels).Backward()
			adam.Step(vars.ValuesAndGradients(net))
			tape.Reset()
		}
		var all []*tensor.Tensor
		for _, p := range net.Parameters() {
			all = append(all, p.Value)
		}
		return all
	}
	var want []*tensor.Tensor
	for _, threads := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(threads)
		got := train()
		if want == nil {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i].Data(), want[i].Data()) {
				t.Errorf("%d threads: parameter %d differs from that of one thread", threads, i)
			}
		}
	}
}
