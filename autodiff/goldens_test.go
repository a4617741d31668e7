package autodiff_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/autodiff/gradcheck"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// opCase is an operation applied to the inputs of a golden of the same name.
type opCase struct {
	f func(in []*autodiff.Var) *autodiff.Var
	// step is the first step of the gradient check: 0 for the default, smaller
	// where the function has kinks or is strongly curved, negative to leave
	// the check out, at inputs that stand on a kink.
	step float64
}

func unary(f func(x *autodiff.Var) *autodiff.Var) opCase {
	return opCase{f: func(in []*autodiff.Var) *autodiff.Var { return f(in[0]) }}
}

func binary(f func(a, b *autodiff.Var) *autodiff.Var) opCase {
	return opCase{f: func(in []*autodiff.Var) *autodiff.Var { return f(in[0], in[1]) }}
}

func (c opCase) withStep(step float64) opCase { c.step = step; return c }

const noGradCheck = -1

// opCases returns every operation in the settings of make_goldens.py.
func opCases() map[string]opCase {
	cases := map[string]opCase{
		"add_self":   unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Add(x, x) }),
		"sub_self":   unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Sub(x, x) }),
		"mul_self":   unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Mul(x, x) }),
		"div_shared": unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Div(x, autodiff.AddScalar(autodiff.Mul(x, x), 1)) }),
		"scale":      unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Scale(x, -2.5) }),
		"neg":        unary(autodiff.Neg),
		"add_scalar": unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.AddScalar(x, 0.75) }),

		"exp":           unary(autodiff.Exp),
		"log":           unary(autodiff.Log),
		"sqrt":          unary(autodiff.Sqrt),
		"tanh":          unary(autodiff.Tanh),
		"tanh_large":    unary(autodiff.Tanh).withStep(noGradCheck),
		"sigmoid":       unary(autodiff.Sigmoid),
		"sigmoid_large": unary(autodiff.Sigmoid).withStep(noGradCheck),
		"pow_3":         unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, 3) }),
		"pow_half":      unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, 0.5) }),
		"pow_negative":  unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, -1.5) }),
		"pow_0":         unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, 0) }),
		"pow_1":         unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, 1) }),
		"pow_2_at_0":    unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pow(x, 2) }),
		"relu":          unary(autodiff.ReLU),
		"relu_at_0":     unary(autodiff.ReLU).withStep(noGradCheck),

		"matmul":         binary(autodiff.MatMul),
		"matmul_1x1":     binary(autodiff.MatMul),
		"matmul_wide":    binary(autodiff.MatMul),
		"matmul_self":    unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.MatMul(x, x) }),
		"reshape":        unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Reshape(x, 4, -1) }),
		"reshape_scalar": unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Reshape(x) }),
		"concat/0":       {f: func(in []*autodiff.Var) *autodiff.Var { return autodiff.Concat(0, in...) }},
		"concat/1":       {f: func(in []*autodiff.Var) *autodiff.Var { return autodiff.Concat(1, in...) }},
		"concat/2":       {f: func(in []*autodiff.Var) *autodiff.Var { return autodiff.Concat(-1, in...) }},
		"concat_self":    binary(func(a, b *autodiff.Var) *autodiff.Var { return autodiff.Concat(1, a, b, a) }),

		"sum":                unary(autodiff.Sum),
		"sum_scalar":         unary(autodiff.Sum),
		"mean":               unary(autodiff.Mean),
		"squared_distance":   binary(autodiff.SquaredDistance),
		"mean_squared_error": binary(autodiff.MeanSquaredError),
		"gram":               unary(autodiff.Gram),
		"normalize": unary(func(x *autodiff.Var) *autodiff.Var {
			return autodiff.Normalize(x, []float32{0.5, -1, 2}, []float32{0.25, 4, 1})
		}),

		"softmax":             unary(autodiff.Softmax),
		"softmax_large":       unary(autodiff.Softmax).withStep(noGradCheck),
		"log_softmax":         unary(autodiff.LogSoftmax),
		"log_softmax_large":   unary(autodiff.LogSoftmax).withStep(noGradCheck),
		"cross_entropy":       unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.CrossEntropy(x, []int{2, 0, 5, 5}) }),
		"cross_entropy_large": unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.CrossEntropy(x, []int{2, 0, 5, 5}) }).withStep(noGradCheck),
	}
	for i := range 9 {
		cases[fmt.Sprint("add/", i)] = binary(autodiff.Add)
		cases[fmt.Sprint("sub/", i)] = binary(autodiff.Sub)
		cases[fmt.Sprint("mul/", i)] = binary(autodiff.Mul)
		cases[fmt.Sprint("div/", i)] = binary(autodiff.Div).withStep(1. / 32)
	}
	for i, axes := range [][]int{{1, 0}, {2, 0, 1}, {0, 3, 1, 2}, {0, 1}} {
		cases[fmt.Sprint("transpose/", i)] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Transpose(x, axes...) })
	}
	for i, axes := range [][]int{{0}, {1, 2}, {-1}, {2, -3}} {
		cases[fmt.Sprint("sum_axes/", i)] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.SumAxes(x, axes...) })
	}
	for i, axes := range [][]int{{1, 2}, {0, 1, 2}} {
		cases[fmt.Sprint("mean_axes/", i)] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.MeanAxes(x, axes...) })
	}
	for i := range 4 {
		cases[fmt.Sprint("total_variation/", i)] = unary(autodiff.TotalVariation)
	}
	cases["bound_penalty"] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.BoundPenalty(x, -0.5, 0.75) })
	for name, p := range map[string]tensor.Pool{
		"2x2": {KH: 2, KW: 2}, "3x3/2": {KH: 3, KW: 3, StrideH: 2, StrideW: 2},
		"3x2/1x2": {KH: 3, KW: 2, StrideH: 1}, "1x1/2": {KH: 1, KW: 1, StrideH: 2, StrideW: 2},
	} {
		maxPool := unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.MaxPool2D(x, p) })
		cases["max_pool/"+name] = maxPool.withStep(1. / 16)
		cases["avg_pool/"+name] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.AvgPool2D(x, p) })
		if p.KH == p.KW && p.KH > 1 {
			cases["max_pool_ties/"+name] = maxPool.withStep(noGradCheck)
		}
	}
	for name, p := range paddings() {
		cases["pad/"+name] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Pad(x, p) })
	}
	batchNorm := opCase{f: func(in []*autodiff.Var) *autodiff.Var {
		y, _ := autodiff.BatchNorm(in[0], in[1], in[2], 1e-5)
		return y
	}}
	for _, name := range []string{"pictures", "rows"} {
		cases["batch_norm/"+name] = batchNorm
	}
	for _, name := range []string{"scales", "two_values", "constant"} {
		cases["batch_norm/"+name] = batchNorm.withStep(noGradCheck) // no step suits all channels
	}
	for name, d := range map[string]struct {
		p    float64
		seed uint64
	}{"half": {0.5, 12345}, "tenth": {0.1, 1<<63 + 99}, "none": {0, 1}} {
		cases["dropout/"+name] = unary(func(x *autodiff.Var) *autodiff.Var {
			return autodiff.Dropout(x, d.p, rand.New(always(d.seed)))
		})
	}
	maps.Copy(cases, convCases())
	maps.Copy(cases, regionCases())
	return cases
}

