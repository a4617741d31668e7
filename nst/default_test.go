package nst_test

import (
	"context"
	"testing"

	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
	"github.com/brushgrad/brushgrad/vgg/distilled"
)

// TestDefaultNetwork: the network that ships with the program sees at every
// layer, and with it painting works.
func TestDefaultNetwork(t *testing.T) {
	content, style := tensor.New(1, 64, 64, 3), tensor.New(1, 64, 64, 3)
	for i := range content.Data() {
		content.Data()[i] = float32(i / 3 % 64 * 4)
		style.Data()[i] = float32((i/3%64 + i/3/64) % 8 / 4 * 255)
	}
	o, err := nst.NewObjective(vgg.New(distilled.Weights(), vgg.MaxPooling), content, []nst.Style{{Picture: style}}, nst.Costs{})
	if err != nil {
		t.Fatal(err)
	}
	before := o.Evaluate(content, nil)
	result, err := nst.Transfer(context.Background(), vgg.New(distilled.Weights(), vgg.MaxPooling), content, []nst.Style{{Picture: style}}, nst.Options{Iterations: 40})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range before.Layers {
		if !(l.Value > 0) {
			t.Errorf("%s: no difference between a slope and stripes", l.Name)
		}
	}
	if !(result.Cost.Style < 0.1*before.Style) {
		t.Errorf("style cost %v of %v is left", result.Cost.Style, before.Style)
	}
}
