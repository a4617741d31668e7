package tensor_test

import (
	"math"
	"slices"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestPanicsNameTheShapes checks that misuse is answered with the operation,
// the shapes and the rule.
func TestPanicsNameTheShapes(t *testing.T) {
	n := tensor.New
	x, w := n(1, 5, 6, 4), n(8, 3, 3, 4)
	conv := func(c tensor.Conv, x, w *tensor.Tensor) func() { return func() { c.OutputShape(x, w) } }
	pool := func(p tensor.Pool) func() { return func() { p.OutputShape(x) } }
	two := tensor.Moments{Mean: make([]float64, 2), Variance: make([]float64, 2)}
	const convDefaults = "{StrideH:1 StrideW:1 DilationH:1 DilationW:1 Groups:1 Padding:{Top:0 Bottom:0 Left:0 Right:0 Mode:zero}}"
	for _, test := range []struct {
		message string
		f       func()
	}{
		{"tensor: shape [2 -1] has a negative dimension", func() { n(2, -1) }},
		{"tensor: FromSlice: 3 values do not fill shape [2 2], which wants 4", func() { tensor.FromSlice(make([]float32, 3), 2, 2) }},
		{"tensor: 1 indices for shape [2 3]", func() { n(2, 3).At(1) }},
		{"tensor: index [1 3] outside shape [2 3]", func() { n(2, 3).At(1, 3) }},
		{"tensor: index [-1 0] outside shape [2 3]", func() { n(2, 3).Set(1, -1, 0) }},
		{"tensor: Reshape: [4 2] does not hold the 6 elements of [2 3]", func() { n(2, 3).Reshape(4, 2) }},
		{"tensor: Reshape: [4 -1] does not hold the 6 elements of [2 3]", func() { n(2, 3).Reshape(4, -1) }},
		{"tensor: Reshape: [-1 -1] does not hold the 6 elements of [2 3]", func() { n(2, 3).Reshape(-1, -1) }},
		{"tensor: Reshape: [-1 0] does not hold the 0 elements of [0 3]", func() { n(0, 3).Reshape(-1, 0) }},
		{"tensor: Reshape: [-2 -3] does not hold the 6 elements of [2 3]", func() { n(2, 3).Reshape(-2, -3) }},
		{"tensor: CopyFrom: shapes [2] and [3] differ", func() { n(2).CopyFrom(n(3)) }},

		{"tensor: MatMul: wants matrices, not [2 3] x [3] -> [2 1]", func() { tensor.MatMul(n(2, 1), n(2, 3), n(3), false, false, false) }},
		{"tensor: MatMul: [2 3] x [4 5] does not give [2 5]", func() { tensor.MatMul(n(2, 5), n(2, 3), n(4, 5), false, false, false) }},
		{"tensor: MatMul: [2 3]^T x [3 5]^T does not give [2 3]", func() { tensor.MatMul(n(2, 3), n(2, 3), n(3, 5), true, true, false) }},
		{"tensor: MatMul: [2 3] x [3 5] does not give [2 4]", func() { tensor.MatMul(n(2, 4), n(2, 3), n(3, 5), false, false, false) }},

		{"tensor: Conv2D: wants x (N,H,W,Cin) and w (Cout,KH,KW,Cin/groups) (x [5 6 4], w [8 3 3 4], " + convDefaults + ")",
			conv(tensor.Conv{}, n(5, 6, 4), w)},
		{"tensor: Conv2D: input has 4 channels, weight wants 64 (x [1 5 6 4], w [3 3 3 64], " + convDefaults + ")",
			conv(tensor.Conv{}, x, n(3, 3, 3, 64))},
		{"tensor: Conv2D: input has 4 channels, weight wants 8 (x [1 5 6 4], w [8 3 3 4], {StrideH:1 StrideW:1 DilationH:1 DilationW:1 Groups:2 Padding:{Top:0 Bottom:0 Left:0 Right:0 Mode:zero}})",
			conv(tensor.Conv{Groups: 2}, x, w)},
		{"tensor: Conv2D: 3 output channels do not divide into 2 groups (x [1 5 6 4], w [3 3 3 2], {StrideH:1 StrideW:1 DilationH:1 DilationW:1 Groups:2 Padding:{Top:0 Bottom:0 Left:0 Right:0 Mode:zero}})",
			conv(tensor.Conv{Groups: 2}, x, n(3, 3, 3, 2))},
		{"tensor: Conv2D: stride, dilation and groups must be positive (x [1 5 6 4], w [8 3 3 4], {StrideH:-1 StrideW:1 DilationH:1 DilationW:1 Groups:1 Padding:{Top:0 Bottom:0 Left:0 Right:0 Mode:zero}})",
			conv(tensor.Conv{StrideH: -1}, x, w)},
		{"tensor: Conv2D: weight is empty (x [1 5 6 4], w [8 0 3 4], " + convDefaults + ")", conv(tensor.Conv{}, x, n(8, 0, 3, 4))},
		{"tensor: Conv2D: weight is empty (x [1 5 6 0], w [8 3 3 0], " + convDefaults + ")", conv(tensor.Conv{}, n(1, 5, 6, 0), n(8, 3, 3, 0))},
		{"tensor: Conv2D: filter is larger than the padded input (x [1 5 6 4], w [8 3 7 4], " + convDefaults + ")",
			conv(tensor.Conv{}, x, n(8, 3, 7, 4))},
		{"tensor: Conv2D: reflection needs a picture larger than its padding, not 5x6 for {Top:5 Bottom:5 Left:5 Right:5 Mode:reflect}",
			conv(tensor.Conv{Padding: tensor.PadAll(5, tensor.PadReflect)}, x, w)},
		{"tensor: Conv2D: bias [4] does not match 8 output channels", func() { tensor.Conv2D(n(1, 3, 4, 8), x, w, n(4), tensor.Conv{}) }},
		{"tensor: Conv2D: output of x (1,5,6,4) is [1 3 4 8], not [1 5 6 8]", func() { tensor.Conv2D(n(1, 5, 6, 8), x, w, nil, tensor.Conv{}) }},
		{"tensor: Conv2DGradInput: output of x (1,5,6,4) is [1 3 4 8], not [1 3 4 4]", func() { tensor.Conv2DGradInput(x, n(1, 3, 4, 4), w, tensor.Conv{}, false) }},
		{"tensor: Conv2DGradWeight: output of x (1,5,6,4) is [1 3 4 8], not [2 3 4 8]", func() { tensor.Conv2DGradWeight(w, x, n(2, 3, 4, 8), tensor.Conv{}) }},
		{"tensor: Conv2DGradBias: db [4] does not fit dy [1 3 4 8]", func() { tensor.Conv2DGradBias(n(4), n(1, 3, 4, 8)) }},

		{"tensor: ReLUMaxPool2DGrad: wants dx (N,P,Q,C) and dy (N,P/2,Q/2,C), not [1 5 6 4] and [1 3 3 4]",
			func() { tensor.ReLUMaxPool2DGrad(x, n(1, 3, 3, 4), nil, nil) }},
		{"tensor: ReLUMaxPool2DGrad: taps of 5 and a mask of 3 bytes for y [1 2 3 4], not 6 and 3",
			func() { tensor.ReLUMaxPool2DGrad(x, n(1, 2, 3, 4), make([]uint8, 5), make([]uint8, 3)) }},
		{"tensor: GramGrad: dx [], a [1 1] and dg [1 1] do not fit, wants (P,C), (P,C) and (C,C)",
			func() { tensor.GramGrad(n(), n(1, 1), n(1, 1), 1, false) }},

		{"tensor: Pad: wants (N,H,W,C), not [5 6 4]", func() { tensor.Pad(n(5, 6, 4), n(5, 6, 4), tensor.Padding{}) }},
		{"tensor: Pad: negative padding {Top:-1 Bottom:-1 Left:-1 Right:-1 Mode:zero}", func() { tensor.Pad(x, x, tensor.PadAll(-1, tensor.PadZero)) }},
		{"tensor: Pad: unknown padding mode in {Top:1 Bottom:1 Left:1 Right:1 Mode:PadMode(3)}", func() { tensor.Pad(x, x, tensor.PadAll(1, 3)) }},
		{"tensor: Pad: nothing to replicate in 0x6", func() { tensor.Pad(n(1, 2, 8, 4), n(1, 0, 6, 4), tensor.PadAll(1, tensor.PadReplicate)) }},
		{"tensor: PadGrad: [1 5 6 4] padded by {Top:1 Bottom:1 Left:1 Right:1 Mode:zero} is [1 7 8 4], not [1 7 7 4]",
			func() { tensor.PadGrad(x, n(1, 7, 7, 4), tensor.PadAll(1, tensor.PadZero)) }},

		{"tensor: Pool: a window of {KH:6 KW:2 StrideH:6 StrideW:2} does not fit x [1 5 6 4]", pool(tensor.Pool{KH: 6, KW: 2})},
		{"tensor: Pool: a window of {KH:0 KW:2 StrideH:0 StrideW:2} does not fit x [1 5 6 4]", pool(tensor.Pool{KW: 2})},
		{"tensor: Pool: a window of {KH:2 KW:2 StrideH:-1 StrideW:2} does not fit x [1 5 6 4]", pool(tensor.Pool{KH: 2, KW: 2, StrideH: -1})},
		{"tensor: Pool: a window of {KH:17 KW:16 StrideH:17 StrideW:16} does not fit x [1 20 20 4]",
			func() { tensor.Pool{KH: 17, KW: 16}.OutputShape(n(1, 20, 20, 4)) }},
		{"tensor: MaxPool2D: pooling x [1 5 6 4] by {KH:2 KW:2 StrideH:0 StrideW:0} gives [1 2 3 4], not [1 3 3 4]",
			func() { tensor.MaxPool2D(n(1, 3, 3, 4), nil, x, tensor.Pool{KH: 2, KW: 2}) }},
		{"tensor: MaxPool2D: 3 taps for y [1 2 3 4]", func() { tensor.MaxPool2D(n(1, 2, 3, 4), make([]uint8, 3), x, tensor.Pool{KH: 2, KW: 2}) }},
		{"tensor: MaxPool2DGrad: 3 taps for dy [1 2 3 4]", func() { tensor.MaxPool2DGrad(x, n(1, 2, 3, 4), make([]uint8, 3), tensor.Pool{KH: 2, KW: 2}) }},
		{"tensor: AvgPool2D: pooling x [1 5 6 4] by {KH:2 KW:2 StrideH:0 StrideW:0} gives [1 2 3 4], not [2 2 3 4]",
			func() { tensor.AvgPool2D(n(2, 2, 3, 4), x, tensor.Pool{KH: 2, KW: 2}) }},
		{"tensor: AvgPool2DGrad: pooling x [1 5 6 4] by {KH:2 KW:2 StrideH:0 StrideW:0} gives [1 2 3 4], not [1 2 3 3]",
			func() { tensor.AvgPool2DGrad(x, n(1, 2, 3, 3), tensor.Pool{KH: 2, KW: 2}) }},

		{"tensor: Add: shapes [2 3] and [4 3] do not combine", func() { tensor.Add(n(2, 3), n(2, 3), n(4, 3)) }},
		{"tensor: Sub: shapes [3] and [2 4] do not combine", func() { tensor.Sub(n(2, 4), n(3), n(2, 4)) }},
		{"tensor: Mul: [2 1] and [3] combine to [2 3], not [2 1]", func() { tensor.Mul(n(2, 1), n(2, 1), n(3)) }},
		{"tensor: Div: [0] and [1] combine to [0], not [1]", func() { tensor.Div(n(1), n(0), n(1)) }},
		{"tensor: BroadcastTo: [2 3] does not repeat to [3]", func() { tensor.BroadcastTo(n(3), n(2, 3)) }},
		{"tensor: BroadcastTo: [2] does not repeat to [3]", func() { tensor.BroadcastTo(n(3), n(2)) }},
		{"tensor: SumTo: [2 3] does not repeat to [3]", func() { tensor.SumTo(n(2, 3), n(3)) }},
		{"tensor: SumTo: [2] does not repeat to [4]", func() { tensor.SumTo(n(2), n(4)) }},

		{"tensor: Transpose: axes [0 0] are no permutation of the dimensions of [2 3]", func() { tensor.Transpose(n(2, 3), n(2, 3), 0, 0) }},
		{"tensor: Transpose: axes [1] are no permutation of the dimensions of [2 3]", func() { tensor.Transpose(n(2, 3), n(2, 3), 1) }},
		{"tensor: Transpose: [2 3] by axes [1 0] is [3 2], not [2 3]", func() { tensor.Transpose(n(2, 3), n(2, 3), 1, 0) }},
		{"tensor: Slice: [2 2] is not a part of [2 3] at index 2 of dimension 1", func() { tensor.Slice(n(2, 2), n(2, 3), 1, 2) }},
		{"tensor: SetSlice: [2] is not a part of [2 3] at index 0 of dimension 1", func() { tensor.SetSlice(n(2, 3), n(2), 1, 0) }},
		{"tensor: Slice: [2 3] is not a part of [2 3] at index 0 of dimension 2", func() { tensor.Slice(n(2, 3), n(2, 3), 2, 0) }},
		{"tensor: Slice: [1 3] is not a part of [2 3] at index -1 of dimension 0", func() { tensor.Slice(n(1, 3), n(2, 3), 0, -1) }},

		{"tensor: ReLU: shapes [2] and [3] differ", func() { tensor.ReLU(n(2), n(3)) }},
		{"tensor: ReLUGrad: shapes [2] and [3] differ", func() { tensor.ReLUGrad(n(2), n(2), n(3)) }},
		{"tensor: Scale: shapes [2] and [3] differ", func() { tensor.Scale(n(2), n(3), 1) }},
		{"tensor: AddScaled: shapes [2] and [3] differ", func() { tensor.AddScaled(n(2), 1, n(3)) }},
		{"tensor: Map: shapes [2] and [3] differ", func() { tensor.Map(n(2), n(3), nil) }},
		{"tensor: Map2: shapes [2] and [3] differ", func() { tensor.Map2(n(2), n(2), n(3), nil) }},
		{"tensor: SquaredDistanceGrad: shapes [6] and [2 3] differ", func() { tensor.SquaredDistanceGrad(n(6), n(6), n(2, 3), 1, false) }},
		{"tensor: SquaredDistanceGrad: shapes [5] and [6] differ", func() { tensor.SquaredDistanceGrad(n(5), n(6), n(6), 1, true) }},
		{"tensor: Normalize: shapes [5] and [6] differ", func() { tensor.Normalize(n(5), n(6), nil, nil) }},
		{"tensor: Normalize: 1 means and 2 deviations for x [3 2]", func() { tensor.Normalize(n(3, 2), n(3, 2), make([]float32, 1), make([]float32, 2)) }},
		{"tensor: NormalizeGrad: 1 means and 1 deviations for x [3 2]", func() { tensor.NormalizeGrad(n(3, 2), n(3, 2), make([]float32, 1)) }},
		{"tensor: Over: 3 values do not fill shape [2 2], which wants 4", func() { tensor.Over(make([]float32, 3), []int{2, 2}) }},
		{"tensor: SquaredDistance: shapes [6] and [2 3] differ", func() { tensor.SquaredDistance(n(6), n(2, 3)) }},
		{"tensor: Softmax: shapes [2] and [3] differ", func() { tensor.Softmax(n(2), n(3)) }},
		{"tensor: LogSoftmax: a tensor of rank 0 has no last dimension", func() { tensor.LogSoftmax(n(), n()) }},
		{"tensor: WeightedMoments: x [1 5 6 4] wants a weight for each position, not weights [5 5]", func() { tensor.WeightedMoments(x, n(5, 5)) }},
		{"tensor: WeightedMomentsGrad: shapes [2] and [3] differ", func() { tensor.WeightedMomentsGrad(n(2), n(3), nil, two, nil, nil, false) }},
		{"tensor: SquareRoot: wants square matrices of one size, not [2 2] and [3 3]", func() { tensor.SquareRoot(n(2, 2), n(3, 3)) }},
		{"tensor: BuresDistance: wants square matrices of one size, not [2 3] and [2 3]", func() { tensor.BuresDistance(nil, n(2, 3), n(2, 3)) }},
		{"tensor: ChannelMoments: a tensor of rank 0 has no last dimension", func() { tensor.ChannelMoments(n()) }},
		{"tensor: BatchNorm: shapes [2 3] and [3 2] differ", func() { tensor.BatchNorm(n(2, 3), n(3, 2), n(2), n(2), two, 1) }},
		{"tensor: BatchNorm: x [3 2] wants parameters and moments for 2 channels, not [2 3 2 2]",
			func() { tensor.BatchNorm(n(3, 2), n(3, 2), n(2), n(3), two, 1) }},
		{"tensor: BatchNormGradScale: x [2 3] wants parameters and moments for 3 channels, not [2 2]",
			func() { tensor.BatchNormGradScale(n(2, 3), n(2, 3), two, 1) }},
		{"tensor: BatchNormGradScale: shapes [2] and [3] differ", func() { tensor.BatchNormGradScale(n(2), n(3), two, 1) }},
		{"tensor: BatchNormGradInput: shapes [5 2] and [4 2] differ",
			func() { tensor.BatchNormGradInput(n(5, 2), n(4, 2), n(4, 2), n(2), two, 1, nil, nil) }},
		{"tensor: BatchNormGradInput: x [4 2] wants parameters and moments for 2 channels, not [2 0 1 2 2]",
			func() { tensor.BatchNormGradInput(n(4, 2), n(4, 2), n(4, 2), n(2), two, 1, nil, []float64{1}) }},
		{"tensor: DropoutMask: a mask for 9 values has 2 bytes, not 1", func() { tensor.DropoutMask(make([]uint8, 1), 9, 0.5, 1) }},
		{"tensor: DropoutMask: the probability 1 is not in [0,1)", func() { tensor.DropoutMask(make([]uint8, 1), 8, 1, 1) }},
		{"tensor: Dropout: shapes [2] and [3] differ", func() { tensor.Dropout(n(2), n(3), nil, 0.5) }},
		{"tensor: Dropout: a mask for [9] has 2 bytes, not 1", func() { tensor.Dropout(n(9), n(9), make([]uint8, 1), 0.5) }},
		{"tensor: Dropout: the probability -1 is not in [0,1)", func() { tensor.Dropout(n(8), n(8), make([]uint8, 1), -1) }},
		{"tensor: BoundPenaltyGrad: shapes [2] and [3] differ", func() { tensor.BoundPenaltyGrad(n(2), n(3), 0, 1, 1) }},
		{"tensor: TotalVariation: wants (N,H,W,C), not [2 3]", func() { tensor.TotalVariation(n(2, 3)) }},
		{"tensor: Quantiles: values [2 5] and quantiles [3 4], want (K,N) and (K,Q)", func() { tensor.Quantiles(n(3, 4), n(2, 5), nil) }},
		{"tensor: Quantiles: weights [4], want (5)", func() { tensor.Quantiles(n(2, 4), n(2, 5), n(4)) }},
		{"tensor: QuantileDistance: values [2 0] and quantiles [2 4], want (K,N) and (K,Q)", func() { tensor.QuantileDistance(nil, n(2, 0), n(2, 4), nil) }},
		{"tensor: QuantileDistance: gradient [5 2], x [2 5]: want one shape", func() { tensor.QuantileDistance(n(5, 2), n(2, 5), n(2, 4), nil) }},
		{"tensor: SelfSimilarity: rows [4 3], directions [4 2], similarities [4 4] and scales [2 4], want (N,C), (N,C), (N,N) and (2,N)", func() {
			tensor.SelfSimilarity(n(4, 4), n(4, 2), n(2, 4), n(4, 3))
		}},
		{"tensor: SelfSimilarityGrad: dy [3 4] and y [4 4], want one shape", func() {
			tensor.SelfSimilarityGrad(n(4, 3), n(3, 4), n(4, 4), n(4, 3), n(2, 4), false)
		}},
		{"tensor: TotalVariationGrad: shapes [2] and [3] differ", func() { tensor.TotalVariationGrad(n(2), n(3), 1) }},
	} {
		tensor.WantPanic(t, test.message, test.f)
	}
}

// TestTooManyElements checks that the size of a shape cannot overflow, on
// machines of any word size.
func TestTooManyElements(t *testing.T) {
	half := math.MaxInt/2 + 1
	for _, shape := range [][]int{{half, 2}, {2, half}, {math.MaxInt, math.MaxInt}, slices.Repeat([]int{3}, 64)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the elements of %v can be counted: %d", shape, tensor.NumElements(shape))
				}
			}()
			tensor.NumElements(shape)
		}()
	}
	if got := tensor.NumElements([]int{math.MaxInt}); got != math.MaxInt {
		t.Errorf("%d elements, want %d", got, math.MaxInt)
	}
}
