package layers_test

import (
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
)

// add returns a layer that adds v, and notes what it returns.
func add(v float32, outputs *[]*autodiff.Var) layers.Func {
	return func(x *autodiff.Var) *autodiff.Var {
		y := autodiff.AddScalar(x, v)
		*outputs = append(*outputs, y)
		return y
	}
}

// released reports which values have been released.
func released(values []*autodiff.Var) (r []bool) {
	for _, v := range values {
		func() {
			defer func() { r = append(r, recover() != nil) }()
			v.Value()
		}()
	}
	return r
}

// TestSequentialReleases: what comes out of a layer is released, but neither
// the input, nor the results, nor what a layer has only passed on.
func TestSequentialReleases(t *testing.T) {
	same := layers.Func(func(x *autodiff.Var) *autodiff.Var { return x })
	for _, test := range []struct {
		name string
		run  func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var
		want []bool // for the outputs of a, b, c and d
	}{
		{"Forward", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			return []*autodiff.Var{net.Forward(x, layers.Vars{})}
		}, []bool{true, true, true, false}},
		{"blocks", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			net = layers.Sequential{{"none", layers.Sequential{}}, {"first", net[:3]}, {"second", net[3:]}}
			return []*autodiff.Var{net.Forward(x, layers.Vars{})}
		}, []bool{true, true, true, false}},
		{"Features", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			return net.Features(x, layers.Vars{}, "d", "b", "same1", "b")
		}, []bool{true, false, true, false}},
		{"passed on", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			return net.Features(x, layers.Vars{}, "d", "same2") // which is b
		}, []bool{true, false, true, false}},
		{"asked for, then passed on", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			return net.Features(x, layers.Vars{}, "b", "d")
		}, []bool{true, false, true, false}},
		{"Visit", func(net layers.Sequential, x *autodiff.Var) (seen []*autodiff.Var) {
			net.Visit(x, layers.Vars{}, []string{"c", "a"}, func(name string, y *autodiff.Var) {
				if want := map[string]float64{"a": 1, "c": 111}[name]; y.Scalar() != want {
					t.Errorf("%s is %v, want %v", name, y.Scalar(), want)
				}
				seen = append(seen, autodiff.Scale(y, 1))
			})
			return seen
		}, []bool{true, true, true}},
		{"Visit nothing", func(net layers.Sequential, x *autodiff.Var) []*autodiff.Var {
			net.Visit(x, layers.Vars{}, nil, func(string, *autodiff.Var) { t.Error("called") })
			net.Visit(x, layers.Vars{}, []string{"same1"}, func(_ string, y *autodiff.Var) {
				if y != x {
					t.Error("the first layer did not pass on x")
				}
			})
			return nil
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var outputs []*autodiff.Var
			net := layers.Sequential{
				{"same1", same}, {"a", add(1, &outputs)}, {"b", add(10, &outputs)}, {"same2", same},
				{"c", add(100, &outputs)}, {"d", add(1000, &outputs)},
			}
			tape := autodiff.NewTape()
			x := tape.Leaf(tensor.Scalar(0))
			results := test.run(net, x)
			if slices.Contains(released(append(results, x)), true) {
				t.Errorf("a result or the input was released: %v", released(append(results, x)))
			}
			if got := released(outputs); !slices.Equal(got, test.want) {
				t.Errorf("released %v, want %v", got, test.want)
			}
			var terms []autodiff.Term
			for _, r := range results {
				terms = append(terms, autodiff.Term{Of: r, Weight: 1})
			}
			tape.Backward(terms...)
			if got := x.Grad().At(); got != float32(len(results)) {
				t.Errorf("gradient %v, want one for each of %d results", got, len(results))
			}
		})
	}
}
