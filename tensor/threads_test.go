package tensor_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
)

// TestSameBitsOnAnyNumberOfThreads runs every kernel that works in parallel on
// 1, 2, 5 and 32 threads, with enough work for several tasks, in memory full of
// NaN. (MatMul and Gram have tests of
// their own.)
func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	type T = *tensor.Tensor
	rng := newRand(1)
	random := func(shape ...int) T { return tensor.Random(rng, shape...) }

	x, w, b := random(2, 41, 53, 8), random(20, 3, 3, 4), random(20)
	conv := tensor.Conv{StrideW: 2, Groups: 2, Padding: tensor.PadAll(2, tensor.PadReflect)}
	dy := random(conv.OutputShape(x, w)...)

	padding := tensor.Padding{Top: 3, Bottom: 1, Right: 4, Mode: tensor.PadReplicate}
	padded := random(2, 45, 57, 8)

	apart, overlapping := tensor.Pool{KH: 2, KW: 2}, tensor.Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 1}
	pooled := random(overlapping.OutputShape(x)...)
	taps := make([]uint8, pooled.Len())
	tensor.MaxPool2D(tensor.New(pooled.Shape()...), taps, x, overlapping)

	halved := random(apart.OutputShape(x)...)
	halvedTaps := make([]uint8, halved.Len())
	tensor.MaxPool2D(tensor.New(halved.Shape()...), halvedTaps, x, apart)

	picture, first := random(1, 100, 53, 3), random(24, 3, 3, 3)
	wide, same := random(16, 3, 3, 8), tensor.Conv{Padding: tensor.PadAll(1, tensor.PadReflect)}
	large, groups := random(1, 90, 100, 8), random(72, 3, 3, 8)
	unpooled, fused := random(2, 41, 53, 16), random(2, 20, 26, 16)
	mask := make([]uint8, tensor.MaskLen(unpooled.Len()))
	tensor.Conv2DReLU(tensor.New(unpooled.Shape()...), mask, x, wide, nil, same)
	fusedTaps, fusedMask := make([]uint8, tensor.TapsLen(fused.Len())), make([]uint8, tensor.MaskLen(fused.Len()))
	tensor.Conv2DReLUMaxPool(tensor.New(fused.Shape()...), fusedTaps, fusedMask, x, wide, nil, same)

	channels, column := random(8), random(53, 1)
	long, long2 := random(longEnough), random(longEnough)
	rows, rows2 := random(9000, 10), random(9000, 10)

	many, many2 := random(1<<19), random(1<<19)

	x2, moments := random(x.Shape()...), tensor.ChannelMoments(x)

	positions := tensor.Full(1, 2*41*53)
	for p := range positions.Data() {
		positions.Data()[p] /= float32(p%5 + 1)
	}

	spread, quantiles, spreadWeights := random(5, 7000), random(5, 64), random(7000)
	for i, v := range spreadWeights.Data() {
		spreadWeights.Data()[i] = v * v
	}
	places, pairs := random(300, 10), random(300, 300)

	number := func(dst T, v float64) { // all 53 bits of it
		for i := range dst.Data() {
			dst.Data()[i] = float32(v)
			v -= float64(float32(v))
		}
	}

	numbers := func(dst T, values []float64) {
		for i, v := range values {
			number(tensor.FromSlice(dst.Data()[3*i:][:3], 3), v)
		}
	}

	for _, test := range []struct {
		name  string
		shape []int // of the result
		run   func(dst T)
	}{
		{"Conv2D", dy.Shape(), func(dst T) { tensor.Conv2DReLU(dst, nil, x, w, b, conv) }},
		{"Conv2D, blocks of a task's own", []int{1, 90, 100, 16}, func(dst T) { tensor.Conv2D(dst, large, wide, nil, same) }},
		{"Conv2D, shared blocks", []int{2, 41, 53, 72}, func(dst T) { tensor.Conv2D(dst, x, groups, nil, same) }},
		{"Conv2DReLURows", []int{1, 90, 53, 24}, func(dst T) { tensor.Conv2DReLURows(dst, 3, 93, picture, first, nil, same) }},
		{"Conv2DReLUMaxPool", []int{2, 20, 26, 16}, func(dst T) {
			tensor.Conv2DReLUMaxPool(dst, make([]uint8, len(fusedTaps)), make([]uint8, len(fusedMask)), x, wide, nil, same)
		}},
		{"Conv2DReLUMaxPoolGradInput", x.Shape(), func(dst T) {
			tensor.Conv2DReLUMaxPoolGradInput(dst, fused, fusedTaps, fusedMask, wide, same, false)
		}},
		{"Conv2DReLUGradInput", x.Shape(), func(dst T) { tensor.Conv2DReLUGradInput(dst, unpooled, mask, wide, same, false) }},
		{"ReLUMaxPool2DGrad", unpooled.Shape(), func(dst T) { tensor.ReLUMaxPool2DGrad(dst, fused, fusedTaps, fusedMask) }},
		{"MaskGrad", unpooled.Shape(), func(dst T) { tensor.MaskGrad(dst, unpooled, mask) }},
		{"Conv2DGradInput", x.Shape(), func(dst T) { tensor.Conv2DGradInput(dst, dy, w, conv, false) }},
		{"Conv2DGradWeight", w.Shape(), func(dst T) { tensor.Conv2DGradWeight(dst, x, dy, conv) }},
		{"Conv2DGradBias", b.Shape(), func(dst T) { tensor.Conv2DGradBias(dst, dy) }},
		{"Pad", padded.Shape(), func(dst T) { tensor.Pad(dst, x, padding) }},
		{"PadGrad", x.Shape(), func(dst T) { tensor.PadGrad(dst, padded, padding) }},
		{"MaxPool2D", pooled.Shape(), func(dst T) { tensor.MaxPool2D(dst, make([]uint8, dst.Len()), x, overlapping) }},
		{"MaxPool2DGrad", x.Shape(), func(dst T) { tensor.MaxPool2DGrad(dst, pooled, taps, overlapping) }},
		{"MaxPool2D, 2x2", halved.Shape(), func(dst T) { tensor.MaxPool2D(dst, make([]uint8, dst.Len()), x, apart) }},
		{"MaxPool2DGrad, 2x2", x.Shape(), func(dst T) { tensor.MaxPool2DGrad(dst, halved, halvedTaps, apart) }},
		{"AvgPool2DGrad, 2x2", x.Shape(), func(dst T) { tensor.AvgPool2DGrad(dst, halved, apart) }},
		{"AvgPool2D", apart.OutputShape(x), func(dst T) { tensor.AvgPool2D(dst, x, apart) }},
		{"AvgPool2DGrad", x.Shape(), func(dst T) { tensor.AvgPool2DGrad(dst, pooled, overlapping) }},
		{"Add", long.Shape(), func(dst T) { tensor.Add(dst, long, long2) }},
		{"Mul, repeated", x.Shape(), func(dst T) { tensor.Mul(dst, x, channels) }},
		{"BroadcastTo", x.Shape(), func(dst T) { tensor.BroadcastTo(dst, column) }},
		{"SumTo", []int{53, 1}, func(dst T) { tensor.SumTo(dst, x) }},
		{"Transpose", []int{10, 9000}, func(dst T) { tensor.Transpose(dst, rows, 1, 0) }},
		{"Transpose, rank 4", []int{8, 53, 2, 41}, func(dst T) { tensor.Transpose(dst, x, 3, 2, 0, 1) }},
		{"ReLU", long.Shape(), func(dst T) { tensor.ReLU(dst, long) }},
		{"ReLUGrad", long.Shape(), func(dst T) { tensor.ReLUGrad(dst, long, long2) }},
		{"Scale", long.Shape(), func(dst T) { tensor.Scale(dst, long, 0.3) }},
		{"AddScaled", long.Shape(), func(dst T) { dst.CopyFrom(long2); tensor.AddScaled(dst, 0.3, long) }},
		{"Map", long.Shape(), func(dst T) { tensor.Map(dst, long, func(v float32) float32 { return v * v }) }},
		{"Map2", long.Shape(), func(dst T) { tensor.Map2(dst, long, long2, func(v, w float32) float32 { return v * w }) }},
		{"Sum", []int{3}, func(dst T) { number(dst, tensor.Sum(many)) }},
		{"SquaredDistance", []int{3}, func(dst T) { number(dst, tensor.SquaredDistance(many, many2)) }},
		{"SquaredDistanceGrad", many.Shape(), func(dst T) { tensor.SquaredDistanceGrad(dst, many, many2, 0.3, false) }},
		{"Normalize", x.Shape(), func(dst T) { tensor.Normalize(dst, x, channels.Data(), channels.Data()) }},
		{"NormalizeGrad", x.Shape(), func(dst T) { tensor.NormalizeGrad(dst, x, channels.Data()) }},
		{"SumAbs", []int{3}, func(dst T) { number(dst, tensor.SumAbs(many)) }},
		{"WeightedMoments", []int{2 * 8 * 3}, func(dst T) {
			m := tensor.WeightedMoments(x, positions)
			numbers(dst, append(m.Mean, m.Variance...))
		}},
		{"WeightedMomentsGrad", x.Shape(), func(dst T) {
			tensor.WeightedMomentsGrad(dst, x, positions, moments, moments.Mean, moments.Variance, false)
		}},
		{"ChannelMoments", []int{2 * 8 * 3}, func(dst T) {
			m := tensor.ChannelMoments(x)
			numbers(dst, append(m.Mean, m.Variance...))
		}},
		{"BatchNorm", x.Shape(), func(dst T) { tensor.BatchNorm(dst, x, channels, channels, moments, 1e-5) }},
		{"BatchNormGradScale", []int{2 * 8 * 3}, func(dst T) {
			dgamma, dbeta := tensor.BatchNormGradScale(x2, x, moments, 1e-5)
			numbers(dst, append(dgamma, dbeta...))
		}},
		{"BatchNormGradInput", x.Shape(), func(dst T) {
			tensor.BatchNormGradInput(dst, x2, x, channels, moments, 1e-5, moments.Mean, moments.Variance)
		}},
		{"Dropout", many.Shape(), func(dst T) {
			mask := make([]uint8, tensor.MaskLen(many.Len()))
			tensor.DropoutMask(mask, many.Len(), 0.5, 1)
			tensor.Dropout(dst, many, mask, 0.5)
		}},
		{"BoundPenalty", []int{3}, func(dst T) { number(dst, tensor.BoundPenalty(many, -0.5, 0.5)) }},
		{"BoundPenaltyGrad", many.Shape(), func(dst T) { dst.Fill(0); tensor.BoundPenaltyGrad(dst, many, -0.5, 0.5, 0.3) }},
		{"TotalVariation", []int{3}, func(dst T) { number(dst, tensor.TotalVariation(x)) }},
		{"TotalVariationGrad", x.Shape(), func(dst T) { tensor.TotalVariationGrad(dst, x, 0.3) }},
		{"Softmax", rows.Shape(), func(dst T) { tensor.Softmax(dst, rows) }},
		{"SoftmaxGrad", rows.Shape(), func(dst T) { tensor.SoftmaxGrad(dst, rows, rows2) }},
		{"LogSoftmax", rows.Shape(), func(dst T) { tensor.LogSoftmax(dst, rows) }},
		{"Quantiles", []int{5, 64}, func(dst T) { tensor.Quantiles(dst, spread, spreadWeights) }},
		{"QuantileDistance", spread.Shape(), func(dst T) { tensor.QuantileDistance(dst, spread, quantiles, spreadWeights) }},
		{"QuantileDistance, value", []int{3}, func(dst T) { number(dst, tensor.QuantileDistance(nil, spread, quantiles, nil)) }},
		{"SelfSimilarity", []int{300, 300}, func(dst T) {
			tensor.SelfSimilarity(dst, tensor.New(300, 10), tensor.New(2, 300), places)
		}},
		{"SelfSimilarityGrad", places.Shape(), func(dst T) {
			y, u, scales := tensor.New(300, 300), tensor.New(300, 10), tensor.New(2, 300)
			tensor.SelfSimilarity(y, u, scales, places)
			tensor.SelfSimilarityGrad(dst, pairs.Clone(), y, u, scales, false)
		}},
		{"LogSoftmaxGrad", rows.Shape(), func(dst T) { tensor.LogSoftmaxGrad(dst, rows, rows2) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var first []float32
			for _, threads := range []int{1, 2, 5, 32} {
				dst := dirty(test.shape...)
				tensor.PoisonScratch(1 << 19)
				old := runtime.GOMAXPROCS(threads)
				test.run(dst)
				runtime.GOMAXPROCS(old)
				if first == nil {
					first = dst.Data()
				}
				checkSameBits(t, fmt.Sprintf("%d threads", threads), dst.Data(), first)
				for i, v := range first {
					if v != v {
						t.Fatalf("element %d is NaN", i)
					}
				}
			}
		})
	}
}

// TestPoisonReachesTheKernels checks that PoisonScratch does what other tests
// rely on: buffers come back from the pools full of NaN.
func TestPoisonReachesTheKernels(t *testing.T) {
	for range 100 { // the race detector makes pools forget at random
		tensor.PoisonScratch(1 << 10)
		if tensor.ScratchIsPoisoned() {
			return
		}
	}
	t.Error("no buffer was full of NaN")
}
