package layers_test

import (
	"math"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// TestTrainingAgreesWithPyTorch trains a network of every kind of layer and
// compares the first gradients, the loss of every step and the parameters at
// the end with what testdata/make_goldens.py has found.
func TestTrainingAgreesWithPyTorch(t *testing.T) {
	goldens, err := npy.ReadZip("testdata/training.npz")
	if err != nil {
		t.Fatal(err)
	}
	before := func(name string) *tensor.Tensor { return goldens["before."+name] }
	net := layers.Sequential{
		{"conv1", &layers.Conv2D{
			Weight: before("conv1.weight"), Bias: before("conv1.bias"),
			Conv: tensor.Conv{Padding: tensor.PadAll(1, tensor.PadReflect)}, ReLU: true,
		}},
		{"pool1", layers.MaxPool2D(tensor.Pool{KH: 2, KW: 2})},
		{"conv2", &layers.Conv2D{Weight: before("conv2.weight"), Bias: before("conv2.bias"), Conv: tensor.Conv{Groups: 2}}},
		{"relu2", layers.ReLU()},
		{"pool2", layers.AvgPool2D(tensor.Pool{KH: 2, KW: 1, StrideH: 2, StrideW: 2})},
		{"flatten", layers.Flatten()},
		{"classify", &layers.Linear{Weight: before("classify.weight"), Bias: before("classify.bias")}},
	}
	var labels []int
	for _, label := range goldens["labels"].Data() {
		labels = append(labels, int(label))
	}

	tape := autodiff.NewTape()
	adam := &optim.Adam{LearningRate: 0.01}
	for step, want := range goldens["losses"].Data() {
		vars := layers.Leaves(tape, net)
		loss := autodiff.CrossEntropy(net.Forward(tape.Constant(goldens["x"]), vars), labels)
		loss.Backward()
		if got := loss.Scalar(); !(math.Abs(got-float64(want)) <= 1e-5*float64(want)) {
			t.Errorf("step %d: loss %v, want %v", step, got, want)
		}
		if step == 0 {
			for _, p := range net.Parameters() {
				checkClose(t, "gradient."+p.Name, vars.Of(p.Value, tape).Grad(), goldens["gradient."+p.Name], 1e-5)
			}
		}
		adam.Step(vars.ValuesAndGradients(net))
		tape.Reset()
	}
	checkTrained(t, net, goldens)
}

// checkTrained checks the parameters after training, all that there are.
func checkTrained(t *testing.T, net layers.Layer, goldens map[string]*tensor.Tensor) {
	t.Helper()
	names := map[string]bool{}
	for _, p := range net.Parameters() {
		checkClose(t, "after."+p.Name, p.Value, goldens["after."+p.Name], 1e-4)
		names["after."+p.Name] = true
	}
	for name := range goldens {
		if strings.HasPrefix(name, "after.") && !names[name] {
			t.Errorf("the network has no parameter for %s", name)
		}
	}
}

// checkClose checks that the norm of got - want is within tolerance, relative
// to that of want.
func checkClose(t *testing.T, name string, got, want *tensor.Tensor, tolerance float64) {
	t.Helper()
	if want == nil || !tensor.SameShape(got, want) {
		t.Fatalf("%s: got %v, want %v", name, got, want)
	}
	distance, norm := math.Sqrt(tensor.SquaredDistance(got, want)), math.Sqrt(tensor.SquaredNorm(want))
	if !(distance <= tolerance*norm) {
		t.Errorf("%s is off by %v of its norm, want at most %v", name, distance/norm, tolerance)
	}
}