// always is a source of one number.
type always uint64

func (a always) Uint64() uint64 { return uint64(a) }

// paddings returns the paddings of make_goldens.py by side and mode.
func paddings() map[string]tensor.Padding {
	p := map[string]tensor.Padding{}
	for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
		p["none/"+mode.String()] = tensor.Padding{Mode: mode}
		p["all/"+mode.String()] = tensor.PadAll(1, mode)
		p["uneven/"+mode.String()] = tensor.Padding{Top: 2, Bottom: 1, Left: 0, Right: 3, Mode: mode}
	}
	return p
}

func convCases() map[string]opCase {
	pad := paddings()
	all := pad["all/zero"]
	settings := map[string]tensor.Conv{
		"1x1": {}, "3x3": {}, "5x5": {}, "3x2": {}, "whole": {},
		"no_bias": {Padding: all}, "wide": {Padding: all},
		"stride_leaves_rest":        {StrideH: 2, StrideW: 2},
		"stride_larger_than_filter": {StrideH: 3, StrideW: 2},
		"dilation":                  {DilationH: 2, DilationW: 3, Padding: pad["uneven/zero"]},
		"dilation_stride_reflect":   {StrideH: 2, DilationH: 2, Padding: pad["uneven/reflect"]},
		"groups":                    {Groups: 2, Padding: all},
		"groups_replicate":          {Groups: 3, Padding: pad["all/replicate"]},
		"winograd":                  {Padding: pad["all/reflect"]},
		"depthwise":                 {Groups: 5, Padding: all},
		"depthwise_twofold":         {StrideH: 2, StrideW: 2, Groups: 3, Padding: all},
	}
	for name, p := range pad {
		if !strings.HasPrefix(name, "none/") {
			settings[name] = tensor.Conv{Padding: p}
			settings[name+"/stride"] = tensor.Conv{StrideH: 2, StrideW: 3, Padding: p}
		}
	}
	withBias := func(in []*autodiff.Var) (x, w, bias *autodiff.Var) {
		if len(in) == 3 {
			bias = in[2]
		}
		return in[0], in[1], bias
	}
	cases := map[string]opCase{}
	for name, c := range settings {
		cases["conv/"+name] = opCase{f: func(in []*autodiff.Var) *autodiff.Var {
			x, w, bias := withBias(in)
			return autodiff.Conv2D(x, w, bias, c)
		}}
	}
	for name, step := range map[string]float64{"mixed": noGradCheck, "no_bias": noGradCheck, "winograd": noGradCheck, "apart": 0} {
		cases["conv_relu/"+name] = opCase{step: step, f: func(in []*autodiff.Var) *autodiff.Var {
			x, w, bias := withBias(in)
			return autodiff.Conv2DReLU(x, w, bias, tensor.Conv{Padding: all})
		}}
	}
	for _, name := range []string{"mixed", "winograd"} {
		cases["conv_relu_max_pool/"+name] = opCase{step: noGradCheck, f: func(in []*autodiff.Var) *autodiff.Var {
			return autodiff.Conv2DReLUMaxPool(in[0], in[1], in[2], tensor.Conv{Padding: all})
		}}
	}
	return cases
}

