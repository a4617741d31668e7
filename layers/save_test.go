package layers_test

import (
	"bytes"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// tied is a network of two layers and a third that shares the second's
// parameters.
func tied(seed uint64) layers.Sequential {
	rng := rand.New(rand.NewPCG(seed, 0))
	shared := layers.NewLinear(rng, 3, 3)
	return layers.Sequential{{"in", layers.NewLinear(rng, 2, 3)}, {"a", shared}, {"b", shared}}
}

// trainTied makes steps of a training on data that depends on the step only.
func trainTied(net layers.Layer, adam *optim.Adam, from, to int) {
	tape := autodiff.NewTape()
	for step := from; step < to; step++ {
		rng := rand.New(rand.NewPCG(uint64(step), 1))
		x := tensor.New(4, 2)
		for i := range x.Data() {
			x.Data()[i] = float32(rng.NormFloat64())
		}
		vars := layers.Leaves(tape, net)
		autodiff.CrossEntropy(net.Forward(tape.Constant(x), vars), []int{0, 1, 2, step % 3}).Backward()
		adam.Step(vars.ValuesAndGradients(net))
		tape.Reset()
	}
}

func write(t testing.TB, l layers.Layer, o optim.State) (path string) {
	t.Helper()
	var b bytes.Buffer
	if err := layers.Write(&b, l, o); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "net.npz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// bits returns copies of all parameters, to compare with reflect.DeepEqual:
// none is NaN or -0.
func bits(l layers.Layer) (values [][]float32) {
	for _, p := range l.Parameters() {
		values = append(values, slices.Clone(p.Value.Data()))
	}
	return values
}

// TestSaveAndGoOn: ten steps in a row end at the same bits as five, a file, and
// five more of another network.
func TestSaveAndGoOn(t *testing.T) {
	want, straight := tied(1), &optim.Adam{}
	trainTied(want, straight, 0, 10)

	net, first := tied(1), &optim.Adam{}
	trainTied(net, first, 0, 5)
	path := write(t, net, first.State())
	got, second := tied(2), &optim.Adam{}
	state, err := layers.Read(path, got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(state, first.State()) {
		t.Errorf("the state is\n%v, wants\n%v", state, first.State())
	}
	if err := second.SetState(state); err != nil {
		t.Fatal(err)
	}
	trainTied(got, second, 5, 10)
	if !reflect.DeepEqual(bits(got), bits(want)) {
		t.Errorf("the parameters are\n%v, wants\n%v", bits(got), bits(want))
	}
}

// TestWriteArrays looks into the file.
func TestWriteArrays(t *testing.T) {
	net := tied(1)
	arrays, err := npy.ReadZip(write(t, net, optim.State{}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a.bias", "a.weight", "in.bias", "in.weight"}
	if names := slices.Sorted(maps.Keys(arrays)); !slices.Equal(names, want) {
		t.Errorf("arrays %q, wants %q", names, want)
	}

	adam := &optim.Adam{}
	trainTied(net, adam, 0, 1)
	state := adam.State()
	state.Steps = 3<<24 + 5
	if arrays, err = npy.ReadZip(write(t, net, state)); err != nil {
		t.Fatal(err)
	}
	want = append(want, "optimizer.0.a.bias", "optimizer.0.a.weight", "optimizer.0.in.bias", "optimizer.0.in.weight",
		"optimizer.1.a.bias", "optimizer.1.a.weight", "optimizer.1.in.bias", "optimizer.1.in.weight", "optimizer.steps")
	if names := slices.Sorted(maps.Keys(arrays)); !slices.Equal(names, want) {
		t.Errorf("arrays %q, wants %q", names, want)
	}
	if steps := arrays["optimizer.steps"].Data(); !slices.Equal(steps, []float32{3, 5}) {
		t.Errorf("steps are written as %v, wants [3 5]", steps)
	}
	for i, p := range net.Parameters()[:4] {
		moment := tensor.FromSlice(state.Moments[1][i], p.Value.Shape()...)
		if a := arrays["optimizer.1."+p.Name]; !reflect.DeepEqual(a, moment) {
			t.Errorf("moment 1 of %s is %v, wants %v", p.Name, a, moment)
		}
	}
}

func TestSteps(t *testing.T) {
	net := tied(1)
	for _, steps := range []int64{0, 1, 1<<24 - 1, 1 << 24, 1<<24 + 1, 1<<31 - 1, 1 << 31, 1<<48 - 1} {
		if steps > math.MaxInt {
			continue
		}
		state, err := layers.Read(write(t, net, optim.State{Steps: int(steps)}), net)
		if err != nil || int64(state.Steps) != steps {
			t.Errorf("wrote %d steps, read %d, error %v", steps, state.Steps, err)
		}
	}
}

func TestReadErrors(t *testing.T) {
	source, adam := tied(1), &optim.Adam{}
	trainTied(source, adam, 0, 2)
	good := write(t, source, adam.State())
	nan := float32(math.NaN())
	type arrays = map[string]*tensor.Tensor
	for _, test := range []struct {
		change func(a arrays)
		want   string
	}{
		{func(a arrays) { delete(a, "a.weight") }, "array a.weight is missing, of shape [3 3]"},
		{func(a arrays) { a["a.weight"] = tensor.New(9) }, `"a.weight.npy": shape [9], wants [3 3]`},
		{func(a arrays) { a["b.weight"] = tensor.New(3, 3) }, `"b.weight.npy": it does not belong to the network, whose parameters are in.weight, in.bias, a.weight, a.bias`},
		{func(a arrays) { a["a.bias"].Data()[1] = nan }, "array a.bias of shape [3] holds NaN at element 1"},
		{func(a arrays) { a["a.bias"].Data()[2] = float32(math.Inf(-1)) }, "array a.bias of shape [3] holds -Inf at element 2"},
		{func(a arrays) { delete(a, "optimizer.steps") }, "array optimizer.steps is missing, of shape [2]"},
		{func(a arrays) { a["optimizer.steps"] = tensor.New(1) }, `"optimizer.steps.npy": shape [1], wants [2]`},
		{func(a arrays) { a["optimizer.steps"].Data()[1] = 0.5 }, "array optimizer.steps is [0 0.5], wants two integers"},
		{func(a arrays) { a["optimizer.steps"].Data()[1] = -1 }, "array optimizer.steps is [0 -1], wants two integers"},
		{func(a arrays) { a["optimizer.steps"].Data()[0] = 1 << 24 }, "array optimizer.steps is [1.6777216e+07 2], wants two integers"},
		{func(a arrays) { delete(a, "optimizer.1.in.weight") }, "array optimizer.1.in.weight is missing"},
		{func(a arrays) { delete(a, "optimizer.0.a.bias") }, "array optimizer.0.a.bias is missing"},
		{func(a arrays) { a["optimizer.0.a.bias"] = tensor.New(4) }, `"optimizer.0.a.bias.npy": shape [4], wants [3]`},
		{func(a arrays) { a["optimizer.1.a.bias"].Data()[0] = nan }, "array optimizer.1.a.bias of shape [3] holds NaN"},
		{func(a arrays) { a["optimizer.0.b.bias"] = tensor.New(3) }, `"optimizer.0.b.bias.npy": it does not belong to the network`},
		{func(a arrays) { a["optimizer.3.a.bias"] = tensor.New(3) }, "array optimizer.3.a.bias is in the file, but moment 2 is not"},
		{func(a arrays) { a["optimizer.rate"] = tensor.New(1) }, `"optimizer.rate.npy": it does not belong to the network`},
	} {
		a, err := npy.ReadZip(good)
		if err != nil {
			t.Fatal(err)
		}
		test.change(a)
		var b bytes.Buffer
		if err := npy.WriteZip(&b, a); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "bad.npz")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		net := tied(2)
		before := bits(net)
		state, err := layers.Read(path, net)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+test.want) {
			t.Errorf("error %v, wants %s: %s", err, path, test.want)
		}
		if !reflect.DeepEqual(state, optim.State{}) {
			t.Errorf("%s: returns a state all the same: %v", test.want, state)
		}
		if !reflect.DeepEqual(bits(net), before) {
			t.Errorf("%s: the network is changed all the same", test.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.npz")
	if _, err := layers.Read(missing, tied(2)); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v for a file that is not there, wants its name", err)
	}
}

// TestWriteNotFinite: that is an error before a byte is written.
func TestWriteNotFinite(t *testing.T) {
	net, adam := tied(1), &optim.Adam{}
	trainTied(net, adam, 0, 1)
	state := adam.State()
	for _, test := range []struct {
		element *float32
		bad     float64
		want    string
	}{
		{&net.Parameters()[2].Value.Data()[4], math.Inf(1), "array a.weight of shape [3 3] holds +Inf at element 4"},
		{&state.Moments[0][1][2], math.NaN(), "array optimizer.0.in.bias of shape [3] holds NaN at element 2"},
	} {
		kept := *test.element
		*test.element = float32(test.bad)
		var b bytes.Buffer
		if err := layers.Write(&b, net, state); err == nil || !strings.Contains(err.Error(), test.want) || b.Len() > 0 {
			t.Errorf("error %v after %d bytes, wants %q and none", err, b.Len(), test.want)
		}
		*test.element = kept
	}
}

func TestSavePanics(t *testing.T) {
	net := tied(1)
	linear := layers.NewLinear(rand.New(rand.NewPCG(1, 1)), 1, 1)
	other := layers.NewLinear(rand.New(rand.NewPCG(1, 1)), 1, 1)
	one := [][]float32{{1}}
	for _, test := range []struct {
		want string
		l    layers.Layer
		o    optim.State
	}{
		{"moment 0 is of 1 parameters, the layer has 4", net, optim.State{Steps: 1, Moments: [][][]float32{one}}},
		{"moment 0 of x.bias has 2 elements, the parameter has shape [1]", layers.Sequential{{"x", linear}},
			optim.State{Steps: 1, Moments: [][][]float32{{{1}, {1, 2}}}}},
		{"state after -1 steps", net, optim.State{Steps: -1}},
		{`two parameters are called "x.weight"`, layers.Sequential{{"x", linear}, {"x", other}}, optim.State{}},
		{`a parameter is called "optimizer.weight"`, layers.Sequential{{"optimizer", linear}}, optim.State{}},
	} {
		func() {
			defer func() {
				if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "layers: Write: "+test.want) {
					t.Errorf("panics with %q, wants %q", message, test.want)
				}
			}()
			layers.Write(&bytes.Buffer{}, test.l, test.o)
		}()
	}
}

// TestBuffersAreSaved: running statistics are in the file with the parameters,
// and have no moments.
func TestBuffersAreSaved(t *testing.T) {
	build := func(seed uint64) layers.Sequential {
		return layers.Sequential{{"norm", layers.NewBatchNorm(2)}, {"out", layers.NewLinear(rand.New(rand.NewPCG(seed, 0)), 2, 3)}}
	}
	net, adam, tape := build(1), &optim.Adam{}, autodiff.NewTape()
	vars := layers.Leaves(tape, net).Training(rand.New(rand.NewPCG(1, 0)))
	x := tape.Constant(tensor.FromSlice([]float32{1, 2, 3, 4, 8, 6}, 3, 2))
	autodiff.CrossEntropy(net.Forward(x, vars), []int{0, 1, 2}).Backward()
	adam.Step(vars.ValuesAndGradients(net))
	got := build(2)
	state, err := layers.Read(write(t, net, adam.State()), got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(bits(got), bits(net)) || reflect.DeepEqual(bits(got), bits(build(1))) {
		t.Errorf("read %v, want %v", bits(got), bits(net))
	}
	if n := len(state.Moments[0]); n != 4 || !reflect.DeepEqual(state, adam.State()) {
		t.Errorf("moments of %d parameters, want 4: scale, shift, weight and bias", n)
	}
}
