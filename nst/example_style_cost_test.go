package nst_test

import (
	"context"
	"fmt"
	"log"

	"github.com/brushgrad/brushgrad/autodiff"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// shiftedGram compares the Gram matrices of activations less 1. Without the shift,
// channels that are rarely active have elements near 0, whatever their style (R.
// Novak, Y. Nikulin, "Improving the Neural Algorithm of Artistic Style", 2016,
// "activation shift").
type shiftedGram struct{}

func (shiftedGram) Measure(dst []*autodiff.Var, a *autodiff.Var, mask *tensor.Tensor) []*autodiff.Var {
	shifted := autodiff.AddScalar(a, -1)
	defer shifted.Release() // no longer needed here; the gradient keeps what it reads
	if mask == nil {
		return append(dst, autodiff.Gram(shifted))
	}
	return append(dst, autodiff.GuidedGram(shifted, mask))
}

func (shiftedGram) Target(styles []nst.Measured) []*tensor.Tensor {
	blend := tensor.New(styles[0].Statistics[0].Shape()...)
	for _, s := range styles {
		tensor.AddScaled(blend, float32(s.Share), s.Statistics[0])
	}
	return []*tensor.Tensor{blend}
}

func (shiftedGram) Compare(dst []autodiff.Term, measured []*autodiff.Var, target []*tensor.Tensor) []autodiff.Term {
	gram, want := measured[0], target[0]
	distance := autodiff.SquaredDistance(gram, gram.Tape().Constant(want))
	return append(dst, autodiff.Term{Of: distance, Weight: 1 / (4 * float64(want.Len()))})
}

// A style cost that the package does not have, used like any other: at several
// scales, with one style in the left half of the picture and a blend of two in the
// rest.
func ExampleStyleCost() {
	stripes := func(height, width, period int) *tensor.Tensor {
		t := tensor.New(1, height, width, 3)
		for i := range t.Data() {
			t.Data()[i] = float32(i / 3 % width % period * 255 / (period - 1))
		}
		return t
	}
	content := stripes(48, 64, 64)
	left := tensor.New(1, 48, 64, 1)
	for i := range left.Data() {
		if i%64 < 32 {
			left.Data()[i] = 1
		}
	}
	styles := []nst.Style{
		{Picture: stripes(48, 48, 4), ContentMask: left},
		{Picture: stripes(48, 48, 8)},
		{Picture: stripes(48, 48, 16), Weight: 2},
	}
	net := vgg.New(vgg.Random(16, 1), vgg.MaxPooling)

	var first float64 // at full size
	result, err := nst.Transfer(context.Background(), net, content, styles, nst.Options{
		Costs:      nst.Costs{StyleCost: shiftedGram{}},
		Iterations: 20,
		MinSize:    40,
		OnEvaluation: func(p nst.Progress) {
			if p.Scale == p.Scales && first == 0 {
				first = p.Cost.Style
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Scales, "scales,", len(result.Cost.Regions), "regions")
	fmt.Println("less than half of the style cost is left:", result.Cost.Style < first/2)

	// Output:
	// 2 scales, 2 regions
	// less than half of the style cost is left: true
}