// regionCases returns the statistics of regions.
func regionCases() map[string]opCase {
	mask := tensor.New(1, 4, 5, 1)
	for p := range mask.Data() {
		mask.Data()[p] = float32(7*p%5) / 4
	}
	root := tensor.New(5, 5)
	for i := range 5 {
		for j := range 5 {
			root.Set(1/(1+float32(max(i-j, j-i))), i, j)
		}
	}
	cases := map[string]opCase{
		"guided_gram": unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.GuidedGram(x, mask) }),
		"bures_distance": unary(func(x *autodiff.Var) *autodiff.Var {
			return autodiff.BuresDistance(autodiff.Covariance(x, nil), root)
		}),
		"normalize_gradient": unary(func(x *autodiff.Var) *autodiff.Var {
			return autodiff.NormalizeGradient(x, 3)
		}).withStep(noGradCheck), // it is not the gradient of the value
	}
	directions := tensor.New(3, 4)
	for i := range directions.Data() {
		directions.Data()[i] = float32(5*i%7-3) / 4
	}
	cases["project"] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Project(x, directions) })
	quantiles := tensor.New(3, 8)
	for k := range 3 {
		for j := range 8 {
			quantiles.Set(float32((k+1)*j)/4, k, j)
		}
	}
	cases["self_similarity"] = unary(autodiff.SelfSimilarity)
	cases["root_of_scalar"] = unary(func(x *autodiff.Var) *autodiff.Var {
		ones := x.Tape().Constant(tensor.Full(1, x.Shape()...))
		return autodiff.Sqrt(autodiff.AddScalar(autodiff.SquaredDistance(x, ones), 0.25))
	})
	for name, mask := range map[string]*tensor.Tensor{"everywhere": nil, "region": mask} {
		cases["quantile_distance/"+name] = unary(func(x *autodiff.Var) *autodiff.Var {
			return autodiff.QuantileDistance(x, quantiles, mask)
		}).withStep(1. / 64) // values must stay in their order
		cases["moments/mean/"+name] = unary(func(x *autodiff.Var) *autodiff.Var {
			mean, _ := autodiff.Moments(x, mask)
			return mean
		})
		cases["moments/variance/"+name] = unary(func(x *autodiff.Var) *autodiff.Var {
			_, variance := autodiff.Moments(x, mask)
			return variance
		})
		cases["covariance/"+name] = unary(func(x *autodiff.Var) *autodiff.Var { return autodiff.Covariance(x, mask) })
	}
	return cases
}

// golden is what PyTorch computes for a case.
type golden struct {
	in, grads []*tensor.Tensor
	out       *tensor.Tensor
}

func readGoldens(t *testing.T) map[string]golden {
	t.Helper()
	arrays, err := npy.ReadZip("testdata/goldens.npz")
	if err != nil {
		t.Fatal(err)
	}
	goldens := map[string]golden{}
	for name, out := range arrays {
		if name, ok := strings.CutSuffix(name, "/out"); ok {
			g := golden{out: out}
			for i := 0; arrays[fmt.Sprintf("%s/in%d", name, i)] != nil; i++ {
				g.in = append(g.in, arrays[fmt.Sprintf("%s/in%d", name, i)])
				g.grads = append(g.grads, arrays[fmt.Sprintf("%s/grad%d", name, i)])
			}
			goldens[name] = g
		}
	}
	return goldens
}

// outputGradient returns the gradient of the output that the goldens assume.
func outputGradient(shape []int) *tensor.Tensor {
	dy := tensor.New(shape...)
	for k := range dy.Data() {
		dy.Data()[k] = float32(float64(7*k%11)-5.5) / 4
	}
	return dy
}

// TestGoldens compares the value and the gradients of every operation with
// PyTorch's, to a few roundings of the largest element.
func TestGoldens(t *testing.T) {
	goldens := readGoldens(t)
	cases := opCases()
	if got, want := slices.Sorted(maps.Keys(cases)), slices.Sorted(maps.Keys(goldens)); !slices.Equal(got, want) {
		t.Fatalf("cases %v\ndo not match the goldens %v", got, want)
	}
	for name, g := range goldens {
		t.Run(name, func(t *testing.T) {
			tape := autodiff.NewTape()
			var in []*autodiff.Var
			for _, x := range g.in {
				in = append(in, tape.Leaf(x))
			}
			out := cases[name].f(in)
			compare(t, "value", out.Value(), g.out)
			autodiff.Sum(autodiff.Mul(out, tape.Constant(outputGradient(out.Shape())))).Backward()
			for i, v := range in {
				compare(t, fmt.Sprint("gradient ", i), v.Grad(), g.grads[i])
			}
		})
	}
}

func compare(t *testing.T, what string, got, want *tensor.Tensor) {
	t.Helper()
	if !tensor.SameShape(got, want) {
		t.Fatalf("%s has shape %v; want %v", what, got.Shape(), want.Shape())
	}
	largest, worst := 0.0, 0.0
	for i, w := range want.Data() {
		largest = max(largest, math.Abs(float64(w)))
		worst = max(worst, math.Abs(float64(got.Data()[i])-float64(w))) // max keeps a NaN
	}
	if !(worst <= 1e-6*largest) {
		t.Errorf("%s is off by %.3g where the largest element is %.3g\ngot  %v\nwant %v", what, worst, largest, got, want)
	}
}

// TestGradCheck compares the gradients of every operation with finite
// differences.
func TestGradCheck(t *testing.T) {
	cases := opCases()
	for name, g := range readGoldens(t) {
		c := cases[name]
		if c.step == noGradCheck {
			continue // not smooth around this input: there is PyTorch's gradient only
		}
		t.Run(name, func(t *testing.T) {
			f := func(_ *autodiff.Tape, in []*autodiff.Var) *autodiff.Var { return c.f(in) }
			if err := gradcheck.Check(f, g.in, gradcheck.Options{Step: c.step}); err != nil {
				t.Error(err)
			}
		})
	}
}
